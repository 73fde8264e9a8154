"""Attack: re-initialisation (Audius, July 2022).

Audius' proxy kept its owner in the slot where the contract behind it kept its `initialized` flags,
so anyone could initialise the live governance again and vote himself the treasury. Ours have
neither half of it: nothing sits behind a proxy, and nothing is set after the constructor.

a contract of ours
├── runs no delegatecall, callcode or selfdestruct
│  └── except Authority: OpenZeppelin's Multicall, which calls only itself
├── has no initializer in its ABI and inherits none
├── refuses every initializer that a proxied contract would have
├── keeps nothing in the slots of OpenZeppelin's Initializable and of EIP-1967 proxies
└── takes no other authority from a stranger
Authority's multicall
└── with another's address appended to the call: the sender stays the sender (CVE-2023-49145)
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.chain.bindings import actor_registry
from core.chain.bindings import authority as authority_binding
from core.chain.client import Rpc, to_bytes
from core.chain.deployments import Deployment
from core.chain.keys import deployer
from core.config import Settings
from core.crypto import address_of, keccak256, to_hex
from core.errors import SmartRetailError, Unauthorized
from scripts.bindings import CONTRACTS, committed_abis
from scripts.compile import sources

ROOT = Path(__file__).resolve().parents[2]
ATTACKER = b"\x66" * 20
PUSH1, PUSH32, JUMPDEST = 0x60, 0x7F, 0x5B
ENDS = {0x00, 0x56, 0xF3, 0xFD, 0xFE, 0xFF}
"""STOP, JUMP, RETURN, REVERT, INVALID, SELFDESTRUCT: what follows runs only from a JUMPDEST on."""
CALLCODE, DELEGATECALL, SELFDESTRUCT = 0xF2, 0xF4, 0xFF
FORBIDDEN = {CALLCODE, DELEGATECALL, SELFDESTRUCT}
SELF_CALLS = {"Authority": [DELEGATECALL]}
INITIALIZERS = (
    "initialize()",
    "initialize(address)",
    "initialize(address,address)",
    "init()",
    "init(address)",
    "setup(address)",
    "reinitialize(uint8)",
    "upgradeTo(address)",
    "upgradeToAndCall(address,bytes)",
    "transferOwnership(address)",
)
SLOTS = {
    "openzeppelin.storage.Initializable": (
        "0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00"
    ),
    "eip1967.proxy.implementation": (
        "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
    ),
    "eip1967.proxy.admin": "0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103",
}


def _reachable(code: bytes) -> Iterator[int]:
    """Opcodes that may run; the data of a PUSH and what no JUMPDEST leads to are none."""
    at, runs = 0, True
    while at < len(code):
        opcode = code[at]
        runs = runs or opcode == JUMPDEST
        if runs:
            yield opcode
        at += opcode - PUSH1 + 2 if PUSH1 <= opcode <= PUSH32 else 1
        runs = runs and opcode not in ENDS


def test_the_walk_sees_opcodes_and_not_data():
    push_then_call = bytes.fromhex("60f4 50 f4 00 ff 5b ff")
    assert [op for op in _reachable(push_then_call) if op in FORBIDDEN] == [0xF4, 0xFF]


@pytest.mark.parametrize("name", CONTRACTS)
def test_no_code_but_its_own_runs_on_its_storage(name: str, deployment: Deployment):
    artefact = json.loads((ROOT / f"contracts/out/{name}.sol/{name}.json").read_text())
    code = to_bytes(artefact["deployedBytecode"]["object"])
    assert len(code) > 100
    assert [op for op in _reachable(code) if op in FORBIDDEN] == SELF_CALLS.get(name, [])


@pytest.mark.parametrize("name", CONTRACTS)
def test_nothing_is_named_like_an_initializer(name: str):
    functions = [item["name"] for item in committed_abis()[name] if item["type"] == "function"]
    assert [one for one in functions if re.match(r"(re)?init|setUp$|setup$|upgrade", one)] == []


def test_no_source_inherits_an_initializer_or_a_proxy():
    for path in sources():
        imported = re.findall(r'from "([^"]+)"', path.read_text())
        assert [one for one in imported if re.search(r"Initializable|proxy|upgrade", one)] == []


@pytest.mark.parametrize("signature", INITIALIZERS)
async def test_initializers_are_refused(rpc: Rpc, deployment: Deployment, signature: str):
    selector = keccak256(signature.encode())[:4]
    for contract in deployment.contracts.values():
        call = {"to": to_hex(contract.address), "data": to_hex(selector + bytes(12) + ATTACKER)}
        with pytest.raises(SmartRetailError):
            await rpc.call("eth_call", {**call, "from": to_hex(ATTACKER)}, "latest")


@pytest.mark.parametrize("slot", SLOTS.values(), ids=list(SLOTS))
async def test_the_slots_of_proxies_are_empty(rpc: Rpc, deployment: Deployment, slot: str):
    for contract in deployment.contracts.values():
        word = await rpc.call("eth_getStorageAt", to_hex(contract.address), slot, "latest")
        assert not any(to_bytes(word))


async def test_a_stranger_changes_no_authority(rpc: Rpc, deployment: Deployment):
    data = actor_registry.encode_set_authority(ATTACKER)
    for name, contract in deployment.contracts.items():
        if "setAuthority" not in {item.get("name") for item in committed_abis()[name]}:
            continue
        for sender in (ATTACKER, address_of(deployer(Settings()))):
            call = {"from": to_hex(sender), "to": to_hex(contract.address), "data": to_hex(data)}
            with pytest.raises(Unauthorized):
                await rpc.call("eth_call", call, "latest")


async def test_an_appended_address_is_nobody(rpc: Rpc, deployment: Deployment):
    admin = address_of(deployer(Settings()))
    grant = authority_binding.encode_grant_role(0, ATTACKER, 0)
    multicall = authority_binding.encode_multicall([grant + admin])
    call = {"to": to_hex(deployment.authority), "data": to_hex(multicall + admin)}
    await rpc.call("eth_call", {**call, "from": to_hex(admin)}, "latest")  # the admin may
    with pytest.raises(Unauthorized, match="does not have role 0"):
        await rpc.call("eth_call", {**call, "from": to_hex(ATTACKER)}, "latest")
