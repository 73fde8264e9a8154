"""Revert data of our contracts -> one typed error with a sentence a person can act on."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from core.chain import abi, revert_carbon
from core.chain.bindings import (
    actor_registry,
    anchor_log,
    authority,
    carbon_token,
    certificate_registry,
    delivery_escrow,
    device_registry,
    footprint_registry,
    forecast_ledger,
    sensor_feed,
    sensor_oracle,
    serial_registry,
    supply_chain,
)
from core.chain.revert_deliveries import RULES as _DELIVERIES
from core.chain.revert_devices import RULES as _DEVICES
from core.chain.revert_forecasts import RULES as _FORECASTS
from core.chain.revert_libraries import LIBRARIES
from core.chain.revert_words import moment as _moment
from core.crypto import to_hex
from core.errors import (
    AlreadyExists,
    BadInput,
    Conflict,
    ContractReverted,
    Expired,
    InvalidSignature,
    Malformed,
    NotCustodian,
    ProductRecalled,
    Retryable,
    SmartRetailError,
    StaleHead,
    Unauthorized,
    UnknownEntity,
)

ERRORS: Final[Mapping[bytes, type[Any]]] = {
    **authority.ERRORS,
    **actor_registry.ERRORS,
    **carbon_token.ERRORS,
    **serial_registry.ERRORS,
    **footprint_registry.ERRORS,
    **sensor_oracle.ERRORS,
    **sensor_feed.ERRORS,
    **device_registry.ERRORS,
    **forecast_ledger.ERRORS,
    **supply_chain.ERRORS,
    **delivery_escrow.ERRORS,
    **certificate_registry.ERRORS,
    **anchor_log.ERRORS,
}
"""Every custom error of every contract, by its four-byte selector."""

_ERROR: Final = bytes.fromhex("08c379a0")  # Error(string)
_PANIC: Final = bytes.fromhex("4e487b71")  # Panic(uint256)
_PANICS: Final[Mapping[int, str]] = {
    0x01: "an assertion failed",
    0x11: "a number over- or underflowed",
    0x12: "a division by zero",
    0x21: "a value outside its list",
    0x32: "an index outside its array",
    0x41: "too much memory was asked for",
}
_RECALLED: Final = supply_chain.ProductIsRecalled
_RULES: Final[Mapping[type[Any], tuple[type[SmartRetailError], Callable[[Any], str]]]] = {
    supply_chain.StaleHead: (
        StaleHead,
        lambda e: (
            f"product {to_hex(e.product_id)} is at event {_seq(e.actual)}, "
            f"but this was signed for event {_seq(e.expected)}"
        ),
    ),
    supply_chain.NotCustodian: (
        NotCustodian,
        lambda e: (
            f"{to_hex(e.actor)} does not hold product {to_hex(e.product_id)}: {holder(e.custodian)}"
        ),
    ),
    supply_chain.NotSender: (
        Unauthorized,
        lambda e: f"only {to_hex(e.from_)} can hand over here, not {to_hex(e.sender)}",
    ),
    supply_chain.Expired: (
        Expired,
        lambda e: f"signed until {_moment(e.deadline)}, now {_moment(e.timestamp)}",
    ),
    supply_chain.InvalidSignature: (
        InvalidSignature,
        lambda e: f"the signature is not one of {to_hex(e.expected)} over this data",
    ),
    supply_chain.InvalidKind: (
        BadInput,
        lambda e: f"event kind {e.kind} cannot be recorded; kinds are 1 to 15",
    ),
    supply_chain.InvalidRecallLevel: (
        BadInput,
        lambda e: f"recall level {e.level} does not exist; levels are 1 to 3",
    ),
    _RECALLED: (
        ProductRecalled,
        lambda e: f"product {to_hex(e.product_id)} carries a recall of level {e.level}",
    ),
    supply_chain.UnknownProduct: (
        UnknownEntity,
        lambda e: f"product {to_hex(e.product_id)} has no recorded history",
    ),
    supply_chain.OccurredInFuture: (
        BadInput,
        lambda e: f"occurred at {_moment(e.occurred_at // 1000)}, but it is {_moment(e.timestamp)}",
    ),
    supply_chain.EmptyBatch: (BadInput, lambda e: "the batch names no product"),
    supply_chain.BatchTooLarge: (
        BadInput,
        lambda e: f"{e.length} products in one batch; at most {e.maximum} fit",
    ),
    supply_chain.LengthMismatch: (
        BadInput,
        lambda e: f"{e.product_ids} products but {e.prev_heads} heads",
    ),
    supply_chain.CountMismatch: (
        BadInput,
        lambda e: f"{e.expected} items of one list, but {e.actual} of the one that goes with it",
    ),
    supply_chain.NonceUsed: (
        AlreadyExists,
        lambda e: f"{to_hex(e.actor)} used or voided nonce {e.nonce} before",
    ),
    supply_chain.UnknownEntry: (
        UnknownEntity,
        lambda e: f"product {to_hex(e.product_id)} has no entry {e.corrected_seq}",
    ),
    supply_chain.NotRecalled: (
        Conflict,
        lambda e: f"product {to_hex(e.product_id)} carries no recall that could be closed",
    ),
    supply_chain.RecalledByRegulator: (
        Unauthorized,
        lambda e: (
            f"a regulator recalled product {to_hex(e.product_id)}; only a regulator closes it"
        ),
    ),
    supply_chain.ContainsRecalled: (
        ProductRecalled,
        lambda e: f"{e.recalled} products inside {to_hex(e.product_id)} are recalled",
    ),
    supply_chain.ProductIsPacked: (
        Conflict,
        lambda e: (
            f"product {to_hex(e.product_id)} is inside {to_hex(e.parent_id)}; take it out first"
        ),
    ),
    supply_chain.NotInside: (
        Conflict,
        lambda e: f"product {to_hex(e.product_id)} is not directly in {to_hex(e.parent_id)}",
    ),
    supply_chain.PackedInItself: (
        BadInput,
        lambda e: f"product {to_hex(e.product_id)} cannot be put into itself",
    ),
    supply_chain.PackedTooHigh: (
        BadInput,
        lambda e: (
            f"{e.height} packings would stand in {to_hex(e.parent_id)}; "
            f"at most {e.maximum} can be followed"
        ),
    ),
    supply_chain.NotOffered: (
        Conflict,
        lambda e: f"this handover of product {to_hex(e.product_id)} is not on offer",
    ),
    supply_chain.NotReceiver: (
        Unauthorized,
        lambda e: f"only {to_hex(e.to)} can take or refuse this offer, not {to_hex(e.sender)}",
    ),
    supply_chain.NotExpired: (
        Conflict,
        lambda e: f"the offer stands until {_moment(e.deadline)}, now it is {_moment(e.timestamp)}",
    ),
    supply_chain.MassIsDeclared: (
        AlreadyExists,
        lambda e: f"the mass of product {to_hex(e.product_id)} was declared or made before",
    ),
    supply_chain.NoMass: (
        BadInput,
        lambda e: f"zero grams declare no mass of product {to_hex(e.product_id)}",
    ),
    supply_chain.MassExceeded: (
        BadInput,
        lambda e: f"{e.used} g of product {to_hex(e.product_id)} are used, {e.left} g are left",
    ),
    supply_chain.MassCreated: (
        BadInput,
        lambda e: f"{e.made} g would be made of {e.used} g",
    ),
    supply_chain.MassTooLarge: (
        BadInput,
        lambda e: f"{e.grams} g of product {to_hex(e.product_id)} are more than can be counted",
    ),
    actor_registry.InvalidRole: (BadInput, lambda e: f"role {e.role} does not exist"),
    actor_registry.InvalidActor: (BadInput, lambda e: "the zero address cannot act"),
    actor_registry.EmptyIdentifier: (
        BadInput,
        lambda e: f"{to_hex(e.actor)} needs a GS1 identifier",
    ),
    actor_registry.AlreadyRegistered: (
        AlreadyExists,
        lambda e: f"{to_hex(e.actor)} is registered with role {e.role}; revoke it first",
    ),
    actor_registry.UnknownActor: (
        UnknownEntity,
        lambda e: f"{to_hex(e.actor)} is not registered",
    ),
    actor_registry.AccessManagedUnauthorized: (
        Unauthorized,
        lambda e: f"{to_hex(e.caller)} may not administer this contract",
    ),
    **revert_carbon.RULES,
    **_DEVICES,
    sensor_oracle.AlreadyAttested: (
        AlreadyExists,
        lambda e: f"batch {to_hex(e.batch_id)} is on chain already",
    ),
    sensor_oracle.StaleConfig: (
        StaleHead,
        lambda e: "the oracle's signers changed after this report was signed",
    ),
    sensor_oracle.TooFewSignatures: (
        BadInput,
        lambda e: f"{e.count} signatures, {e.threshold} are needed",
    ),
    sensor_oracle.UnknownSigner: (
        InvalidSignature,
        lambda e: f"{to_hex(e.signer)} is no oracle worker of this epoch",
    ),
    sensor_oracle.UnsortedSigners: (
        BadInput,
        lambda e: f"signer {to_hex(e.next)} must come before {to_hex(e.previous)}, once",
    ),
    sensor_oracle.InconsistentReport: (
        BadInput,
        lambda e: f"count, times or statistics of batch {to_hex(e.batch_id)} contradict each other",
    ),
    sensor_oracle.MeasuredInFuture: (
        BadInput,
        lambda e: f"measured at {_moment(e.to_time // 1000)}, but it is {_moment(e.timestamp)}",
    ),
    sensor_oracle.InvalidConfig: (
        BadInput,
        lambda e: (
            f"{e.signers} signers and a threshold of {e.threshold}: 1 to 31 signers must reach it"
        ),
    ),
    sensor_oracle.InvalidFeed: (
        BadInput,
        lambda e: f"feed {to_hex(e.feed_id)} needs a minimum below its maximum, and a heartbeat",
    ),
    sensor_oracle.UnknownFeed: (
        UnknownEntity,
        lambda e: f"nobody set up a feed {to_hex(e.feed_id)}",
    ),
    sensor_oracle.StaleAnswer: (
        Retryable,
        lambda e: (
            f"the newest answer of feed {to_hex(e.feed_id)} is "
            f"{_measured(e.measured_at)}, too old at {_moment(e.timestamp)}"
        ),
    ),
    sensor_oracle.AnswerAtBound: (
        Retryable,
        lambda e: f"feed {to_hex(e.feed_id)} shows {e.value}, a bound of what its sensor can tell",
    ),
    sensor_feed.NoDataPresent: (
        UnknownEntity,
        lambda e: f"round {e.round_id} is not the newest of this feed; older ones are events",
    ),
    **_DELIVERIES,
    **_FORECASTS,
}
_BY_SELECTOR: Final = {
    kind.SELECTOR: (kind, *rule) for kind, rule in {**LIBRARIES, **_RULES}.items()
}
"""By selector: the same OpenZeppelin error is a class of its own in each binding."""


def reverted(data: bytes, message: str = "") -> SmartRetailError:
    """The typed error for a contract's revert data; `message` is the node's own text.

    Never raises: data that is no known error becomes ContractReverted with the data in `details`.
    """
    details: dict[str, Any] = {"data": to_hex(data)}
    known = ERRORS.get(data[:4])
    if known is None:
        return ContractReverted(_unknown(data, message), details=details)
    kind, target, sentence = _BY_SELECTOR.get(data[:4], (known, ContractReverted, in_words))
    details["error"] = kind.__name__
    try:
        told: SmartRetailError = target(sentence(kind.decode(data)), details=details)
        return told
    except Malformed as broken:
        return ContractReverted(broken.message, details=details)


def in_words(error: Any) -> str:
    """An error nobody wrote a sentence for: its name and arguments, spelled out."""
    name = _words(type(error).__name__)
    told = [f"{_words(name)} {_shown(value)}" for name, value in _arguments(error)]
    return (
        f"a contract refused: {name} ({', '.join(told)})" if told else f"a contract refused: {name}"
    )


def _arguments(error: Any) -> list[tuple[str, Any]]:
    """Those a person can read: a function's selector is none of them."""
    pairs = zip(error.__slots__, error.said(), strict=True)
    return [(name, value) for name, value in pairs if not _is_selector(value)]


