"""Deployment happens once, and its file leads back to it."""

from pathlib import Path

import pytest

from core.chain.client import Rpc, to_bytes
from core.chain.deployments import Deployment, load, read
from core.chain.keys import deployer
from core.config import ChainSettings, Settings
from core.crypto import keccak256, to_hex
from core.errors import BadConfig, DeploymentMissing, RpcUnavailable
from scripts.anvil import Anvil, free_port
from scripts.deploy import deploy, deploy_to


def _settings(url: str, folder: Path) -> Settings:
    return Settings(state_dir=folder, chain=ChainSettings(rpc_url=url))


async def test_second_deployment_sends_nothing(
    anvil: Anvil, rpc: Rpc, deployment: Deployment, tmp_path: Path
) -> None:
    before = await rpc.call("eth_blockNumber")
    again = await deploy(_settings(anvil.url, tmp_path))
    assert again == deployment
    assert await rpc.call("eth_blockNumber") == before


async def test_file_leads_to_the_code_it_names(
    anvil: Anvil, rpc: Rpc, deployment: Deployment, tmp_path: Path
) -> None:
    settings = _settings(anvil.url, tmp_path)
    await deploy(settings)
    loaded = load(settings)
    assert loaded == deployment
    assert set(loaded.contracts) == {
        "Authority",
        "ActorRegistry",
        "SupplyChain",
        "SerialRegistry",
        "FootprintRegistry",
        "CarbonToken",
        "SensorOracle",
        "DeviceRegistry",
        "ForecastLedger",
        "DeliveryEscrow",
        "CertificateRegistry",
        "AnchorLog",
    }
    for contract in loaded.contracts.values():
        code = to_bytes(await rpc.call("eth_getCode", to_hex(contract.address), "latest"))
        assert keccak256(code) == contract.code_hash


async def test_deployer_without_funds_leaves_no_file(
    anvil: Anvil, deployment: Deployment, tmp_path: Path
) -> None:
    other = Settings(keys={"deployer": "0x" + "11" * 32})
    with pytest.raises(RpcUnavailable, match=r"[Ii]nsufficient funds"):
        await deploy_to(anvil.url, deployer(other), tmp_path)
    assert not list(tmp_path.iterdir())


async def test_no_node(tmp_path: Path) -> None:
    with pytest.raises(RpcUnavailable, match="did not answer"):
        await deploy(_settings(f"http://127.0.0.1:{free_port()}", tmp_path))


def test_unknown_chain_has_no_deployment(tmp_path: Path) -> None:
    with pytest.raises(DeploymentMissing, match="chain 4242"):
        load(Settings(state_dir=tmp_path, chain=ChainSettings(chain_id=4242)))


@pytest.mark.parametrize("content", ["", "{}", '{"chainId": 7, "startBlock": 1, "contracts": {}}'])
def test_broken_or_foreign_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "31337.json"
    path.write_text(content)
    with pytest.raises(BadConfig, match="31337"):
        read(path, 31337)
