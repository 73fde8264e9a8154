"""What a caller is told when a contract refuses, found by letting each custom error happen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from eth_abi.abi import encode

from core.chain.revert import reverted
from core.crypto import keccak256
from core.errors import ContractReverted, SmartRetailError
from scripts.bindings import committed_abis

_A_MOMENT_S: Final = 1_776_643_200
_SECONDS: Final = frozenset(
    {
        "deadline",
        "timestamp",
        "cutoff",
        "until",
        "validFrom",
        "validTo",
        "revokedAt",
        "validUntil",
        "since",
        "reportedAt",
        "period",
        "previous",
    }
)
_MILLISECONDS: Final = frozenset({"occurredAt", "toTime", "measuredAt"})
_LONG_HEX: Final = re.compile(r"0x([0-9a-f]{4})[0-9a-f]{16,}")


@dataclass(frozen=True, slots=True)
class ContractError:
    """A custom error, who raises it, and what becomes of it."""

    signature: str
    contracts: list[str]
    error: SmartRetailError

    @property
    def sentence(self) -> str:
        """The message, its hashes and addresses shortened."""
        return _LONG_HEX.sub(r"0x\1…", self.error.message)


def explained() -> list[ContractError]:
    """Errors with a sentence of their own, by signature."""
    return [one for one in _all() if not isinstance(one.error, ContractReverted)]


def unexplained() -> list[str]:
    """Names of the others."""
    return [one.error.details["error"] for one in _all() if isinstance(one.error, ContractReverted)]


def _all() -> Iterator[ContractError]:
    found: dict[str, ContractError] = {}
    for contract, abi in committed_abis().items():
        for item in (item for item in abi if item["type"] == "error"):
            signature = _signature(item)
            one = found.setdefault(signature, ContractError(signature, [], reverted(_data(item))))
            one.contracts.append(contract)
    return iter(found[signature] for signature in sorted(found))


def _signature(item: dict[str, Any]) -> str:
    inputs = [f"{one['type']} {one['name']}" for one in item["inputs"]]
    return f"{item['name']}({', '.join(inputs)})"


def _data(item: dict[str, Any]) -> bytes:
    """Revert data of the error with invented arguments."""
    types = [one["type"] for one in item["inputs"]]
    values = [_value(one, place) for place, one in enumerate(item["inputs"], 1)]
    selector = keccak256(f"{item['name']}({','.join(types)})".encode())[:4]
    return selector + encode(types, values)


def _value(parameter: dict[str, Any], place: int) -> Any:
    """`place` makes arguments of one type differ; a head's first eight bytes count its events."""
    kind, name = parameter["type"], parameter["name"]
    if kind.startswith(("uint", "int")):
        if name in _MILLISECONDS:
            return (_A_MOMENT_S + 3600) * 1000
        if name == "status":
            return place
        return _A_MOMENT_S + place * 60 if name in _SECONDS else 90 + place
    if kind == "bytes32" and name in ("expected", "actual"):
        return place.to_bytes(8, "big") + b"\xab" * 24
    filler = bytes([0x11 * place])
    sizes = {"address": 20, "bytes32": 32, "bytes4": 4}
    return filler.hex() if kind == "string" else filler * sizes[kind]
