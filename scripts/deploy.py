"""Puts the contracts on a chain, once: running it again changes nothing.

Every contract is created by the deterministic deployment proxy (CREATE2), so its address follows
from its code, its arguments and the deployer; whether it is there is one look at the address.

    sr360 deploy                                            the configured chain
    ape run deploy --network ethereum:local:http://...      the same, through ape's provider
    ape run deploy --network ethereum:local:test            a rehearsal on py-evm, in memory
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.chain.client import Rpc, to_bytes, to_int
from core.chain.deployments import Administration, Contract, Deployment, write
from core.crypto import address_of, keccak256, to_hex
from core.errors import Operator, SmartRetailError
from core.types import Address
from scripts.administer import administer
from scripts.policy import administration, development
from scripts.transact import transact_all

if TYPE_CHECKING:
    from core.config import Settings

ROOT: Final = Path(__file__).resolve().parent.parent
PROXY: Final = Address(bytes.fromhex("4e59b44847b379578588920ca78fbf26c0b4956c"))
"""github.com/Arachnid/deterministic-deployment-proxy, at this address on every chain."""
SALT: Final = keccak256(b"SmartRetail360")

Addresses = Mapping[str, bytes]
ARGUMENTS: Final[Mapping[str, Callable[[bytes, Addresses], list[bytes]]]] = {
    "Authority": lambda admin, at: [admin],
    "ActorRegistry": lambda admin, at: [at["Authority"]],
    "SupplyChain": lambda admin, at: [at["ActorRegistry"]],
    "SerialRegistry": lambda admin, at: [at["Authority"]],
    "FootprintRegistry": lambda admin, at: [
        at["Authority"],
        at["ActorRegistry"],
        at["SupplyChain"],
    ],
    "CarbonToken": lambda admin, at: [
        at["Authority"],
        at["SerialRegistry"],
        at["FootprintRegistry"],
    ],
    "SensorOracle": lambda admin, at: [at["Authority"]],
    "DeviceRegistry": lambda admin, at: [at["Authority"]],
    "ForecastLedger": lambda admin, at: [],
    "DeliveryEscrow": lambda admin, at: [at["SupplyChain"], at["SensorOracle"], at["Authority"]],
    "CertificateRegistry": lambda admin, at: [at["ActorRegistry"]],
    "AnchorLog": lambda admin, at: [],
}
"""Constructor arguments (addresses, all of them) in the order of creation."""


class ProxyMissing(Operator):
    """The chain lacks the deterministic deployment proxy."""

    code = "deployment_proxy_missing"
    hint_default = (
        "Send the proxy's published presigned transaction first: "
        "github.com/Arachnid/deterministic-deployment-proxy."
    )


class NotCompiled(Operator):
    """The contracts were not compiled."""

    code = "contracts_not_compiled"
    hint_default = "Run `python -m scripts.compile`."


class NotCreated(Operator):
    """The creation was mined but left no code."""

    code = "contract_not_created"


@dataclass(frozen=True)
class Creation:
    """A contract and where its init code puts it."""

    name: str
    init_code: bytes

    @property
    def address(self) -> Address:
        """EIP-1014."""
        seed = b"\xff" + PROXY + SALT + keccak256(self.init_code)
        return Address(keccak256(seed)[12:])


async def deploy(settings: "Settings") -> Deployment:
    """Deploy to the configured chain with the configured key; the file goes to the state folder.

    Raises as `deploy_to` does, and BadConfig for a key or an administrator that is missing.
    """
    from core.chain.keys import deployer

    key, folder = deployer(settings), settings.state_dir / "deployments"
    wanted = administration(settings, address_of(key))
    return await deploy_to(settings.chain.rpc_url, key, folder, wanted)


async def deploy_to(
    rpc_url: str, private_key: bytes, folder: Path, wanted: Administration | None = None
) -> Deployment:
    """Create what is missing, set up the roles and write `<folder>/<chain id>.json`.

    Without `wanted` the deployer holds every role, as in development.

    Raises:
        RpcUnavailable: the node does not answer.
        NotCompiled, ProxyMissing, NotCreated: the operator has to act.
        SmartRetailError: the Authority refuses this key a change of the roles.
    """
    deployer = address_of(private_key)
    planned = plan(deployer)
    async with Rpc(rpc_url) as rpc:
        await _create_missing(rpc, private_key, planned)
        deployment = await _describe(rpc, planned, wanted or development(deployer))
        await administer(rpc, private_key, deployment)
    write(deployment, folder)
    return deployment


async def differences(rpc_url: str, deployment: Deployment, deployer: Address) -> list[str]:
    """How a deployment is not what this source creates for a deployer; nothing is sent.

    An address commits to the code that created the contract (CREATE2). Raises NotCompiled,
    RpcUnavailable.
    """
    planned = {creation.name: creation.address for creation in plan(deployer)}
    told = {name: contract.address for name, contract in deployment.contracts.items()}
    found = [
        f"{name} should be at {to_hex(at)}" for name, at in planned.items() if told.get(name) != at
    ]
    found += [f"{name} is none of this source" for name in told if name not in planned]
    async with Rpc(rpc_url) as rpc:
        codes = await _codes(rpc, list(told.values()))
    for name, contract in deployment.contracts.items():
        if keccak256(codes.get(contract.address, b"")) != contract.code_hash:
            found.append(f"the code of {name} is not the one in the deployment file")
    return found


def plan(admin: bytes) -> list[Creation]:
    """What gets created, for an administrator (20 bytes). Raises NotCompiled."""
    at: dict[str, bytes] = {}
    creations = []
    for name, arguments in ARGUMENTS.items():
        words = b"".join(bytes(12) + address for address in arguments(admin, at))
        creation = Creation(name, creation_code(name) + words)
        at[name] = creation.address
        creations.append(creation)
    return creations


def creation_code(name: str) -> bytes:
    """The compiled contract. Raises NotCompiled."""
    path = ROOT / f"contracts/out/{name}.sol/{name}.json"
    try:
        return to_bytes(json.loads(path.read_text())["bytecode"]["object"])
    except (OSError, KeyError, json.JSONDecodeError, SmartRetailError) as error:
        raise NotCompiled(f"{path.relative_to(ROOT)} holds no compiled {name}") from error


async def _create_missing(rpc: Rpc, private_key: bytes, planned: list[Creation]) -> None:
    if not await _codes(rpc, [PROXY]):
        raise ProxyMissing(f"no contract at {to_hex(PROXY)}")
    present = await _codes(rpc, [c.address for c in planned])
    missing = [c for c in planned if c.address not in present]
    await transact_all(rpc, private_key, [(PROXY, SALT + c.init_code) for c in missing])


async def _describe(rpc: Rpc, planned: list[Creation], wanted: Administration) -> Deployment:
    codes = await _codes(rpc, [c.address for c in planned])
    if absent := [c.name for c in planned if c.address not in codes]:
        raise NotCreated(f"no code appeared for {', '.join(absent)}")
    contracts = {c.name: Contract(c.address, keccak256(codes[c.address])) for c in planned}
    chain_id = to_int(await rpc.call("eth_chainId"))
    first = await _first_block(rpc, planned[0].address)
    return Deployment(chain_id, first, contracts, wanted)


async def _first_block(rpc: Rpc, authority: bytes) -> int:
    """Authority is created first and logs its administrator in its constructor."""
    query = {"address": to_hex(authority), "fromBlock": "0x0", "toBlock": "latest"}
    logs = await rpc.call("eth_getLogs", query)
    return min(to_int(log["blockNumber"]) for log in logs)


async def _codes(rpc: Rpc, addresses: list[Address]) -> dict[Address, bytes]:
    found = await rpc.batch([("eth_getCode", (to_hex(a), "latest")) for a in addresses])
    codes = zip(addresses, map(to_bytes, found), strict=True)
    return {address: code for address, code in codes if code}


def main() -> None:
    """`ape run deploy`: to the provider ape is connected to."""
    import ape

    from core.config import Settings

    addresses: Addresses
    provider, account = ape.networks.provider, ape.accounts.test_accounts[0]
    if provider.name == "test":
        addresses = _rehearse(ape.project, account)
    else:
        key = to_bytes(str(account.private_key))
        folder = Settings().state_dir / "deployments"
        deployment = asyncio.run(deploy_to(provider.http_uri, key, folder))
        addresses = {name: c.address for name, c in deployment.contracts.items()}
    for name, address in addresses.items():
        print(f"{name:16} {to_hex(address)}")


def _rehearse(project: Any, account: Any) -> Addresses:
    """Plain creation: ape's own chain has no deployment proxy and ends with the command."""
    at: dict[str, bytes] = {}
    admin = to_bytes(str(account.address))
    for name, arguments in ARGUMENTS.items():
        instance = account.deploy(getattr(project, name), *arguments(admin, at))
        at[name] = to_bytes(str(instance.address))
    return at
