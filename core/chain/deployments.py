"""Where the contracts of a chain are: one JSON file per chain id.

Chain 31337 is everybody's own, so its file lives in the state folder; those of public chains are
committed under contracts/deployments.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from core.config import Settings
from core.crypto import to_address, to_hash, to_hex
from core.errors import BadConfig, DeploymentMissing, SmartRetailError
from core.types import Address

COMMITTED: Final = Path(__file__).resolve().parent.parent.parent / "contracts/deployments"


@dataclass(frozen=True, slots=True)
class Contract:
    """A deployed contract."""

    address: Address
    code_hash: bytes
    """keccak256 of the code at the address when it was deployed (32 bytes)."""


@dataclass(frozen=True, slots=True)
class Administration:
    """Who is meant to hold each role of the Authority: what a live chain is compared with."""

    profile: str
    """`development` or `production`: which delays of contracts/roles.toml apply."""
    holders: dict[str, Address]
    """Role name -> account."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """The contracts of one chain, by name."""

    chain_id: int
    start_block: int
    """The block of the first contract: history before it holds nothing of ours."""
    contracts: dict[str, Contract]
    administration: Administration | None = None
    """None in files older than the roles."""

    @property
    def authority(self) -> Address:
        return self.address("Authority")

    @property
    def actor_registry(self) -> Address:
        return self.address("ActorRegistry")

    @property
    def supply_chain(self) -> Address:
        return self.address("SupplyChain")

    @property
    def carbon_token(self) -> Address:
        return self.address("CarbonToken")

    @property
    def serial_registry(self) -> Address:
        return self.address("SerialRegistry")

    @property
    def footprint_registry(self) -> Address:
        return self.address("FootprintRegistry")

    @property
    def sensor_oracle(self) -> Address:
        return self.address("SensorOracle")

    @property
    def device_registry(self) -> Address:
        return self.address("DeviceRegistry")

    @property
    def forecast_ledger(self) -> Address:
        return self.address("ForecastLedger")

    @property
    def delivery_escrow(self) -> Address:
        return self.address("DeliveryEscrow")

    @property
    def certificate_registry(self) -> Address:
        return self.address("CertificateRegistry")

    @property
    def anchor_log(self) -> Address:
        return self.address("AnchorLog")

    def address(self, name: str) -> Address:
        """Raises DeploymentMissing when the deployment is older than the contract."""
        if name not in self.contracts:
            raise DeploymentMissing(f"{name} is not deployed on chain {self.chain_id}")
        return self.contracts[name].address


def load(settings: Settings) -> Deployment:
    """The deployment on the configured chain.

    Raises:
        DeploymentMissing: no file for this chain.
        BadConfig: the file is broken or for another chain.
    """
    name = f"{settings.chain.chain_id}.json"
    for folder in (settings.state_dir / "deployments", COMMITTED):
        if (folder / name).exists():
            return read(folder / name, settings.chain.chain_id)
    raise DeploymentMissing(f"no deployment is known for chain {settings.chain.chain_id}")


def read(path: Path, chain_id: int) -> Deployment:
    """The deployment in a file. Raises BadConfig when the file is broken or for another chain."""
    try:
        deployment = from_json(orjson.loads(path.read_bytes()))
    except (orjson.JSONDecodeError, KeyError, TypeError, SmartRetailError) as error:
        raise BadConfig(
            f"{path} is no deployment file: {error}", hint="Run `sr360 deploy` again."
        ) from error
    if deployment.chain_id != chain_id:
        raise BadConfig(f"{path} is for chain {deployment.chain_id}, not {chain_id}")
    return deployment


def write(deployment: Deployment, folder: Path) -> Path:
    """Save a deployment as `<chain id>.json`, replacing the file in one step."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{deployment.chain_id}.json"
    new = path.with_suffix(".new")
    new.write_bytes(orjson.dumps(to_json(deployment), option=orjson.OPT_INDENT_2) + b"\n")
    new.replace(path)
    return path


def to_json(deployment: Deployment) -> dict[str, Any]:
    administration = deployment.administration
    return {
        "chainId": deployment.chain_id,
        "startBlock": deployment.start_block,
        "contracts": {
            name: {"address": to_hex(c.address), "codeHash": to_hex(c.code_hash)}
            for name, c in deployment.contracts.items()
        },
        "administration": administration
        and {
            "profile": administration.profile,
            "holders": {role: to_hex(at) for role, at in administration.holders.items()},
        },
    }


def from_json(data: dict[str, Any]) -> Deployment:
    """Raises KeyError, TypeError or Malformed when a part is missing or has another form."""
    contracts = {
        name: Contract(to_address(entry["address"]), to_hash(entry["codeHash"]))
        for name, entry in data["contracts"].items()
    }
    told = data.get("administration")
    administration = told and Administration(
        str(told["profile"]), {role: to_address(at) for role, at in told["holders"].items()}
    )
    return Deployment(int(data["chainId"]), int(data["startBlock"]), contracts, administration)
