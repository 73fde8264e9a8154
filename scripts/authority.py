"""Reads from a chain who may do what: events say where to look, the Authority's getters what is.

Nothing but the node and the deployment is asked. Everything is read as of one block.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from core.chain.bindings import actor_registry
from core.chain.bindings import authority as binding
from core.chain.client import Rpc, to_bytes, to_int
from core.chain.deployments import Deployment
from core.crypto import keccak256, to_hex
from core.errors import DeploymentMissing, SmartRetailError
from core.types import Address
from scripts.policy import Policy, administered, functions_of

LOG_RANGE: Final = 2_000
Function = tuple[Address, bytes]
"""Contract address and selector."""
E = TypeVar("E")


@dataclass(frozen=True, slots=True)
class Grant:
    """An account that holds a role, now or from `since` on."""

    role: int
    account: Address
    since: int
    delay_s: int
    """What the account waits between scheduling and executing, at its shortest from now on."""


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A call that waits for its moment."""

    operation: bytes
    caller: Address
    target: Address
    data: bytes
    when: int


@dataclass(frozen=True, slots=True)
class Live:
    """What the chain says as of a block."""

    block: int
    timestamp: int
    grants: tuple[Grant, ...]
    functions: Mapping[Function, int]
    """Role that may call it; functions nobody ever assigned belong to ADMIN and are left out."""
    admins: Mapping[int, int]
    guardians: Mapping[int, int]
    labels: Mapping[int, str]
    closed: frozenset[Address]
    scheduled: tuple[Scheduled, ...]
    schedulers: frozenset[Address]
    """Accounts that have scheduled a call: the proof that somebody holds their key."""
    authorities: Mapping[str, bytes]
    """Contract name -> what it asks for permission."""
    code_hashes: Mapping[str, bytes]

    def grant(self, role: int, account: bytes) -> Grant | None:
        return next((g for g in self.grants if (g.role, g.account) == (role, account)), None)


async def read(
    rpc: Rpc, deployment: Deployment, policy: Policy, *, log_range: int = LOG_RANGE
) -> Live:
    """Everything about the administration of a deployment.

    Raises:
        RpcUnavailable: the node did not answer.
        DeploymentMissing: no contract at the Authority's address.
    """
    block = await rpc.call("eth_getBlockByNumber", "latest", False)
    number = to_int(block["number"])
    view = _View(rpc, deployment.authority, hex(number))
    codes = await view.codes([c.address for c in deployment.contracts.values()])
    hashes = dict(zip(deployment.contracts, map(keccak256, codes), strict=True))
    if hashes["Authority"] == keccak256(b""):
        raise DeploymentMissing(f"no contract at {to_hex(deployment.authority)} on this chain")
    events = await _events(rpc, deployment, number, log_range)
    roles = _roles(events, policy)
    functions = _functions(events, deployment, policy)
    operations = _of(events, binding.OperationScheduled)
    return Live(
        number,
        to_int(block["timestamp"]),
        await _grants(view, _of(events, binding.RoleGranted)),
        await _function_roles(view, functions),
        await view.numbers(roles, binding.encode_get_role_admin),
        await view.numbers(roles, binding.encode_get_role_guardian),
        {e.role_id: e.label for e in _of(events, binding.RoleLabel)},
        await _closed(view, deployment),
        await _scheduled(view, operations),
        frozenset(Address(e.caller) for e in operations),
        await _authorities(view, deployment),
        hashes,
    )


class _View:
    """Getters of the Authority as of one block."""

    def __init__(self, rpc: Rpc, authority: Address, block: str) -> None:
        self._rpc, self._authority, self._block = rpc, authority, block

    async def ask(self, calls: Sequence[bytes]) -> list[bytes]:
        return await self.ask_each([(self._authority, data) for data in calls])

    async def ask_each(self, calls: Sequence[tuple[Address, bytes]]) -> list[bytes]:
        """Return data of calls to several contracts."""
        words = [{"to": to_hex(to), "data": to_hex(data)} for to, data in calls]
        found = await self._rpc.batch([("eth_call", (one, self._block)) for one in words])
        return [to_bytes(one) for one in found]

    async def numbers(self, roles: Sequence[int], encode: Any) -> dict[int, int]:
        answers = await self.ask([encode(role) for role in roles])
        return {role: int.from_bytes(a, "big") for role, a in zip(roles, answers, strict=True)}

    async def codes(self, addresses: Sequence[Address]) -> list[bytes]:
        calls = [("eth_getCode", (to_hex(at), self._block)) for at in addresses]
        return [to_bytes(one) for one in await self._rpc.batch(calls)]


