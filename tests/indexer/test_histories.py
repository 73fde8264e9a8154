"""A mirror that met forks, faults, lies and its own death equals one that met none.

given a chain that forks above what is final, before a node that may drop, delay, refuse, repeat,
reorder, withhold, alter or invent an answer, and an indexer that dies between any two awaits,
statements or commits, or is overtaken by another one
├── nothing of a lie leaves the source, and what it calls final stays
├── whenever it dies, the database holds whole blocks of one branch
├── once the node is well, it catches up without a restart
└── every derived table, document, digest and the checkpoint equal a replay of the canonical chain

`python -m scripts.proofs.histories --count 100000` plays as many as one likes.
"""

import random
from collections import Counter
from collections.abc import Iterator

import pytest
import rlp as library
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from tests.indexer.simulated.play import Stage
from tests.indexer.simulated.tree import Tree, receipts_root, rlp

COUNT = 200
"""Seeds played in an ordinary run; a night plays 100,000."""

FOUND = {1001069: "an old head of a branch that left before the final block undid that block"}
"""Seeds that once failed, and what they found."""

KINDS = {
    *("dropped", "timed out", "truncated", "refused", "gap", "stale", "repeated", "lie"),
    *("reordered", "cut short", "doubled", "forks", "reorgs", "crashes"),
}


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    with Stage() as opened:
        yield opened


def test_histories_end_as_their_replay(stage: Stage) -> None:
    told: Counter[str] = Counter()
    for seed in (*range(COUNT), *FOUND):
        try:
            told.update(stage.play(random.Random(seed)).counts())
        except BaseException as error:
            error.add_note(f"python -m tests.indexer.simulated {seed} 1")
            raise
    assert {kind for kind in KINDS if told[kind]} == KINDS, "a kind of fault never happened"


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
@given(random_=st.randoms(use_true_random=False))
def test_histories_that_hypothesis_finds(stage: Stage, random_: random.Random) -> None:
    """The same, drawn by hypothesis: a failure shrinks to a short history."""
    stage.play(random_)


BYTES = st.binary(min_size=33, max_size=300)


@given(st.lists(BYTES, max_size=15))
def test_the_receipts_root_is_that_of_the_library(values) -> None:
    trie = HexaryTrie({})
    for index, value in enumerate(values):
        trie[library.encode(index)] = value
    assert receipts_root(values) == trie.root_hash


@given(st.recursive(BYTES, lambda inner: st.lists(inner, max_size=9), max_leaves=20))
def test_the_encoding_is_that_of_the_library(item) -> None:
    assert rlp(item) == library.encode(item)


def test_a_chain_tells_of_every_contract_we_mirror() -> None:
    """The generator reaches the logs it is meant to reach, among them strangers' and cut ones."""
    tree, random_ = Tree(), random.Random(1)
    node, topics = tree.genesis, set()
    for _ in range(300):
        node = tree.mine(node, random_)
        topics |= {log["topics"][0] for one in node.receipts for log in one["logs"]}
    assert len(topics) > 18
    assert node.block.number == 300
