"""The comparison of EIP-712 implementations notices when one of them hashes something else."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from core.chain.client import Rpc
from core.chain.deployments import Deployment
from scripts.proofs.digests import PROBES, cases, differences, hire_worker


@pytest.fixture
async def hired(rpc: Rpc, deployment: Deployment) -> AsyncIterator[bytes]:
    """A signer configuration; the shared chain is as before afterwards."""
    before = await rpc.call("evm_snapshot")
    yield await hire_worker(rpc, deployment)
    await rpc.call("evm_revert", before)


async def test_they_agree_on_every_struct(rpc: Rpc, deployment: Deployment, hired: bytes) -> None:
    some = list(cases(deployment, 4 * len(PROBES), hired))
    assert await differences(rpc, some, cast_count=len(PROBES)) == []


@pytest.mark.parametrize("field", ["name", "version", "chain_id", "verifying_contract"])
async def test_the_contract_disagrees_about_another_domain(
    rpc: Rpc, deployment: Deployment, hired: bytes, field: str
) -> None:
    values = {"name": "Other", "version": "2", "chain_id": 1, "verifying_contract": bytes(20)}
    moved = [
        replace(case, domain=replace(case.domain, **{field: values[field]}))
        for case in cases(deployment, len(PROBES), hired)
    ]
    found = await differences(rpc, moved, cast_count=1)
    assert [one.split(": ")[0] for one in found] == ["the contract"] * len(PROBES)


async def test_eth_account_and_cast_disagree_about_another_message(
    rpc: Rpc, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    (case,) = cases(deployment, 1, bytes(32))
    (other,) = cases(deployment, 1, bytes(32), seed=1)
    shown = other.wallet_json
    monkeypatch.setattr(type(case), "wallet_json", property(lambda _: shown))
    found = await differences(rpc, [case], cast_count=1)
    assert [one.split(":")[0] for one in found] == ["eth-account", "cast"]
