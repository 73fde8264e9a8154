"""Which readings of a device count: what DeviceRegistry says of it, as the mirror holds it.

ActorRegistry's role DEVICE only gives a device its name; a second list of who is to be believed
could contradict the first, and it knows neither calibrations nor since when a device is lost.
"""

from collections.abc import Iterable
from typing import Final

from sqlmodel import Session, col, select

from core import clock
from core.clock import iso
from core.crypto import to_hex
from core.db.chain_tables import Device
from core.errors import (
    DeviceBoundElsewhere,
    DeviceNotValid,
    ReadingFromFuture,
    RevokedDevice,
    UnknownDevice,
)
from core.messages import Reading

_YEAR_10000_MS: Final = 253_402_300_800_000


def devices_of(session: Session, addresses: Iterable[bytes]) -> dict[bytes, Device]:
    """The registered ones among these."""
    rows = session.exec(select(Device).where(col(Device.address).in_(set(addresses))))
    return {row.address: row for row in rows}


def check_device(reading: Reading, device: Device | None) -> None:
    """Pass silently if `DeviceRegistry.isValidFor` would say yes to the reading.

    Raises:
        UnknownDevice, RevokedDevice, DeviceNotValid, DeviceBoundElsewhere: why not.
    """
    name, second = to_hex(reading.device), reading.measured_at // 1000
    if device is None:
        raise UnknownDevice(f"{name} is not registered as a device")
    if device.revoked_since is not None and second >= device.revoked_since:
        raise RevokedDevice(
            f"{name} is revoked since {_moment(device.revoked_since * 1000)}, "
            f"and reading {reading.seq} is of {_moment(reading.measured_at)}"
        )
    if not device.valid_from <= second <= device.valid_until:
        raise DeviceNotValid(
            f"{name} is valid from {_moment(device.valid_from * 1000)} to "
            f"{_moment(device.valid_until * 1000)}, "
            f"and reading {reading.seq} is of {_moment(reading.measured_at)}"
        )
    if device.subject not in (None, reading.product_id):
        raise DeviceBoundElsewhere(
            f"{name} may speak for {to_hex(device.subject)} only, not for "
            f"{to_hex(reading.product_id)}"
        )


def check_time(reading: Reading, clock_skew_s: float) -> None:
    """Pass silently unless the reading is later than now and the allowance.

    Raises:
        ReadingFromFuture: SensorOracle would refuse its batch, and all readings in it.
    """
    now = clock.now_ms()
    if reading.measured_at > now + clock_skew_s * 1000:
        raise ReadingFromFuture(
            f"reading {reading.seq} is of {_moment(reading.measured_at)}, but it is {iso(now)}"
        )


def _moment(milliseconds: int) -> str:
    """A date, or the bare number when it lies beyond what a calendar holds."""
    return iso(milliseconds) if milliseconds < _YEAR_10000_MS else f"millisecond {milliseconds}"
