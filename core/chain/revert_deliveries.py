"""Sentences for what DeliveryEscrow, CertificateRegistry and AnchorLog refuse."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.chain.bindings import anchor_log, certificate_registry, delivery_escrow
from core.chain.revert_words import moment
from core.crypto import to_hex
from core.errors import (
    AlreadyExists,
    BadInput,
    Conflict,
    Malformed,
    ReplayedReading,
    SmartRetailError,
    Unauthorized,
    UnknownEntity,
)

_STATUS: Final = ("was never funded", "is open", "is settled", "was refunded", "was resolved")
_NOBODY: Final = bytes(20)


def _status(status: int) -> str:
    return _STATUS[status] if status < len(_STATUS) else f"has the unknown status {status}"


def _held(custodian: bytes) -> str:
    return "nobody recorded it" if custodian == _NOBODY else f"{to_hex(custodian)} holds it"


RULES: Final[Mapping[type[Any], tuple[type[SmartRetailError], Callable[[Any], str]]]] = {
    anchor_log.EmptyAnchor: (
        BadInput,
        lambda e: f"an anchor of {e.count} events under root {to_hex(e.root)} says nothing",
    ),
    certificate_registry.NotCertifier: (
        Unauthorized,
        lambda e: f"{to_hex(e.actor)} is registered with role {e.role}, not as a certifier",
    ),
    certificate_registry.EmptyCertificate: (
        BadInput,
        lambda e: "a certificate names its subject and its document",
    ),
    certificate_registry.InvalidValidity: (
        BadInput,
        lambda e: (
            f"a certificate from {moment(e.valid_from)} to {moment(e.valid_to)} "
            f"is never valid from {moment(e.timestamp)} on"
        ),
    ),
    certificate_registry.AlreadyCertified: (
        AlreadyExists,
        lambda e: f"certificate {to_hex(e.id)} was issued before",
    ),
    certificate_registry.UnknownCertificate: (
        UnknownEntity,
        lambda e: f"there is no certificate {to_hex(e.id)}",
    ),
    certificate_registry.MayNotRevoke: (
        Unauthorized,
        lambda e: (
            f"{to_hex(e.actor)} is neither a regulator nor {to_hex(e.certifier)}, "
            f"registered as a certifier, who issued {to_hex(e.id)}"
        ),
    ),
    certificate_registry.AlreadyRevoked: (
        AlreadyExists,
        lambda e: f"certificate {to_hex(e.id)} was revoked at {moment(e.revoked_at)}",
    ),
    delivery_escrow.NotBuyer: (
        Unauthorized,
        lambda e: f"only the buyer {to_hex(e.buyer)} may do this, not {to_hex(e.sender)}",
    ),
    delivery_escrow.AlreadyFunded: (
        AlreadyExists,
        lambda e: f"delivery {to_hex(e.id)} was funded before",
    ),
    delivery_escrow.InvalidParties: (
        BadInput,
        lambda e: (
            f"buyer {to_hex(e.buyer)}, seller {to_hex(e.seller)} and arbiter {to_hex(e.arbiter)} "
            "must be different accounts"
        ),
    ),
    delivery_escrow.InvalidAmounts: (
        BadInput,
        lambda e: (
            f"of an amount of {e.amount}, a cut of {e.cut_bps} basis points up to {e.cap} "
            "cannot be withheld"
        ),
    ),
    delivery_escrow.InvalidBounds: (
        BadInput,
        lambda e: (
            f"bounds {e.lower} to {e.upper} or transport {e.transport_from} to {e.transport_to} "
            "end before they begin"
        ),
    ),
    delivery_escrow.InvalidTimes: (
        BadInput,
        lambda e: (
            f"the deadline {moment(e.deadline)} must lie ahead by a year at most, and so must "
            f"waits of {e.inspection_time} s and {e.arbitration_time} s"
        ),
    ),
    delivery_escrow.NotAToken: (BadInput, lambda e: f"there is no contract at {to_hex(e.token)}"),
    delivery_escrow.NothingToDeliver: (
        UnknownEntity,
        lambda e: f"nobody recorded product {to_hex(e.product_id)}, so nobody can deliver it",
    ),
    delivery_escrow.AlreadyDelivered: (
        Conflict,
        lambda e: f"the buyer {to_hex(e.buyer)} holds product {to_hex(e.product_id)} already",
    ),
    delivery_escrow.AmountMismatch: (
        BadInput,
        lambda e: f"token {to_hex(e.token)} moved {e.received} instead of {e.expected}",
    ),
    delivery_escrow.DeliveryNotOpen: (
        Conflict,
        lambda e: f"delivery {to_hex(e.id)} {_status(e.status)}",
    ),
    delivery_escrow.NotDelivered: (
        Conflict,
        lambda e: (
            f"product {to_hex(e.product_id)} is not with the buyer {to_hex(e.buyer)}: "
            f"{_held(e.custodian)}"
        ),
    ),
    delivery_escrow.AlreadyConfirmed: (
        AlreadyExists,
        lambda e: f"delivery {to_hex(e.id)} was confirmed before",
    ),
    delivery_escrow.NotConfirmed: (
        Conflict,
        lambda e: f"delivery {to_hex(e.id)} is not confirmed",
    ),
    delivery_escrow.HandoverTooOld: (
        BadInput,
        lambda e: (
            f"a handover after entry {e.prev_seq} is older than the funding, "
            f"which was at entry {e.funded_seq}"
        ),
    ),
    delivery_escrow.WrongHistory: (
        BadInput,
        lambda e: (
            f"these entries of product {to_hex(e.product_id)} lead to {to_hex(e.folded)}, "
            f"its head is {to_hex(e.head)}"
        ),
    ),
    delivery_escrow.TooLate: (
        Conflict,
        lambda e: f"possible until {moment(e.until)}, now it is {moment(e.timestamp)}",
    ),
    delivery_escrow.TooEarly: (
        Conflict,
        lambda e: f"not possible before {moment(e.until)} has passed, now {moment(e.timestamp)}",
    ),
    delivery_escrow.ReadingRepeated: (
        ReplayedReading,
        lambda e: f"reading {e.seq} does not follow reading {e.last_seq}, the last one proven",
    ),
    delivery_escrow.OutsideTransport: (
        BadInput,
        lambda e: (
            f"a reading at millisecond {e.measured_at} is outside the transport, "
            f"{e.from_} to {e.to}"
        ),
    ),
    delivery_escrow.WithinBounds: (
        BadInput,
        lambda e: f"{e.value} lies within the agreed bounds, {e.lower} to {e.upper}",
    ),
    delivery_escrow.ReadingNotAttested: (
        BadInput,
        lambda e: f"reading {e.seq} is not in the attested batch {to_hex(e.batch_id)}",
    ),
    delivery_escrow.NotParty: (
        Unauthorized,
        lambda e: f"{to_hex(e.sender)} is neither buyer nor seller of {to_hex(e.id)}",
    ),
    delivery_escrow.NoArbiter: (
        BadInput,
        lambda e: f"the terms of delivery {to_hex(e.id)} name no arbiter",
    ),
    delivery_escrow.NotArbiter: (
        Unauthorized,
        lambda e: f"only the arbiter {to_hex(e.arbiter)} decides, not {to_hex(e.sender)}",
    ),
    delivery_escrow.AlreadyDisputed: (
        AlreadyExists,
        lambda e: f"delivery {to_hex(e.id)} was disputed before",
    ),
    delivery_escrow.NotDisputed: (
        Conflict,
        lambda e: f"nobody disputes delivery {to_hex(e.id)}",
    ),
    delivery_escrow.InvalidSplit: (
        BadInput,
        lambda e: f"{e.seller_bps} of 10,000 parts is more than all",
    ),
    delivery_escrow.NothingToWithdraw: (
        Conflict,
        lambda e: f"{to_hex(e.account)} owns nothing here in token {to_hex(e.token)}",
    ),
    delivery_escrow.EnforcedPause: (
        Conflict,
        lambda e: "this is paused for now; what only pays out never is",
    ),
    delivery_escrow.ExpectedPause: (Conflict, lambda e: "this is not paused"),
    delivery_escrow.SafeERC20FailedOperation: (
        BadInput,
        lambda e: f"token {to_hex(e.token)} refused to move the money",
    ),
    delivery_escrow.ReentrancyGuardReentrantCall: (
        Malformed,
        lambda e: "the token called back into the contract that was moving it",
    ),
}
