"""One tree of errors, grouped by what the caller should do.

* SmartRetailError
  + Retryable         the same call may succeed later
    - RpcUnavailable, IpfsUnavailable, BlockMissing, DatabaseUnavailable, BrokerUnavailable
  + BadInput          the caller's data is wrong; fix it and call again
    - InvalidDocument, InvalidIdentifier, InvalidSignature, Expired, Malformed, UnknownEntity,
      ReadingFromFuture
  + Conflict          the data is right but the world has moved on
    - StaleHead, AlreadyExists, ProductRecalled, ReplayedReading
  + NotPermitted      this caller may not do this
    - NotCustodian, UnknownDevice, RevokedDevice, DeviceNotValid, DeviceBoundElsewhere,
      Unauthorized
  + Operator          the person who runs the service must act
    - PortTaken, MissingTool, BadConfig, BlockAltered, SourceLied, DeploymentMissing

Each carries a stable `code` for clients, a message (what happened) and a `hint` (what to do).
They become HTTP, GraphQL or an exit code in exactly one file per door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding about one place of the input."""

    rule: str
    """Stable rule id, e.g. `gs1.check_digit`."""
    pointer: str
    """JSON pointer (RFC 6901) or argument name."""
    message: str
    hint: str
    xpath: str = ""
    """The same place in XML, if the input was XML."""


class SmartRetailError(Exception):
    """Root of every error this project raises on purpose."""

    code: ClassVar[str] = "error"
    hint_default: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        pointer: str = "",
        issues: Sequence[Issue] = (),
        details: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint or self.hint_default
        self.pointer = pointer
        self.issues = tuple(issues)
        self.details = details or {}


class Retryable(SmartRetailError):
    """May succeed if tried again."""

    code = "retryable"


class BadInput(SmartRetailError):
    """The caller's data is wrong; the same call will fail again."""

    code = "bad_input"


class Conflict(SmartRetailError):
    """The data is right but the state it was made for has moved on."""

    code = "conflict"


class NotPermitted(SmartRetailError):
    """This caller may not do this."""

    code = "not_permitted"


class Unauthenticated(NotPermitted):
    """A request that only partners may make does not show that it comes from one."""

    code = "unauthenticated"
    hint_default = "Send `Authorization: Bearer …` with the token that the operator gave you."


class Operator(SmartRetailError):
    """The person who runs the service must act."""

    code = "operator"


class RpcUnavailable(Retryable):
    """The chain's RPC endpoint did not answer."""

    code = "rpc_unavailable"
    hint_default = "Check SR360_CHAIN__RPC_URL and that the node is up; the call can be repeated."


class IpfsUnavailable(Retryable):
    """The IPFS API did not answer."""

    code = "ipfs_unavailable"
    hint_default = "Check SR360_IPFS__API_PORT and that the node is up; the call can be repeated."


class IpfsDown(IpfsUnavailable):
    """Nothing listens where the IPFS node should be: asking for another block helps nobody."""

    code = "ipfs_down"


class BlockMissing(Retryable):
    """No reachable store holds this IPFS block yet."""

    code = "ipfs_block_missing"
    hint_default = "Add the block to the IPFS node; it is picked up on the next try."


class DatabaseUnavailable(Retryable):
    """The database did not answer."""

    code = "database_unavailable"
    hint_default = "Check SR360_DB__URL and that the server is up."


class BrokerUnavailable(Retryable):
    """The MQTT broker did not answer."""

    code = "broker_unavailable"
    hint_default = "Check SR360_MQTT__HOST and SR360_MQTT__PORT; readings stay buffered meanwhile."


class InvalidDocument(BadInput):
    """An EPCIS document breaks one or more rules; `issues` names each."""

    code = "invalid_document"


class InvalidIdentifier(BadInput):
    """A GS1 identifier is not well formed."""

    code = "invalid_identifier"


class InvalidSignature(BadInput):
    """A signature does not belong to the stated signer, or is malleable."""

    code = "invalid_signature"
    hint_default = "Sign the typed data exactly as prepared, with the stated wallet."


class Expired(BadInput):
    """A signed intent reached the chain after its deadline."""

    code = "expired"
    hint_default = "Prepare the event again and sign it before the new deadline."


class Malformed(BadInput):
    """Bytes that cannot be read as what they claim to be."""

    code = "malformed"


class UnknownEntity(BadInput):
    """Nothing is known under this identifier."""

    code = "not_found"


class ReadingFromFuture(BadInput):
    """A reading was measured later than now: its device's clock is wrong."""

    code = "reading_from_future"
    hint_default = (
        "Set the device's clock; SR360_ORACLE__CLOCK_SKEW_S says how far ahead it may be."
    )


class StaleHead(Conflict):
    """Another event was recorded first; the prepared head is no longer current."""

    code = "stale_head"
    hint_default = "Prepare again to build on the product's current head, then sign anew."


class AlreadyExists(Conflict):
    """The same thing was accepted before with other content."""

    code = "already_exists"


class ProductRecalled(Conflict):
    """A recalled product cannot change hands."""

    code = "product_recalled"


class ReplayedReading(Conflict):
    """A reading's sequence number was used before."""

    code = "replayed_reading"


class NotCustodian(NotPermitted):
    """The signer does not hold the product."""

    code = "not_custodian"
    hint_default = "Only the current custodian records events; take custody by a handover first."


class UnknownDevice(NotPermitted):
    """The device key is not registered."""

    code = "unknown_device"
    hint_default = "Register the device's key in DeviceRegistry."


class RevokedDevice(NotPermitted):
    """The device key was revoked."""

    code = "revoked_device"
    hint_default = "A revocation is for good: give the device a new key and register that."


class DeviceNotValid(NotPermitted):
    """The reading was measured outside the time for which its device is valid."""

    code = "device_not_valid"
    hint_default = "Calibrate the device anew in DeviceRegistry; see whether its clock is right."


class DeviceBoundElsewhere(NotPermitted):
    """The device is bound to another product or shipment."""

    code = "device_bound"
    hint_default = "Bind the device to this product in DeviceRegistry, or to none."


class Unauthorized(NotPermitted):
    """The account lacks the role this call needs."""

    code = "unauthorized"


class PortTaken(Operator):
    """A port a service needs is in use."""

    code = "port_taken"


class MissingTool(Operator):
    """A program the stack starts is not installed."""

    code = "missing_tool"


class BadConfig(Operator):
    """A setting is missing, contradictory or unsafe for production."""

    code = "bad_config"


class BlockAltered(Operator):
    """A stored block no longer hashes to its CID."""

    code = "ipfs_block_altered"
    hint_default = "Remove the block and fetch it again from another node; the chain has the hash."


class SourceLied(Operator):
    """An RPC endpoint's answer contradicts the block header it belongs to."""

    code = "source_lied"
    hint_default = "Stop using this endpoint; nothing wrong was written."


class DeploymentMissing(Operator):
    """No contract deployment is known for this chain."""

    code = "deployment_missing"
    hint_default = "Run `sr360 deploy` or set SR360_STATE_DIR to where the deployment file is."


class ContractReverted(Conflict):
    """A contract refused the call for a reason without a type of its own here."""

    code = "contract_reverted"
