"""`sr360 roles` on live chains: good ones, and each kind of excess planted and found.

development
└── after deploy: the deployer holds every role, nothing is more and nothing less; whoever names
   a node needs no other setting
production
├── after deploy: only the deployer's ADMIN is more
├── deploying again sends nothing
├── handed over: the deployer can do nothing, and nothing is more
├── a role acts only after its delay; the guardian cancels a call that waits
└── the guardian cannot act for another role
hand over
├── in development: refused
├── while a permission is missing, or there is more than documented: refused
└── before the new administrator has shown its key: refused
excess, each found by its rule, exit 1
├── a grant of a documented role, of an unknown one, or one that takes effect later
├── a shorter delay
├── a function given to everyone, or to another role
├── an address that is not ours
├── another role as a role's admin, or as its guardian
└── another Authority behind a contract; altered code
less than documented
└── a revoked grant, a closed contract: exit 0, with --exact 1
could not check: exit 2
├── nobody answers, another chain, no contract there
└── no deployment file, or one that names no holders
"""

import dataclasses
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from core.chain import deployments
from core.chain.bindings import actor_registry
from core.chain.bindings import authority as binding
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import _derive, deployer
from core.config import (
    DEV_MNEMONIC,
    ChainSettings,
    Environment,
    KeySettings,
    RoleSettings,
    Settings,
)
from core.crypto import address_of, to_hex
from core.errors import BadConfig, DeploymentMissing, RpcUnavailable, SmartRetailError, Unauthorized
from scripts.administer import NotHandedOver, hand_over
from scripts.anvil import Anvil, free_port
from scripts.authority import Live, read
from scripts.compile import compile_contracts
from scripts.deploy import deploy
from scripts.policy import ADMIN, PUBLIC, load, selector_of
from scripts.roles import roles
from scripts.roles_compare import compare, duration, missing
from scripts.sr360 import app
from scripts.transact import transact

POLICY = load()
KEYS = {name: _derive(DEV_MNEMONIC, n) for n, name in enumerate(RoleSettings.model_fields, 1)}
"""anvil's accounts as the production administrators of a rehearsal."""
ATTACKER = address_of(_derive(DEV_MNEMONIC, 9))
DEPLOYER_KEY = "0x" + _derive(DEV_MNEMONIC, 0).hex()
Call = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture
async def rpc(fresh_anvil: Anvil) -> AsyncIterator[Rpc]:
    compile_contracts()
    async with Rpc(fresh_anvil.url) as connection:
        yield connection


@pytest.fixture
def development(fresh_anvil: Anvil, tmp_path: Path) -> Settings:
    return Settings(state_dir=tmp_path, chain=ChainSettings(rpc_url=fresh_anvil.url))


@pytest.fixture
def production(fresh_anvil: Anvil, tmp_path: Path) -> Settings:
    accounts = {name: to_hex(address_of(key)) for name, key in KEYS.items()}
    return Settings(
        environment=Environment.PRODUCTION,
        state_dir=tmp_path,
        chain=ChainSettings(rpc_url=fresh_anvil.url),
        keys=KeySettings(mnemonic="", deployer=DEPLOYER_KEY),
        roles=RoleSettings(**accounts),
    )


async def _rules(rpc: Rpc, deployment: Deployment) -> list[str]:
    live = await read(rpc, deployment, POLICY)
    return [finding.rule for finding in compare(POLICY, deployment, live)]


async def _later(rpc: Rpc, seconds: int) -> None:
    await rpc.call("evm_increaseTime", seconds)
    await rpc.call("evm_mine")


async def _prove_admin(rpc: Rpc, deployment: Deployment) -> None:
    """ADMIN schedules a call that changes nothing, and cancels it."""
    call = binding.encode_label_role(1, "REGISTRAR")
    at, admin = deployment.authority, address_of(KEYS["admin"])
    await transact(rpc, KEYS["admin"], at, binding.encode_schedule(at, call, 0))
    await transact(rpc, KEYS["admin"], at, binding.encode_cancel(admin, at, call))