def _is_selector(value: object) -> bool:
    return isinstance(value, bytes) and len(value) == 4


def _words(name: str) -> str:
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|_", " ", name)
    return " ".join(w if w.isupper() else w.lower() for w in spaced.split())


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return to_hex(value) if isinstance(value, bytes) else str(value)


def _unknown(data: bytes, message: str) -> str:
    """A node's own text may be no more than the selector, which tells nobody anything."""
    if not data:
        return _without_selector(message) or "a contract refused without a reason"
    reason = _panic(data) or _text(data)
    return reason or "a contract refused for a reason that this release does not know"


def _without_selector(message: str) -> str:
    """A node's text, unless it is about a selector."""
    return "" if re.search(r"0x[0-9a-fA-F]{8}\b", message) else message


def _panic(data: bytes) -> str:
    """What the compiler's own checks found (Solidity documentation, "Panic via assert")."""
    if data[:4] != _PANIC or len(data) != 36:
        return ""
    what = _PANICS.get(data[-1], f"check {data[-1]} failed")
    return f"a contract stopped at a mistake of its own: {what}"


def _text(data: bytes) -> str:
    """The reason given as text, `Error(string)`."""
    if data[:4] != _ERROR:
        return ""
    try:
        return f"a contract refused: {abi.text(data[4:], 0, abi.WORD)}"
    except Malformed:
        return ""


def _seq(head: bytes) -> int:
    return int.from_bytes(head[:8], "big")


def _measured(milliseconds: int) -> str:
    return f"of {_moment(milliseconds // 1000)}" if milliseconds else "none"


def holder(custodian: bytes) -> str:
    """Who holds a product, as the end of a sentence."""
    if custodian == bytes(20):
        return "nobody recorded it yet"
    return f"{to_hex(custodian)} does"
