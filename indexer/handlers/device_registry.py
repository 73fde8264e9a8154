"""DeviceRegistry: which sensors are to be believed, and when."""

from typing import Any

from core.chain.bindings.device_registry import (
    DeviceBound,
    DeviceCalibrated,
    DeviceRegistered,
    DeviceRevoked,
)
from core.errors import Malformed
from core.types import Address
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def device_registered(event: DeviceRegistered, at: Place, _state: State) -> list[Row]:
    """A new key, free to speak for any product."""
    return [
        rows.Device(
            address=event.device,
            calibration_hash=event.calibration_hash,
            valid_from=rows.clamped(event.valid_from),
            valid_until=rows.clamped(event.valid_until),
            revoked_since=None,
            subject=None,
            public_key=_or_none(event.x + event.y),
            registered_block=at.block_number,
        )
    ]


def device_calibrated(event: DeviceCalibrated, _at: Place, state: State) -> list[Row]:
    """A later calibration, and how long it holds. Raises Malformed if unknown."""
    until = rows.clamped(event.valid_until)
    return _changed(state, event, calibration_hash=event.calibration_hash, valid_until=until)


def device_revoked(event: DeviceRevoked, _at: Place, state: State) -> list[Row]:
    """The second its word ends at, which may lie in the past. Raises Malformed if unknown."""
    return _changed(state, event, revoked_since=rows.clamped(event.since))


def device_bound(event: DeviceBound, _at: Place, state: State) -> list[Row]:
    """What it speaks for from now on. Raises Malformed if unknown."""
    return _changed(state, event, subject=_or_none(event.subject))


def _changed(state: State, event: Any, **values: object) -> list[Row]:
    device = state.devices.get(Address(event.device))
    if device is None:
        raise Malformed(f"device 0x{event.device.hex()} changes but was never registered")
    return [device._replace(**values)]


def _or_none(value: bytes) -> bytes | None:
    return value if any(value) else None