async def _events(rpc: Rpc, deployment: Deployment, last: int, log_range: int) -> list[Any]:
    """The Authority's events in order; those of no known kind are left out."""
    found: list[Any] = []
    for start in range(deployment.start_block, last + 1, log_range):
        query = {
            "address": to_hex(deployment.authority),
            "fromBlock": hex(start),
            "toBlock": hex(min(start + log_range - 1, last)),
        }
        for log in await rpc.call("eth_getLogs", query):
            topics = [to_bytes(topic) for topic in log["topics"]]
            if kind := binding.EVENTS.get(topics[0]):
                found.append(kind.decode(topics, to_bytes(log["data"])))
    return found


def _of(events: Iterable[Any], kind: type[E]) -> list[E]:
    return [event for event in events if isinstance(event, kind)]


def _roles(events: list[Any], policy: Policy) -> list[int]:
    """Documented roles and all that an event names."""
    told = {event.role_id for event in events if hasattr(event, "role_id")}
    return sorted(told | {role.id for role in policy.roles.values()})


def _functions(events: list[Any], deployment: Deployment, policy: Policy) -> list[Function]:
    told = {(Address(e.target), e.selector) for e in _of(events, binding.TargetFunctionRoleUpdated)}
    documented = {
        (deployment.contracts[contract].address, selector)
        for contract, selector in policy.permissions
        if contract in deployment.contracts
    }
    return sorted(told | documented)


async def _grants(view: _View, events: list[binding.RoleGranted]) -> tuple[Grant, ...]:
    pairs = sorted({(e.role_id, Address(e.account)) for e in events})
    answers = await view.ask([binding.encode_get_access(*pair) for pair in pairs])
    grants = []
    for (role, account), answer in zip(pairs, answers, strict=True):
        since, delay, pending, effect = binding.decode_get_access(answer)
        if since:
            grants.append(Grant(role, account, since, min(delay, pending) if effect else delay))
    return tuple(grants)


async def _function_roles(view: _View, functions: list[Function]) -> dict[Function, int]:
    answers = await view.ask([binding.encode_get_target_function_role(*one) for one in functions])
    roles = map(binding.decode_get_target_function_role, answers)
    return {one: role for one, role in zip(functions, roles, strict=True) if role}


async def _closed(view: _View, deployment: Deployment) -> frozenset[Address]:
    places = [c.address for c in deployment.contracts.values()]
    answers = await view.ask([binding.encode_is_target_closed(at) for at in places])
    return frozenset(at for at, answer in zip(places, answers, strict=True) if any(answer))


async def _scheduled(
    view: _View, events: list[binding.OperationScheduled]
) -> tuple[Scheduled, ...]:
    """Calls not executed, cancelled or expired; scheduling again repeats the id."""
    latest = {event.operation_id: event for event in events}
    answers = await view.ask([binding.encode_get_schedule(id_) for id_ in latest])
    moments = map(binding.decode_get_schedule, answers)
    return tuple(
        Scheduled(e.operation_id, Address(e.caller), Address(e.target), e.data, when)
        for e, when in zip(latest.values(), moments, strict=True)
        if when
    )


async def _authorities(view: _View, deployment: Deployment) -> dict[str, bytes]:
    """A contract whose answer can not be read asks nobody we know: the empty address."""
    names = [name for name in administered() if name in deployment.contracts]
    ask = actor_registry.encode_authority()
    try:
        answers = await view.ask_each([(deployment.address(name), ask) for name in names])
    except SmartRetailError as error:
        raise DeploymentMissing(f"a contract does not tell its authority: {error}") from error
    return {name: answer[12:32] for name, answer in zip(names, answers, strict=True)}


def function_name(deployment: Deployment, target: bytes, selector: bytes) -> str:
    """`SensorOracle.setConfig`, as far as the two are known."""
    names = [name for name, c in deployment.contracts.items() if c.address == target]
    if not names:
        return f"{to_hex(target)}.{to_hex(selector)}"
    return f"{names[0]}.{functions_of(names[0]).get(selector, to_hex(selector))}"