async def _handed_over(rpc: Rpc, settings: Settings) -> tuple[Deployment, Live]:
    deployment = await deploy(settings)
    await _prove_admin(rpc, deployment)
    return deployment, await hand_over(rpc, deployer(settings), deployment)


# Good


async def test_in_development_the_deployer_holds_every_role(
    rpc: Rpc, development: Settings, capsys: pytest.CaptureFixture[str]
):
    deployment = await deploy(development)
    live = await read(rpc, deployment, POLICY)
    assert {grant.role for grant in live.grants} == {role.id for role in POLICY.roles.values()}
    assert {grant.account for grant in live.grants} == {address_of(deployer(development))}
    assert (compare(POLICY, deployment, live), missing(POLICY, deployment, live)) == ([], [])
    assert await roles(development, rpc_url=None, as_json=False, exact=True) == 0
    chain = development.chain.model_copy(update={"chain_id": 4242})
    elsewhere = development.model_copy(update={"chain": chain})
    at = development.chain.rpc_url
    assert await roles(elsewhere, rpc_url=at, as_json=False, exact=True) == 0
    told = capsys.readouterr().out
    assert "as documented" in told
    lines = told.split("\n")
    assert "    may call ActorRegistry.revoke" in lines
    assert f"    {to_hex(address_of(deployer(development)))} acts at once" in lines


async def test_the_deployer_of_production_is_more_until_it_goes(rpc: Rpc, production: Settings):
    deployment = await deploy(production)
    before = await rpc.call("eth_blockNumber")
    assert await deploy(production) == deployment
    assert await rpc.call("eth_blockNumber") == before
    assert await _rules(rpc, deployment) == ["grant"]
    await _prove_admin(rpc, deployment)
    live = await hand_over(rpc, deployer(production), deployment)
    assert (compare(POLICY, deployment, live), missing(POLICY, deployment, live)) == ([], [])
    assert live.grant(ADMIN, address_of(deployer(production))) is None
    assert await hand_over(rpc, deployer(production), deployment)  # nothing is left to do
    grant = binding.encode_grant_role(1, ATTACKER, 0)
    with pytest.raises(Unauthorized, match="does not have role 0"):
        await transact(rpc, deployer(production), deployment.authority, grant)


async def test_a_role_acts_after_its_delay(rpc: Rpc, production: Settings):
    deployment, _ = await _handed_over(rpc, production)
    key, registry = KEYS["registrar"], deployment.actor_registry
    data = actor_registry.encode_register(ATTACKER, 1, "https://id.gs1.org/417/1", "A farm")
    with pytest.raises(SmartRetailError):
        await transact(rpc, key, registry, data)
    await transact(rpc, key, deployment.authority, binding.encode_schedule(registry, data, 0))
    live = await read(rpc, deployment, POLICY)
    [waiting] = live.scheduled
    assert (waiting.caller, waiting.target, waiting.data) == (address_of(key), registry, data)
    assert waiting.when - live.timestamp == POLICY.roles["REGISTRAR"].delays["production"]
    with pytest.raises(SmartRetailError):
        await transact(rpc, key, registry, data)
    await _later(rpc, POLICY.roles["REGISTRAR"].delays["production"])
    await transact(rpc, key, registry, data)
    assert (await read(rpc, deployment, POLICY)).scheduled == ()


async def test_the_guardian_cancels_what_waits_and_can_do_nothing_else(
    rpc: Rpc, production: Settings
):
    deployment, _ = await _handed_over(rpc, production)
    registry, guardian = deployment.actor_registry, KEYS["guardian"]
    data = actor_registry.encode_register(ATTACKER, 5, "https://id.gs1.org/417/1", "An office")
    call = binding.encode_schedule(registry, data, 0)
    await transact(rpc, KEYS["registrar"], deployment.authority, call)
    with pytest.raises(SmartRetailError):
        await transact(rpc, guardian, deployment.authority, call)
    cancel = binding.encode_cancel(address_of(KEYS["registrar"]), registry, data)
    await transact(rpc, guardian, deployment.authority, cancel)
    assert (await read(rpc, deployment, POLICY)).scheduled == ()
    for key in (guardian, KEYS["registrar"]):
        with pytest.raises(SmartRetailError):
            await transact(rpc, key, registry, data)


