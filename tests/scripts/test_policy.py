"""contracts/roles.toml covers every function that asks the Authority, and nothing else.

policy
├── every `restricted` function of every contract stands in it
├── given a contract that is in no deployment: its sources are searched all the same
├── nothing else stands in it
├── the guardian only pauses, and RESUMER ends each pause
├── a stranger is refused by each of its functions, on a chain
├── its page is up to date
└── it is refused when it contradicts itself
administration
├── development: the deployer holds every role
└── production: every role needs an account of its own
"""

import re
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import encode

from core.chain.bindings.actor_registry import AccessManagedUnauthorized
from core.chain.client import Rpc, RpcFailed
from core.chain.deployments import Deployment
from core.config import Environment, KeySettings, RoleSettings, Settings
from core.crypto import to_hex
from core.errors import BadConfig, SmartRetailError
from core.types import Address
from scripts import roles_docs
from scripts.bindings import committed_abis
from scripts.bindings_python import _canonical, selector
from scripts.compile import sources
from scripts.policy import BadPolicy, administered, administration, functions_of, load

STRANGER = b"\x99" * 20
DEPLOYER = Address(b"\x01" * 20)
FUNCTION = re.compile(r"function\s+(\w+)\s*\(([^)]*)\)([^{;]*)[{;]")


def _sources() -> dict[str, str]:
    """Contract or library of ours -> its code without comments."""
    return {
        path.stem: re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        for path in sources()
    }


def _deployed(name: str, code_of: dict[str, str]) -> str:
    """The contract itself, or the one that inherits an abstract part."""
    heirs = [
        one
        for one, code in code_of.items()
        if re.search(rf"\bcontract\s+{one}\s+is\b[^{{]*\b{name}\b", code)
    ]
    return _deployed(heirs[0], code_of) if f"abstract contract {name}" in code_of[name] else name


def _restricted_in_sources() -> set[tuple[str, str]]:
    """(contract, function) with the modifier, in every file of ours."""
    found, code_of = set(), _sources()
    for contract, code in code_of.items():
        for name, _, modifiers in FUNCTION.findall(code):
            if re.search(r"\brestricted\b", modifiers):
                found.add((_deployed(contract, code_of), name))
    return found


def _documented() -> set[tuple[str, str]]:
    roles = load().roles.values()
    return {(c, name) for role in roles for c, names in role.functions.items() for name in names}


def test_every_restricted_function_has_its_line_and_no_other():
    assert _restricted_in_sources() == _documented()


def test_the_search_of_the_sources_sees_what_the_sources_hold():
    code = _sources().values()
    assert sum(len(re.findall(r"\brestricted\b", one)) for one in code) == len(_documented())


def _zero(item: dict[str, Any]) -> Any:
    kind = item["type"]
    if kind.endswith("[]"):
        return []
    if kind == "tuple":
        return tuple(_zero(part) for part in item["components"])
    return {"string": "", "bool": False, "address": "0x" + "00" * 20}.get(
        kind, b"" if kind.startswith("bytes") else 0
    )


def _changes_state(item: dict[str, Any]) -> bool:
    """Without `setAuthority`, which only the Authority itself may call, for ADMIN."""
    changing = item["type"] == "function" and item["stateMutability"] not in ("view", "pure")
    return changing and item["name"] != "setAuthority"


async def _refuses_strangers(rpc: Rpc, at: bytes, item: dict[str, Any]) -> bool:
    """Whether the first thing the function does is to ask the Authority."""
    types = [_canonical(one) for one in item["inputs"]]
    data = bytes.fromhex(selector(item)) + encode(types, [_zero(one) for one in item["inputs"]])
    call = {"from": to_hex(STRANGER), "to": to_hex(at), "data": to_hex(data)}
    try:
        await rpc.call("eth_call", call, "latest")
    except RpcFailed:
        return False
    except SmartRetailError as error:
        return error.details.get("data", "").startswith(to_hex(AccessManagedUnauthorized.SELECTOR))
    return False


