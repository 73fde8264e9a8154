"""What CarbonToken, SerialRegistry and FootprintRegistry refuse, as typed errors and sentences."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.chain.bindings import carbon_token, footprint_registry, serial_registry
from core.crypto import to_hex
from core.errors import (
    AlreadyExists,
    BadInput,
    Conflict,
    SmartRetailError,
    Unauthorized,
    UnknownEntity,
)

RULES: Final[Mapping[type[Any], tuple[type[SmartRetailError], Callable[[Any], str]]]] = {
    serial_registry.SerialsTaken: (
        AlreadyExists,
        lambda e: (
            f"serials {e.start} to {e.end} overlap {e.taken_start} to {e.taken_end}, "
            "which another issue holds"
        ),
    ),
    serial_registry.InvalidSerials: (
        BadInput,
        lambda e: f"serials {e.start} to {e.end} are no range; serials start at 1",
    ),
    serial_registry.WrongHint: (
        Conflict,
        lambda e: f"no claimed range that lies above serial {e.end} ends at {e.hint}",
    ),
    serial_registry.NotClaimant: (
        Unauthorized,
        lambda e: (
            f"{to_hex(e.caller)} may not claim serials of project {to_hex(e.project)}, "
            f"only {to_hex(e.claimant)}"
        ),
    ),
    footprint_registry.NotPublisher: (
        Unauthorized,
        lambda e: f"{to_hex(e.account)} is no registered supplier, carrier or retailer",
    ),
    footprint_registry.NotHolder: (
        Unauthorized,
        lambda e: (
            f"product {to_hex(e.product_id)} is held by {to_hex(e.holder)}, "
            f"not by {to_hex(e.caller)}"
        ),
    ),
    footprint_registry.StaleVersion: (
        Conflict,
        lambda e: f"version {e.given} does not follow version {e.current}",
    ),
    footprint_registry.MissingDocument: (
        BadInput,
        lambda e: f"the footprint of product {to_hex(e.product_id)} comes without a document",
    ),
    footprint_registry.UnknownFootprint: (
        UnknownEntity,
        lambda e: f"{to_hex(e.publisher)} stated no footprint of product {to_hex(e.product_id)}",
    ),
    footprint_registry.NotVerifier: (
        Unauthorized,
        lambda e: f"{to_hex(e.account)} is no registered certifier",
    ),
    footprint_registry.DocumentReplaced: (
        Conflict,
        lambda e: (
            f"the footprint in force is document {to_hex(e.in_force)}, "
            f"not {to_hex(e.document_hash)}"
        ),
    ),
    footprint_registry.NotRetirer: (
        Unauthorized,
        lambda e: f"{to_hex(e.caller)} may not count retirements against footprints",
    ),
    footprint_registry.FootprintExceeded: (
        Conflict,
        lambda e: (
            f"{e.amount} kg are too many: product {to_hex(e.product_id)} has a footprint of "
            f"{e.kg} kg, and {e.retired} kg are retired against it"
        ),
    ),
    carbon_token.UnknownProject: (
        UnknownEntity,
        lambda e: f"project {to_hex(e.project)} is not registered",
    ),
    carbon_token.UnknownCredit: (UnknownEntity, lambda e: f"{_credit(e.id)} was never issued"),
    carbon_token.ProjectExists: (
        AlreadyExists,
        lambda e: f"project {to_hex(e.project)} is registered",
    ),
    carbon_token.VintageExists: (
        AlreadyExists,
        lambda e: f"vintage {e.vintage} of project {to_hex(e.project)} is described",
    ),
    carbon_token.MissingMetadata: (
        BadInput,
        lambda e: f"project {to_hex(e.project)}: a document has to come with this",
    ),
    carbon_token.InvalidBufferShare: (
        BadInput,
        lambda e: f"a buffer of {e.share} ten-thousandths is above the {e.maximum} allowed",
    ),
    carbon_token.InvalidOrigin: (
        BadInput,
        lambda e: f"project {to_hex(e.project)}: serials are immobilised or retired at origin",
    ),
    carbon_token.BatchDiffers: (
        Conflict,
        lambda e: f"{_credit(e.id)} was issued with another document or origin",
    ),
    carbon_token.ProjectIsSealed: (
        Conflict,
        lambda e: f"project {to_hex(e.project)} is sealed: nothing more can be issued",
    ),
    carbon_token.BatchIsSealed: (
        Conflict,
        lambda e: f"{_credit(e.id)} is sealed: no more of it can be issued",
    ),
    carbon_token.ZeroAmount: (BadInput, lambda e: "zero kilograms retire or cancel nothing"),
    carbon_token.InvalidAccountNonce: (
        Conflict,
        lambda e: f"the next signature of {to_hex(e.account)} carries nonce {e.current_nonce}",
    ),
    carbon_token.ERC1155InsufficientBalance: (
        BadInput,
        lambda e: f"{to_hex(e.sender)} holds {e.balance} kg of this credit, {e.needed} are needed",
    ),
}


def _credit(credit_id: int) -> str:
    return f"credit {to_hex(credit_id.to_bytes(32, 'big'))}"
