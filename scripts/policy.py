"""Reads contracts/roles.toml: which role may call which function of which contract, how slowly."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from core.chain.deployments import Administration
from core.config import Environment, Settings
from core.crypto import to_address
from core.errors import BadConfig, Malformed, Operator
from core.types import Address
from scripts.bindings import committed_abis
from scripts.bindings_python import selector

PATH: Final = Path(__file__).resolve().parent.parent / "contracts/roles.toml"
ADMIN: Final = 0
PUBLIC: Final = 2**64 - 1
"""OpenZeppelin's PUBLIC_ROLE: everyone."""

Permission = tuple[str, bytes]
"""Contract name and function selector."""


class BadPolicy(Operator):
    """contracts/roles.toml contradicts itself or names what no contract has."""

    code = "bad_policy"


@dataclass(frozen=True)
class PolicyRole:
    """One role as documented."""

    name: str
    id: int
    may: str
    guardian: str
    """The role that may cancel its waiting calls; empty = only ADMIN may."""
    delays: Mapping[str, int]
    """Environment -> seconds."""
    functions: Mapping[str, tuple[str, ...]]
    """Contract -> function names."""


@dataclass(frozen=True)
class Policy:
    """Every role by name."""

    roles: Mapping[str, PolicyRole]

    @cached_property
    def permissions(self) -> Mapping[Permission, PolicyRole]:
        """Each administered function and the role that may call it."""
        return {
            (contract, selector_of(contract, function)): role
            for role in self.roles.values()
            for contract, functions in role.functions.items()
            for function in functions
        }

    def by_id(self, number: int) -> PolicyRole | None:
        """None for a role that is not documented."""
        return next((role for role in self.roles.values() if role.id == number), None)

    def guardian_id(self, role: PolicyRole) -> int:
        return self.roles[role.guardian].id if role.guardian else ADMIN


@lru_cache
def load(path: Path = PATH) -> Policy:
    """The committed policy. Raises BadPolicy."""
    try:
        roles = {name: _role(name, raw) for name, raw in tomllib.loads(path.read_text()).items()}
        policy = Policy(roles)
        _check(policy)
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise BadPolicy(f"{path.name}: {error!r}") from error
    return policy


def _role(name: str, raw: Mapping[str, Any]) -> PolicyRole:
    functions = {contract: tuple(names) for contract, names in raw.get("functions", {}).items()}
    delays = {
        environment.value: int(raw["delay"][environment.value]) for environment in Environment
    }
    return PolicyRole(name, raw["id"], raw["may"], raw.get("guardian", ""), delays, functions)


def _check(policy: Policy) -> None:
    ids = [role.id for role in policy.roles.values()]
    if len(set(ids)) != len(ids) or PUBLIC in ids or policy.roles["ADMIN"].id != ADMIN:
        raise BadPolicy("role ids repeat, or ADMIN is not 0")
    named = sum(len(names) for r in policy.roles.values() for names in r.functions.values())
    if named != len(policy.permissions):
        raise BadPolicy("a function stands under two roles")
    for role in policy.roles.values():
        policy.guardian_id(role)


def selector_of(contract: str, function: str) -> bytes:
    """The four bytes that call a function. Raises BadPolicy unless exactly one has the name."""
    found = [key for key, name in functions_of(contract).items() if name == function]
    if len(found) != 1:
        raise BadPolicy(f"{contract} has {len(found)} functions named {function!r}")
    return found[0]


@lru_cache
def functions_of(contract: str) -> Mapping[bytes, str]:
    """Selector -> name of every function of a contract of ours; empty for an unknown contract."""
    items = committed_abis().get(contract, [])
    return {
        bytes.fromhex(selector(item)): item["name"] for item in items if item["type"] == "function"
    }


@lru_cache
def administered() -> tuple[str, ...]:
    """Contracts that ask an Authority."""
    return tuple(name for name in committed_abis() if "authority" in functions_of(name).values())


def administration(settings: Settings, deployer: Address) -> Administration:
    """Who is to hold each role on the configured chain.

    Raises:
        BadConfig: production, and the accounts are missing, malformed or not distinct.
    """
    if settings.environment is Environment.DEVELOPMENT:
        return development(deployer)
    holders = {name: _account(settings, name) for name in load().roles}
    if len({*holders.values(), deployer}) != len(holders) + 1:
        raise BadConfig(
            "two of SR360_ROLES__* are the same account, or one is the deployer",
            hint="In production every role has an account of its own; a stolen key then opens "
            "one door.",
        )
    return Administration(settings.environment.value, holders)


def development(deployer: Address) -> Administration:
    """The deployer holds every role."""
    return Administration(Environment.DEVELOPMENT.value, dict.fromkeys(load().roles, deployer))


def _account(settings: Settings, role: str) -> Address:
    variable = f"SR360_ROLES__{role}"
    try:
        account = to_address(getattr(settings.roles, role.lower()), pointer=variable)
    except Malformed as error:
        raise BadConfig(
            f"{variable} is not an address", hint="Give the 0x-hex address of the account or safe."
        ) from error
    if not any(account):
        raise BadConfig(f"{variable} is the zero address: nobody could use the role")
    return account
