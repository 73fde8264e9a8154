"""Sentences for what DeviceRegistry refuses."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.chain.bindings import device_registry
from core.chain.revert_words import moment
from core.crypto import to_hex
from core.errors import AlreadyExists, BadInput, RevokedDevice, SmartRetailError, UnknownEntity

RULES: Final[Mapping[type[Any], tuple[type[SmartRetailError], Callable[[Any], str]]]] = {
    device_registry.InvalidDevice: (BadInput, lambda e: "the zero address is no device's key"),
    device_registry.InvalidPublicKey: (
        BadInput,
        lambda e: f"({to_hex(e.x)}, {to_hex(e.y)}) is no public key of the curve P-256",
    ),
    device_registry.InvalidValidity: (
        BadInput,
        lambda e: f"valid from {moment(e.valid_from)} to {moment(e.valid_until)} is no interval",
    ),
    device_registry.DeviceExists: (
        AlreadyExists,
        lambda e: f"device {to_hex(e.device)} was registered before; a key is registered once",
    ),
    device_registry.DeviceNotFound: (
        UnknownEntity,
        lambda e: f"device {to_hex(e.device)} is not registered",
    ),
    device_registry.DeviceIsRevoked: (
        RevokedDevice,
        lambda e: f"device {to_hex(e.device)} is revoked since {moment(e.since)}, for good",
    ),
    device_registry.RevokedInFuture: (
        BadInput,
        lambda e: f"revoked since {moment(e.since)}, but it is {moment(e.timestamp)}",
    ),
}
