"""Verifying a proof bundle, with no SmartRetail360 server involved."""

from core.chain.client import Rpc
from core.chain.proof import (
    chain_checks,
    custody,
    decode,
    document_checks,
    lineage_checks,
    state_checks,
)
from core.chain.proof.model import ProofBundle, Trusted
from core.chain.proof.verdict import Findings, Verdict
from core.errors import Malformed


async def verify(source: bytes, rpc: Rpc | None = None, trusted: Trusted | None = None) -> Verdict:
    """Everything that can be said about a bundle; never raises for what it contains.

    Without `rpc` the bundle is checked against the block hash it states; with it, also that this
    block is canonical and the chain's logs agree. Without `trusted` the contract's address is only
    the bundle's own word. What could not be checked is a finding, and the verdict is not OK.
    """
    found = Findings()
    try:
        bundle = decode.decode(source)
    except Malformed as error:
        found.bad("bundle.format", error.pointer, str(error))
        return Verdict(tuple(found))
    found.ok("bundle.format", "", "the bundle is well formed")
    await _check(bundle, rpc, trusted, found)
    return Verdict(tuple(found))


async def _check(
    bundle: ProofBundle, rpc: Rpc | None, trusted: Trusted | None, found: Findings
) -> None:
    state_checks.check_trust(bundle, trusted, found)
    state_checks.check_products(bundle, found)
    storage_root = state_checks.check_state(bundle, trusted, found)
    opened = document_checks.open_documents(bundle, found)
    standings = custody.replay(bundle.products, bundle.logs)
    heads = []
    for index, product in enumerate(bundle.products):
        at = f"/products/{index}"
        heads.append(state_checks.check_product(product, standings[index], at, storage_root, found))
        document_checks.check_entry_documents(product, at, opened, found)
    first = 0 if trusted is None else trusted.start_block
    lineage_checks.check_lineage(bundle, opened, found)
    await chain_checks.check_chain(bundle, heads, rpc, found, first)
