"""Proof bundles: make one, verify one, verify a file. See docs/reference/proof-bundle.md."""

import asyncio
from pathlib import Path

from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.proof.build import Source, build
from core.chain.proof.head import Entry
from core.chain.proof.model import Contracts, Document, Trusted
from core.chain.proof.verdict import Finding, Status, Verdict
from core.chain.proof.verify import verify

__all__ = [
    "Contracts",
    "Document",
    "Entry",
    "Finding",
    "Source",
    "Status",
    "Trusted",
    "Verdict",
    "build",
    "contracts_of",
    "trusted_deployment",
    "verify",
    "verify_file",
]


def contracts_of(deployment: Deployment) -> Contracts:
    """The contracts of a deployment file a bundle speaks about. Raises DeploymentMissing."""
    return Contracts(
        supply_chain=deployment.supply_chain,
        sensor_oracle=deployment.sensor_oracle,
        carbon_token=deployment.carbon_token,
        actor_registry=deployment.actor_registry,
    )


def trusted_deployment(deployment: Deployment) -> Trusted:
    """What a verifier trusts who trusts a deployment file. Raises DeploymentMissing."""
    return Trusted(
        chain_id=deployment.chain_id,
        contracts=contracts_of(deployment),
        supply_chain_code_hash=deployment.contracts["SupplyChain"].code_hash,
        start_block=deployment.start_block,
    )


async def verify_file(
    path: Path, rpc_url: str | None = None, trusted: Trusted | None = None
) -> Verdict:
    """The verdict on a bundle file; `Verdict.exit_code` is 0 good, 1 bad, 2 could not check all.

    Raises:
        OSError: the file can not be read.
    """
    source = await asyncio.to_thread(path.read_bytes)
    if rpc_url is None:
        return await verify(source, None, trusted)
    async with Rpc(rpc_url) as rpc:
        return await verify(source, rpc, trusted)
