"""Puts contracts/roles.toml on a chain, and lets the deployer go.

Both look first and send only what is missing, so running them again changes nothing.
"""

from collections.abc import Iterator

from core.chain.bindings import authority as binding
from core.chain.client import Rpc
from core.chain.deployments import Administration, Deployment
from core.config import Environment
from core.crypto import address_of, to_hex
from core.errors import Conflict
from scripts.authority import LOG_RANGE, Live, read
from scripts.policy import ADMIN, Policy, load
from scripts.roles_compare import Finding, compare, missing
from scripts.transact import transact, transact_all


class NotHandedOver(Conflict):
    """The deployer may not go yet: something would be left to nobody."""

    code = "not_handed_over"
    hint_default = "`sr360 roles --exact` shows what differs from contracts/roles.toml."


async def administer(
    rpc: Rpc, private_key: bytes, deployment: Deployment, *, log_range: int = LOG_RANGE
) -> None:
    """Assign functions, labels and guardians, and grant the roles to who is to hold them.

    Raises as `transact_all` does, Unauthorized among them when the key is no administrator's and
    something is missing.
    """
    policy, wanted = load(), deployment.administration
    assert wanted is not None
    live = await read(rpc, deployment, policy, log_range=log_range)
    calls = [
        *_assignments(policy, live, deployment),
        *_descriptions(policy, live),
        *_grants(policy, live, wanted),
    ]
    await transact_all(rpc, private_key, [(deployment.authority, data) for data in calls])


async def hand_over(rpc: Rpc, private_key: bytes, deployment: Deployment) -> Live:
    """The deployer gives up ADMIN, for good; the state afterwards.

    Raises:
        NotHandedOver: a documented permission is missing, there is more than documented, or the
            new administrator has not shown that somebody holds its key.
    """
    policy, deployer = load(), address_of(private_key)
    live = await read(rpc, deployment, policy)
    _refuse_unless_ready(policy, deployment, live, deployer)
    if live.grant(ADMIN, deployer):
        call = binding.encode_renounce_role(ADMIN, deployer)
        await transact(rpc, private_key, deployment.authority, call)
    return await read(rpc, deployment, policy)


def _refuse_unless_ready(
    policy: Policy, deployment: Deployment, live: Live, deployer: bytes
) -> None:
    wanted = deployment.administration
    if wanted is None or wanted.profile == Environment.DEVELOPMENT:
        raise NotHandedOver(
            "in development the deployer is the administrator; there is nobody to hand over to"
        )
    others = [one for one in compare(policy, deployment, live) if not _of_deployer(one, deployer)]
    if open_ends := [*others, *missing(policy, deployment, live)]:
        raise NotHandedOver("; ".join(one.message for one in open_ends))
    if wanted.holders["ADMIN"] not in live.schedulers:
        raise NotHandedOver(
            f"{to_hex(wanted.holders['ADMIN'])} has never scheduled a call, so nobody knows "
            "that its key exists",
            hint="Let it schedule any call and cancel it: docs/runbook-deployment.md.",
        )


def _of_deployer(finding: Finding, deployer: bytes) -> bool:
    return finding.rule == "grant" and (finding.role, finding.account) == (ADMIN, deployer)


def _assignments(policy: Policy, live: Live, deployment: Deployment) -> Iterator[bytes]:
    for role in policy.roles.values():
        for contract in role.functions:
            if contract not in deployment.contracts:
                continue
            at = deployment.address(contract)
            todo = [
                selector
                for (name, selector), owner in policy.permissions.items()
                if (name, owner) == (contract, role)
                and live.functions.get((at, selector)) != role.id
            ]
            if todo:
                yield binding.encode_set_target_function_role(at, todo, role.id)


def _descriptions(policy: Policy, live: Live) -> Iterator[bytes]:
    for role in (role for role in policy.roles.values() if role.id != ADMIN):
        if live.labels.get(role.id) != role.name:
            yield binding.encode_label_role(role.id, role.name)
        if live.guardians[role.id] != policy.guardian_id(role):
            yield binding.encode_set_role_guardian(role.id, policy.guardian_id(role))


def _grants(policy: Policy, live: Live, wanted: Administration) -> Iterator[bytes]:
    """ADMIN last, although order does not matter while the deployer holds it too."""
    for name, account in reversed(wanted.holders.items()):
        role = policy.roles[name]
        delay = role.delays[wanted.profile]
        grant = live.grant(role.id, account)
        if grant is None or grant.delay_s < delay:
            yield binding.encode_grant_role(role.id, account, delay)