# Hand over


async def test_development_hands_over_to_nobody(rpc: Rpc, development: Settings):
    deployment = await deploy(development)
    with pytest.raises(NotHandedOver, match="nobody to hand over to"):
        await hand_over(rpc, deployer(development), deployment)


async def test_no_hand_over_before_the_administrator_has_shown_its_key(
    rpc: Rpc, production: Settings
):
    deployment = await deploy(production)
    with pytest.raises(NotHandedOver, match="never scheduled"):
        await hand_over(rpc, deployer(production), deployment)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (binding.encode_revoke_role(4, address_of(KEYS["guardian"])), "does not hold GUARDIAN"),
        (binding.encode_grant_role(2, ATTACKER, 86_400), "holds ISSUER, which is not documented"),
    ],
    ids=["missing", "more"],
)
async def test_no_hand_over_while_something_differs(
    rpc: Rpc, production: Settings, call: bytes, words: str
):
    deployment = await deploy(production)
    await _prove_admin(rpc, deployment)
    await transact(rpc, deployer(production), deployment.authority, call)
    with pytest.raises(NotHandedOver, match=words):
        await hand_over(rpc, deployer(production), deployment)
    assert await _rules(rpc, deployment)


# Excess

REGISTER = selector_of("ActorRegistry", "register")
ROLE_OF = selector_of("ActorRegistry", "roleOf")
REGISTRAR_ACCOUNT = address_of(KEYS["registrar"])
PLANTED: list[tuple[str, str, Callable[[Deployment], list[bytes]]]] = [
    ("a grant", "grant", lambda d: [binding.encode_grant_role(1, ATTACKER, 3_600)]),
    ("a second admin", "grant", lambda d: [binding.encode_grant_role(ADMIN, ATTACKER, 172_800)]),
    ("a grant of an unknown role", "grant", lambda d: [binding.encode_grant_role(77, ATTACKER, 0)]),
    (
        "a shorter delay",
        "delay",
        lambda d: [
            binding.encode_revoke_role(1, REGISTRAR_ACCOUNT),
            binding.encode_grant_role(1, REGISTRAR_ACCOUNT, 60),
        ],
    ),
    (
        "a delay that will be shorter",
        "delay",
        lambda d: [binding.encode_grant_role(1, REGISTRAR_ACCOUNT, 0)],
    ),
    (
        "a function for everyone",
        "function",
        lambda d: [binding.encode_set_target_function_role(d.actor_registry, [REGISTER], PUBLIC)],
    ),
    (
        "a function for another role",
        "function",
        lambda d: [binding.encode_set_target_function_role(d.actor_registry, [REGISTER], 4)],
    ),
    (
        "an undocumented function",
        "function",
        lambda d: [binding.encode_set_target_function_role(d.actor_registry, [ROLE_OF], 1)],
    ),
    (
        "an address that is not ours",
        "target",
        lambda d: [binding.encode_set_target_function_role(ATTACKER, [REGISTER], 1)],
    ),
    ("another admin of a role", "admin", lambda d: [binding.encode_set_role_admin(2, 4)]),
    ("another guardian", "guardian", lambda d: [binding.encode_set_role_guardian(1, 2)]),
    (
        "another Authority",
        "authority",
        lambda d: [binding.encode_update_authority(d.carbon_token, d.actor_registry)],
    ),
]


@pytest.mark.parametrize(("rule", "plant"), [p[1:] for p in PLANTED], ids=[p[0] for p in PLANTED])
async def test_what_is_more_is_found(
    rpc: Rpc,
    production: Settings,
    capsys: pytest.CaptureFixture[str],
    rule: str,
    plant: Callable[[Deployment], list[bytes]],
):
    deployment = await deploy(production)
    assert await _rules(rpc, deployment) == ["grant"]  # the deployer's
    for call in plant(deployment):
        await transact(rpc, deployer(production), deployment.authority, call)
    assert sorted(await _rules(rpc, deployment)) == sorted(["grant", rule])
    assert await roles(production, rpc_url=None, as_json=True, exact=False) == 1
    told = json.loads(capsys.readouterr().out)
    assert rule in {one["rule"] for one in told["excess"]}
    assert told["ok"] is False


