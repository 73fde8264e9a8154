"""Anchors are the same in Python and in AnchorLog, and a left-out event or batch shows.

anchor
├── roots and proofs of random batches
│  ├── it should verify every event in the contract, and no altered one
│  └── it should grow the publisher's tip as Python folds it
├── isPublished: it should be true for the anchors since a tip, and false without one of them
├── manifest
│  ├── it should come back from its bytes
│  └── when it is spelled otherwise or broken: it should be refused
└── follow: when an event is left out, repeated or reordered: it should be refused
"""

import dataclasses
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.chain import anchor
from core.chain.anchor import EMPTY_TIP, Anchor, AnchoredEvent, Batch, Statement
from core.chain.bindings import anchor_log
from core.chain.client import Rpc, to_bytes
from core.chain.deployments import Deployment
from core.chain.keys import account
from core.config import Settings
from core.crypto import address_of, keccak256, sha256, to_hex
from core.errors import Malformed
from core.types import Address, DataHash, Millis, ProductId
from scripts.transact import transact

CONTRACT = Address(b"\x0c" * 20)
PUBLISHER = Address(b"\x0b" * 20)
LETTUCE = ProductId(keccak256(b"lettuce"))
SALAD = ProductId(keccak256(b"salad"))

WORDS = st.binary(min_size=32, max_size=32)
STATEMENTS = st.lists(
    st.builds(
        Statement,
        product_id=st.sampled_from([LETTUCE, SALAD]),
        data_hash=WORDS.map(DataHash),
        occurred_at=st.integers(0, 2**53 - 1).map(Millis),
        kind=st.integers(0, 255),
    ),
    min_size=1,
    max_size=20,
)


def _random_batch(random_: random.Random, size: int) -> Batch:
    """Events with any values a leaf can hold, not only linked ones."""
    events = (
        AnchoredEvent(
            ProductId(random_.randbytes(32)),
            random_.randrange(2**53),
            random_.randbytes(32),
            DataHash(random_.randbytes(32)),
            Millis(random_.randrange(2**53)),
            random_.randrange(256),
        )
        for _ in range(size)
    )
    return Batch(31337, CONTRACT, PUBLISHER, tuple(events))


def _batch(*statements: Statement) -> Batch:
    return Batch(31337, CONTRACT, PUBLISHER, anchor.link(statements, {}))


def _said(product_id: ProductId, what: bytes) -> Statement:
    return Statement(product_id, DataHash(sha256(what)), Millis(1_776_432_402_000), 1)


STORY = _batch(*(_said(p, w) for p, w in ((LETTUCE, b"a"), (SALAD, b"b"), (LETTUCE, b"c"))))


async def _answers(rpc: Rpc, to: bytes, calls: list[bytes]) -> list[bool]:
    asked = [("eth_call", ({"to": to_hex(to), "data": to_hex(c)}, "latest")) for c in calls]
    return [bool(int.from_bytes(to_bytes(word), "big")) for word in await rpc.batch(asked)]


def _verify_leaf(root: bytes, event: AnchoredEvent, proof: list[bytes]) -> bytes:
    return anchor_log.encode_verify_leaf(root, anchor_log.AnchoredEvent(*event.values()), proof)


@pytest.mark.parametrize("seed", range(4))
async def test_every_proof_holds_in_the_contract(
    rpc: Rpc, deployment: Deployment, seed: int
) -> None:
    random_ = random.Random(seed)
    true, false = [], []
    for size in (1, 2, 3, 4, 7, 8, 9, 31, 64, 65):
        batch = _random_batch(random_, size)
        for index, event in enumerate(batch.events):
            proof = batch.proof(index)
            altered = dataclasses.replace(event, seq=event.seq + 1)
            true.append(_verify_leaf(batch.tree.root, event, proof))
            false.append(_verify_leaf(batch.tree.root, altered, proof))
            assert anchor.holds(batch.tree.root, event, proof)
            assert not anchor.holds(batch.tree.root, altered, proof)
    assert all(await _answers(rpc, deployment.anchor_log, true))
    assert not any(await _answers(rpc, deployment.anchor_log, false))


