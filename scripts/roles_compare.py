"""What a live chain allows beyond contracts/roles.toml, and what it lacks."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.chain.deployments import Administration, Deployment
from core.clock import iso
from core.crypto import to_hex
from scripts.authority import Live, function_name
from scripts.policy import ADMIN, PUBLIC, Policy

_UNITS: Final = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference between the chain and the policy."""

    rule: str
    message: str
    role: int | None = None
    account: bytes = b""


def compare(policy: Policy, deployment: Deployment, live: Live) -> list[Finding]:
    """What is allowed beyond the policy."""
    return [
        *_foreign_code(deployment, live),
        *_foreign_authorities(deployment, live),
        *_undocumented_grants(policy, documented(deployment), live),
        *_undocumented_functions(policy, deployment, live),
        *_undocumented_supervision(policy, live),
    ]


def missing(policy: Policy, deployment: Deployment, live: Live) -> list[Finding]:
    """What is documented and not (or no longer) allowed."""
    wanted = documented(deployment)
    held = {(grant.role, grant.account) for grant in live.grants}
    found = [
        Finding("grant", f"{to_hex(account)} does not hold {name}", policy.roles[name].id, account)
        for name, account in wanted.holders.items()
        if (policy.roles[name].id, account) not in held
    ]
    for (contract, selector), role in policy.permissions.items():
        at = deployment.contracts.get(contract)
        if at is None or live.functions.get((at.address, selector)) != role.id:
            name = function_name(deployment, at.address if at else b"", selector)
            found.append(Finding("function", f"{role.name} may not call {name}", role.id))
    for role in policy.roles.values():
        if live.guardians[role.id] != policy.guardian_id(role):
            found.append(Finding("guardian", f"{role.guardian} cannot cancel for {role.name}"))
    names = {contract.address: name for name, contract in deployment.contracts.items()}
    found += [Finding("closed", f"{names[at]} is closed to every role") for at in live.closed]
    return found


def documented(deployment: Deployment) -> Administration:
    """Who is to hold the roles; the commands checked that the file says so."""
    assert deployment.administration is not None
    return deployment.administration


def _foreign_code(deployment: Deployment, live: Live) -> Iterator[Finding]:
    for name, contract in deployment.contracts.items():
        if live.code_hashes[name] != contract.code_hash:
            yield Finding("code", f"the code of {name} is not the one that was deployed")


def _foreign_authorities(deployment: Deployment, live: Live) -> Iterator[Finding]:
    for name, asked in live.authorities.items():
        if asked != deployment.authority:
            yield Finding("authority", f"{name} obeys {to_hex(asked)}, not the Authority")


def _undocumented_grants(policy: Policy, wanted: Administration, live: Live) -> Iterator[Finding]:
    for grant in live.grants:
        role = policy.by_id(grant.role)
        name = role_name(policy, grant.role)
        account = to_hex(grant.account)
        if role is None or wanted.holders.get(role.name) != grant.account:
            words = f"{account} holds {name}, which is not documented"
            if grant.since > live.timestamp:
                words += f" (from {iso(grant.since * 1000)} on)"
            yield Finding("grant", words, grant.role, grant.account)
        elif grant.delay_s < (delay := role.delays[wanted.profile]):
            words = (
                f"{account} acts as {name} after {duration(grant.delay_s)}, not {duration(delay)}"
            )
            yield Finding("delay", words, grant.role, grant.account)


def _undocumented_functions(
    policy: Policy, deployment: Deployment, live: Live
) -> Iterator[Finding]:
    wanted = {
        (deployment.contracts[contract].address, selector): role
        for (contract, selector), role in policy.permissions.items()
        if contract in deployment.contracts
    }
    ours = {contract.address for contract in deployment.contracts.values()}
    for (target, selector), number in live.functions.items():
        role = wanted.get((target, selector))
        if role is not None and role.id == number:
            continue
        rule = "function" if target in ours else "target"
        called = function_name(deployment, target, selector)
        words = f"{role_name(policy, number)} may call {called}, which is not documented"
        yield Finding(rule, words, number)


def _undocumented_supervision(policy: Policy, live: Live) -> Iterator[Finding]:
    for number, admin in live.admins.items():
        if admin != ADMIN:
            words = f"{role_name(policy, admin)} grants {role_name(policy, number)}, not ADMIN"
            yield Finding("admin", words, number)
    for number, guardian in live.guardians.items():
        role = policy.by_id(number)
        if guardian not in (ADMIN, policy.guardian_id(role) if role else ADMIN):
            words = f"{role_name(policy, guardian)} cancels for {role_name(policy, number)}"
            yield Finding("guardian", f"{words}, which is not documented", number)


def role_name(policy: Policy, number: int) -> str:
    """As documented, else by number."""
    role = policy.by_id(number)
    if number == PUBLIC:
        return "everyone"
    return role.name if role else f"role {number}"


def duration(seconds: int) -> str:
    """`2 d`, `1 h 30 min`, `at once`."""
    words = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {unit}")
    return " ".join(words) or "at once"