async def test_a_grant_that_takes_effect_later_is_found_now(rpc: Rpc, development: Settings):
    deployment = await deploy(development)
    key, at = deployer(development), deployment.authority
    await transact(rpc, key, at, binding.encode_set_grant_delay(1, 86_400))
    await _later(rpc, 6 * 86_400)
    await transact(rpc, key, at, binding.encode_grant_role(1, ATTACKER, 0))
    live = await read(rpc, deployment, POLICY)
    [finding] = compare(POLICY, deployment, live)
    assert finding.rule == "grant"
    assert "from 20" in finding.message


async def test_altered_code_is_found(rpc: Rpc, development: Settings):
    deployment = await deploy(development)
    await rpc.call("anvil_setCode", to_hex(deployment.forecast_ledger), "0x00")
    assert await _rules(rpc, deployment) == ["code"]


# Less


async def test_less_than_documented_is_told(rpc: Rpc, development: Settings):
    deployment = await deploy(development)
    key, at = deployer(development), deployment.authority
    await transact(rpc, key, at, binding.encode_revoke_role(4, address_of(key)))
    await transact(rpc, key, at, binding.encode_set_target_closed(deployment.carbon_token, True))
    await transact(rpc, key, at, binding.encode_set_role_guardian(1, ADMIN))
    open_function = binding.encode_set_target_function_role(
        deployment.actor_registry, [REGISTER], ADMIN
    )
    await transact(rpc, key, at, open_function)
    live = await read(rpc, deployment, POLICY)
    assert {one.rule for one in missing(POLICY, deployment, live)} == {
        "closed",
        "function",
        "grant",
        "guardian",
    }
    assert await roles(development, rpc_url=None, as_json=False, exact=False) == 0
    assert await roles(development, rpc_url=None, as_json=False, exact=True) == 1
    await deploy(development)  # puts back what the policy documents, and opens nothing
    live = await read(rpc, deployment, POLICY)
    assert [one.rule for one in missing(POLICY, deployment, live)] == ["closed"]


# Could not check


async def test_what_cannot_be_checked_is_not_called_good(rpc: Rpc, development: Settings):
    with pytest.raises(DeploymentMissing):
        await roles(development, rpc_url=None, as_json=False, exact=False)
    deployment = await deploy(development)
    nobody = f"http://127.0.0.1:{free_port()}"
    with pytest.raises(RpcUnavailable):
        await roles(development, rpc_url=nobody, as_json=False, exact=False)
    await rpc.call("anvil_setCode", to_hex(deployment.authority), "0x")
    with pytest.raises(DeploymentMissing, match="no contract at"):
        await roles(development, rpc_url=None, as_json=False, exact=False)
    folder = development.state_dir / "deployments"
    deployments.write(dataclasses.replace(deployment, administration=None), folder)
    with pytest.raises(DeploymentMissing, match="does not say"):
        await roles(development, rpc_url=None, as_json=False, exact=False)
    elsewhere = development.chain.model_copy(update={"chain_id": 4242})
    deployments.write(dataclasses.replace(deployment, chain_id=4242), folder)
    other = development.model_copy(update={"chain": elsewhere})
    with pytest.raises(BadConfig, match="chain 31337, not 4242"):
        await roles(other, rpc_url=None, as_json=False, exact=False)


def test_a_node_that_is_down_is_exit_2(tmp_path: Path):
    env = {"SR360_STATE_DIR": str(tmp_path)}
    assert CliRunner().invoke(app, ["roles"], env=env).exit_code == 2


def test_help_teaches():
    words = CliRunner().invoke(app, ["roles", "--help"], terminal_width=100).output
    for word in ("Exit 0", "Exit 1", "Exit 2", "--json", "--exact", "Example"):
        assert word in words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "at once"), (60, "1 min"), (172_800, "2 d"), (90_061, "1 d 1 h 1 min 1 s")],
)
def test_durations(seconds: int, words: str):
    assert duration(seconds) == words