async def test_the_tip_is_the_fold_of_what_was_published(rpc: Rpc, deployment: Deployment) -> None:
    at, key = deployment.anchor_log, account(Settings(), 7)
    publisher = address_of(key)
    anchors = [_random_batch(random.Random(n), n + 1).anchor for n in range(4)]
    for one in anchors:
        call = anchor_log.encode_anchor(one.root, one.count, one.manifest_hash)
        receipt = await transact(rpc, key, at, call)
        [log] = receipt["logs"]
        topics = [to_bytes(topic) for topic in log["topics"]]
        event = anchor_log.EventsAnchored.decode(topics, to_bytes(log["data"]))
        assert (event.root, event.count, event.manifest_hash) == dataclasses.astuple(one)
    asked = {"to": to_hex(at), "data": to_hex(anchor_log.encode_tip_of(publisher))}
    assert to_bytes(await rpc.call("eth_call", asked, "latest")) == anchor.fold(anchors)
    slot = to_hex(keccak256(publisher.rjust(32, b"\0") + bytes(32)))
    stored = await rpc.call("eth_getStorageAt", to_hex(at), slot, "latest")
    assert to_bytes(stored) == anchor.fold(anchors)

    def published(before: bytes, since: list[Anchor]) -> bytes:
        values = [anchor_log.Anchor(a.root, a.count, a.manifest_hash) for a in since]
        return anchor_log.encode_is_published(publisher, before, values)

    after_two = anchor.fold(anchors[:2])
    calls = [published(EMPTY_TIP, anchors), published(after_two, anchors[2:])]
    assert await _answers(rpc, at, calls) == [True, True]
    calls = [published(EMPTY_TIP, anchors[1:]), published(EMPTY_TIP, anchors[:-1])]
    calls.append(published(EMPTY_TIP, [anchors[1], anchors[0], *anchors[2:]]))
    assert await _answers(rpc, at, calls) == [False, False, False]


@given(STATEMENTS)
@settings(max_examples=50)
def test_a_manifest_comes_back(statements: list[Statement]) -> None:
    batch = _batch(*statements)
    assert anchor.decode(batch.encode()) == batch
    places = anchor.follow(batch.events, {})
    last = {event.product_id: (event.seq, event.leaf()) for event in batch.events}
    assert places == last


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"[]",
        b"{}",
        STORY.encode() + b" ",
        STORY.encode().replace(b'"kind":1', b'"kind":1.0', 1),
        STORY.encode().replace(b'"kind":1', b'"kind":true', 1),
        STORY.encode().replace(b'"kind":1', b'"kind":"1"', 1),
        STORY.encode().replace(b'"seq":1', b'"seq":9007199254740993', 1),
        STORY.encode().replace(b"0x0b", b"0x0B", 1),
        STORY.encode().replace(b"sr360.anchor/1", b"sr360.anchor/2"),
    ],
)
def test_another_spelling_is_refused(manifest: bytes) -> None:
    with pytest.raises(Malformed):
        anchor.decode(manifest)


def test_an_empty_batch_has_no_anchor() -> None:
    with pytest.raises(Malformed, match="at least one leaf"):
        assert _batch().anchor


@pytest.mark.parametrize("kept", [(1, 2), (0, 2, 1, 2), (2, 1, 0), (0, 0, 1, 2)])
def test_what_does_not_follow_is_refused(kept: tuple[int, ...]) -> None:
    followed = anchor.follow(STORY.events, {})
    assert followed[LETTUCE] == (2, STORY.events[2].leaf())
    with pytest.raises(Malformed, match="does not follow"):
        anchor.follow((STORY.events[i] for i in kept), {})


def test_a_later_batch_continues_the_histories() -> None:
    places = anchor.follow(STORY.events, {})
    [event] = anchor.link([_said(LETTUCE, b"d")], places)
    assert (event.seq, event.prev_leaf) == (3, STORY.events[2].leaf())
    with pytest.raises(Malformed, match="does not follow its event 0"):
        anchor.follow([event], {})
