"""Proof bundles on a living chain: good, tampered, stale, orphaned, unreachable.

The kinds of tampering are in scripts/vectors_proof.py and recorded in proof.json; here is what
only a chain can show.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from core.chain.bindings import supply_chain
from core.chain.client import Rpc
from core.chain.keys import Actor, deployer
from core.chain.proof import bundle as proofs
from core.chain.proof import head
from core.chain.proof.verdict import Status, Verdict
from core.config import Settings
from core.crypto import keccak256, sha256
from core.errors import RpcUnavailable
from core.types import EMPTY_HEAD, EventKind
from scripts.anvil import Anvil, free_port
from scripts.deploy import deploy_to
from scripts.vectors_story import CASE, HARVEST, PALLET, RAW, Story

NOTICE = sha256(b"a letter that is no event document")


@pytest.fixture
async def own(fresh_anvil: Anvil, tmp_path: Path) -> Any:
    """A story on a chain of the test's own, played up to its end."""
    deployment = await deploy_to(fresh_anvil.url, deployer(Settings()), tmp_path)
    async with Rpc(fresh_anvil.url) as rpc:
        story = Story(rpc, deployment)
        await story.play()
        yield story


async def judged(story: Story, source: bytes) -> Verdict:
    return await proofs.verify(source, story.rpc, proofs.trusted_deployment(story.deployment))


def bad(verdict: Verdict) -> set[str]:
    return {finding.name for finding in verdict.of(Status.BAD)}


@pytest.mark.parametrize("subject", [CASE, RAW, PALLET])
async def test_an_honest_bundle_is_good(story: Story, subject: str) -> None:
    verdict = await judged(story, await story.bundle(subject))
    assert verdict.status is Status.OK, verdict.to_json()
    assert verdict.exit_code == 0


async def test_a_bundle_holds_the_products_ancestors(story: Story) -> None:
    products = json.loads(await story.bundle())["products"]
    assert [product["uri"] for product in products] == [CASE, RAW, PALLET]


async def test_heads_fold_to_what_the_contract_says(story: Story) -> None:
    for uri in (CASE, RAW, PALLET):
        history = await story.history(uri)
        assert head.fold(history) == await story.head(uri)
        assert head.seq_of(await story.head(uri)) == len(history)


async def test_a_product_nobody_recorded_is_proven_absent(story: Story) -> None:
    uri = "https://id.gs1.org/01/10860009998022/10/DEF2345"
    verdict = await judged(story, await story.bundle(uri))
    assert verdict.status is Status.OK
    assert "product.unrecorded" in {finding.name for finding in verdict.of(Status.NOTE)}
    assert await story.head(uri) == EMPTY_HEAD


async def test_withheld_fields_are_told_and_change_nothing(story: Story) -> None:
    verdict = await judged(story, await story.bundle())
    found = verdict.of(Status.NOTE)
    withheld = [note.message for note in found if note.name == "document.withheld"]
    assert withheld == ["fields withheld: 1"]


async def test_a_file_is_verified_with_every_server_of_ours_off(
    story: Story, tmp_path: Path
) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(await story.bundle())
    trusted = proofs.trusted_deployment(story.deployment)
    assert (await proofs.verify_file(path, story.rpc.url, trusted)).exit_code == 0
    assert (await proofs.verify_file(path, None, trusted)).exit_code == 2
    assert (await proofs.verify_file(path, story.rpc.url, None)).exit_code == 2


async def test_a_node_that_is_down_is_never_good(story: Story, tmp_path: Path) -> None:
    path = tmp_path / "bundle.json"
    path.write_bytes(await story.bundle())
    trusted = proofs.trusted_deployment(story.deployment)
    verdict = await proofs.verify_file(path, f"http://127.0.0.1:{free_port()}", trusted)
    assert verdict.exit_code == 2
    assert [finding.name for finding in verdict.of(Status.UNCHECKED)] == ["chain.rpc"]


async def test_a_block_the_node_does_not_have_can_not_be_bundled(story: Story) -> None:
    contracts = proofs.contracts_of(story.deployment)
    with pytest.raises(RpcUnavailable, match="no block"):
        await proofs.build(
            story.rpc, story, subject=CASE, chain_id=31337, contracts=contracts, block_number=10**6
        )


async def test_a_newer_entry_makes_an_old_bundle_incomplete(own: Story) -> None:
    old = await own.bundle()
    await own.record(Actor.CARRIER, [CASE], HARVEST.replace("ADD", "OBSERVE"), EventKind.OBJECT)
    verdict = await judged(own, old)
    assert verdict.exit_code == 2
    assert {finding.name for finding in verdict.of(Status.UNCHECKED)} == {"product.current"}


async def test_a_recall_is_in_the_history_and_can_not_be_hidden(own: Story) -> None:
    data = supply_chain.encode_recall(keccak256(CASE.encode()), NOTICE, 1_776_000_000_000, 1)
    await own.call(Actor.CARRIER, own.deployment.supply_chain, data)
    source = await own.bundle()
    verdict = await judged(own, source)
    assert verdict.status is Status.OK
    assert "entry.notice" in {finding.name for finding in verdict.of(Status.NOTE)}
    changed = json.loads(source)
    assert changed["products"][0]["recallLevel"] == 1
    changed["products"][0]["history"].pop()
    changed["products"][0]["recallLevel"] = 0
    verdict = await judged(own, json.dumps(changed).encode())
    assert {"product.history", "entry.mined"} <= bad(verdict)


async def test_a_reorganised_block_is_found(own: Story) -> None:
    source = await own.bundle()
    await own.rpc.call("anvil_reorg", 5, [])
    verdict = await judged(own, source)
    assert bad(verdict) == {"block.canonical"}
    assert verdict.exit_code == 1


async def test_a_history_that_a_store_altered_is_bundled_and_found(own: Story) -> None:
    honest = own.history

    async def altered(uri: str) -> list[head.Entry]:
        entries = await honest(uri)
        return entries[:1] + entries[2:] if uri == CASE else entries

    own.history = altered  # type: ignore[method-assign]
    verdict = await judged(own, await own.bundle())
    assert {"product.history", "entry.mined"} <= bad(verdict)


async def test_another_contract_s_history_is_not_trusted(own: Story, tmp_path: Path) -> None:
    other = await deploy_to(own.rpc.url, own.key(9), tmp_path / "other")
    source = await own.bundle()
    verdict = await proofs.verify(source, own.rpc, proofs.trusted_deployment(other))
    assert "contract.trusted" in bad(verdict)
