"""The errors of OpenZeppelin's contracts that ours can raise, in words."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.chain.bindings import (
    authority,
    carbon_token,
    device_registry,
    sensor_oracle,
    supply_chain,
)
from core.crypto import to_hex
from core.errors import BadInput, ContractReverted, SmartRetailError, Unauthorized

LIBRARIES: Final[Mapping[type[Any], tuple[type[SmartRetailError], Callable[[Any], str]]]] = {
    authority.AccessManagerAlreadyScheduled: (
        ContractReverted,
        lambda e: f"operation {to_hex(e.operation_id)} is scheduled already",
    ),
    authority.AccessManagerBadConfirmation: (
        BadInput,
        lambda e: "a role is given up only by its holder, who names themselves",
    ),
    authority.AccessManagerExpired: (
        ContractReverted,
        lambda e: (
            f"operation {to_hex(e.operation_id)} was scheduled too long ago; schedule it anew"
        ),
    ),
    authority.AccessManagerInvalidInitialAdmin: (
        BadInput,
        lambda e: f"{to_hex(e.initial_admin)} cannot be the first administrator",
    ),
    authority.AccessManagerLockedRole: (
        BadInput,
        lambda e: f"role {e.role_id} cannot be changed",
    ),
    authority.AccessManagerNotReady: (
        ContractReverted,
        lambda e: f"operation {to_hex(e.operation_id)} must wait until its delay is over",
    ),
    authority.AccessManagerNotScheduled: (
        ContractReverted,
        lambda e: (
            f"operation {to_hex(e.operation_id)} was never scheduled, or is done or cancelled"
        ),
    ),
    authority.AccessManagerUnauthorizedAccount: (
        Unauthorized,
        lambda e: f"{to_hex(e.msgsender)} does not have role {e.role_id}",
    ),
    authority.AccessManagerUnauthorizedCall: (
        Unauthorized,
        lambda e: f"{to_hex(e.caller)} may not call this function of {to_hex(e.target)}",
    ),
    authority.AccessManagerUnauthorizedCancel: (
        Unauthorized,
        lambda e: (
            f"{to_hex(e.msgsender)} may not cancel what {to_hex(e.caller)} scheduled on "
            f"{to_hex(e.target)}"
        ),
    ),
    authority.AccessManagerUnauthorizedConsume: (
        Unauthorized,
        lambda e: f"{to_hex(e.target)} does not carry out what was scheduled for it",
    ),
    authority.AddressEmptyCode: (
        BadInput,
        lambda e: f"there is no contract at {to_hex(e.target)}",
    ),
    authority.FailedCall: (
        ContractReverted,
        lambda e: "a contract called another, which refused without a reason",
    ),
    authority.InsufficientBalance: (
        ContractReverted,
        lambda e: f"{e.needed} wei are needed, the contract has {e.balance}",
    ),
    authority.SafeCastOverflowedUintDowncast: (
        BadInput,
        lambda e: f"{e.value} does not fit {e.bits} bits",
    ),
    carbon_token.AccessManagedInvalidAuthority: (
        BadInput,
        lambda e: f"{to_hex(e.authority)} is no contract that could administer",
    ),
    carbon_token.AccessManagedRequiredDelay: (
        Unauthorized,
        lambda e: f"{to_hex(e.caller)} must schedule this and wait {e.delay} seconds",
    ),
    carbon_token.ERC1155InvalidApprover: (
        BadInput,
        lambda e: f"{to_hex(e.approver)} cannot let others move its credits",
    ),
    carbon_token.ERC1155InvalidArrayLength: (
        BadInput,
        lambda e: f"{e.ids_length} credits but {e.values_length} amounts",
    ),
    carbon_token.ERC1155InvalidOperator: (
        BadInput,
        lambda e: f"{to_hex(e.operator)} cannot move credits for others",
    ),
    carbon_token.ERC1155InvalidReceiver: (
        BadInput,
        lambda e: f"{to_hex(e.receiver)} cannot receive credits",
    ),
    carbon_token.ERC1155InvalidSender: (
        BadInput,
        lambda e: f"{to_hex(e.sender)} cannot send credits",
    ),
    carbon_token.ERC1155MissingApprovalForAll: (
        Unauthorized,
        lambda e: f"{to_hex(e.operator)} may not move the credits of {to_hex(e.owner)}",
    ),
    device_registry.MissingPrecompile: (
        ContractReverted,
        lambda e: f"this chain cannot check P-256 signatures: nothing answers at {to_hex(e.value)}",
    ),
    sensor_oracle.Create2EmptyBytecode: (
        ContractReverted,
        lambda e: "there is no code to deploy",
    ),
    sensor_oracle.FailedDeployment: (
        ContractReverted,
        lambda e: "a contract could not be deployed",
    ),
    supply_chain.InvalidShortString: (
        BadInput,
        lambda e: "a stored short text cannot be read",
    ),
    supply_chain.StringTooLong: (
        BadInput,
        lambda e: f'the text "{e.str}" is too long to be stored in one word',
    ),
}