async def test_the_chain_refuses_strangers_exactly_these(rpc: Rpc, deployment: Deployment):
    refused = set()
    for contract in administered():
        at = deployment.address(contract)
        for item in filter(_changes_state, committed_abis()[contract]):
            if await _refuses_strangers(rpc, at, item):
                refused.add((contract, item["name"]))
    assert refused == _documented()


def test_the_authority_is_asked_by_every_contract_with_a_line():
    assert {contract for contract, _ in _documented()} <= set(administered())
    assert functions_of("NoSuchContract") == {}


def test_the_page_is_up_to_date():
    assert roles_docs.PAGE.read_text() == roles_docs.render(), "run python -m scripts.roles_docs"


def test_the_guardian_acts_at_once_and_every_other_role_waits_in_production():
    at_once = {role.name for role in load().roles.values() if role.delays["production"] == 0}
    assert at_once == {"GUARDIAN"}
    assert all(role.delays["development"] == 0 for role in load().roles.values())


def test_the_guardian_only_pauses_and_what_pauses_can_be_resumed():
    roles = load().roles
    assert {name for names in roles["GUARDIAN"].functions.values() for name in names} == {"pause"}
    assert {name for names in roles["RESUMER"].functions.values() for name in names} == {"unpause"}
    assert set(roles["GUARDIAN"].functions) == set(roles["RESUMER"].functions)


DELAY = "delay = { development = 0, production = 0 }"
ADMIN = f"[ADMIN]\nid = 0\nmay = ''\n{DELAY}"


@pytest.mark.parametrize(
    "text",
    [
        "not toml",
        f"[ADMIN]\nid = 1\nmay = ''\n{DELAY}",
        f"{ADMIN}\n[OTHER]\nid = 0\nmay = ''\n{DELAY}",
        "[ADMIN]\nid = 0\nmay = ''\ndelay = { development = 0 }",
        f"{ADMIN}\n[OTHER]\nid = 1\nmay = ''\nguardian = 'NOBODY'\n{DELAY}",
        f"{ADMIN}\n[ADMIN.functions]\nActorRegistry = ['erase']",
        f"{ADMIN}\n[ADMIN.functions]\nActorRegistry = ['revoke', 'revoke']",
    ],
    ids=[
        "not toml",
        "ADMIN moved",
        "an id twice",
        "a delay is missing",
        "unknown guardian",
        "unknown function",
        "a function twice",
    ],
)
def test_a_policy_that_contradicts_itself_is_refused(tmp_path: Path, text: str):
    path = tmp_path / "roles.toml"
    path.write_text(text)
    with pytest.raises(BadPolicy):
        load(path)


def _production(**roles: str) -> Settings:
    given = {name: to_hex(bytes([n]) * 20) for n, name in enumerate(RoleSettings.model_fields, 7)}
    return Settings(
        environment=Environment.PRODUCTION,
        keys=KeySettings(mnemonic=""),
        roles=RoleSettings(**{**given, **roles}),
    )


def test_settings_name_exactly_the_documented_roles():
    assert {name.upper() for name in RoleSettings.model_fields} == set(load().roles)


def test_in_development_the_deployer_holds_every_role():
    assert set(administration(Settings(), DEPLOYER).holders.values()) == {DEPLOYER}


def test_in_production_every_role_has_an_account_of_its_own():
    wanted = administration(_production(), DEPLOYER)
    assert wanted.profile == "production"
    assert len({*wanted.holders.values(), DEPLOYER}) == len(load().roles) + 1


@pytest.mark.parametrize(
    ("role", "address"),
    [
        ("guardian", ""),
        ("guardian", "0x12"),
        ("guardian", to_hex(bytes(20))),
        ("guardian", to_hex(DEPLOYER)),
        ("guardian", to_hex(b"\x07" * 20)),
    ],
    ids=["missing", "malformed", "zero", "the deployer", "the administrator"],
)
def test_production_refuses(role: str, address: str):
    with pytest.raises(BadConfig, match="SR360_ROLES__"):
        administration(_production(**{role: address}), DEPLOYER)
