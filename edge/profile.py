"""What a device is told once, when it is set up: a folder `<state>/edge/<name>` of its own.

profile.json   what to measure, for which product, whom to trust
key            the device's private key, readable by its owner only
outbox.db      readings the gateway has not yet confirmed
"""

import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from core.crypto import (
    Domain,
    address_of,
    from_hex,
    keccak256,
    new_private_key,
    to_address,
    to_hex,
)
from core.crypto.structs import reading_domain
from core.errors import AlreadyExists, BadConfig, SmartRetailError
from core.types import Address, ProductId
from edge.trace import AMBIENT


@dataclass(frozen=True, slots=True)
class Replay:
    """Which part of a recorded trace the simulated sensor measures, and how fast."""

    trace: str = AMBIENT
    start: str = "2013-12-22 00:00:00"
    """Where to begin, as the trace writes its times."""
    count: int = 48
    shift_mc: int = -18_000
    """Added to each value: edge/data/SOURCES.md says why."""
    interval_ms: int = 600_000
    """Between two readings' `measured_at`."""
    pace_s: float = 0.05
    """Real time between two readings."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A device's settings."""

    name: str
    product: str
    """Canonical Digital Link of what the sensor rides with."""
    chain_id: int
    contract: str
    """SensorOracle, 0x-hex: what a signature is meant for."""
    gateway: str
    """Whose acknowledgements count, 0x-hex."""
    start_at: int
    """`measured_at` of the first reading, Unix milliseconds."""
    replay: Replay = field(default_factory=Replay)

    @property
    def product_id(self) -> ProductId:
        return ProductId(keccak256(self.product.encode()))

    @property
    def domain(self) -> Domain:
        return reading_domain(self.chain_id, to_address(self.contract))

    @property
    def gateway_address(self) -> Address:
        return to_address(self.gateway)


def folder_of(state_dir: Path, name: str) -> Path:
    """Where a device keeps everything."""
    return state_dir / "edge" / name


def provision(state_dir: Path, profile: Profile, private_key: bytes | None = None) -> Address:
    """Set up a device, with a fresh key unless one is given; doing it again changes nothing.

    Raises:
        AlreadyExists: the device was set up with another profile or key.
    """
    folder = folder_of(state_dir, profile.name)
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "key"
    if not key.exists():
        _write(key, to_hex(private_key or new_private_key()).encode())
    kept = load_key(folder)
    if private_key is not None and kept != private_key:
        raise AlreadyExists(f"device {profile.name} has another key", pointer=str(key))
    if not (folder / "profile.json").exists():
        _write(folder / "profile.json", orjson.dumps(asdict(profile), option=orjson.OPT_INDENT_2))
    if load(folder) != profile:
        raise AlreadyExists(f"device {profile.name} has another profile", pointer=str(folder))
    return address_of(kept)


def load(folder: Path) -> Profile:
    """The profile in a device's folder. Raises BadConfig."""
    path = folder / "profile.json"
    try:
        fields: dict[str, Any] = orjson.loads(path.read_bytes())
        return Profile(**{**fields, "replay": Replay(**fields["replay"])})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadConfig(
            f"{path} is no device profile: {error}", hint="Set the device up again."
        ) from error


def load_key(folder: Path) -> bytes:
    """The device's private key. Raises BadConfig if it is missing or others may read it."""
    path = folder / "key"
    try:
        if path.stat().st_mode & 0o077:
            raise BadConfig(f"others may read {path}", hint=f"chmod 600 {path}")
        return from_hex(path.read_text().strip(), length=32)
    except (OSError, SmartRetailError) as error:
        if isinstance(error, BadConfig):
            raise
        raise BadConfig(f"{path} holds no key: {error}") from error


def _write(path: Path, content: bytes) -> None:
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
