"""Merkle trees against the published example of @openzeppelin/merkle-tree."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import merkle
from core.crypto import from_hex, to_hex
from core.errors import Malformed

TYPES = ("address", "uint256")
README_VALUES = ((b"\x11" * 20, 5 * 10**18), (b"\x22" * 20, 25 * 10**17))
README_ROOT = "d4dee0beab2d53f2cc83e567171bd2820e49898130a22622b10ead383e90bd77"
PACKAGE = json.loads(
    (Path(__file__).parents[1] / "data/standard-merkle-tree.json").read_text("utf-8")
)
LEAVES = st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40)


def test_root_of_the_readme_example() -> None:
    leaves = [merkle.leaf_hash(merkle.encode_static(TYPES, v)) for v in README_VALUES]
    assert merkle.build(leaves).root.hex() == README_ROOT


@pytest.mark.parametrize("tree", PACKAGE["trees"], ids=lambda tree: str(len(tree["values"])))
def test_root_and_proofs_of_the_package(tree: dict) -> None:  # type: ignore[type-arg]
    """What the JavaScript package made of random anchored events."""
    types = PACKAGE["types"]
    rows = [
        [
            from_hex(text) if kind == "bytes32" else int(text)
            for kind, text in zip(types, row, strict=True)
        ]
        for row in tree["values"]
    ]
    built = merkle.build([merkle.leaf_hash(merkle.encode_static(types, row)) for row in rows])
    assert to_hex(built.root) == tree["root"]
    assert [list(map(to_hex, built.proof(i))) for i in range(len(rows))] == tree["proofs"]


@given(LEAVES)
def test_every_leaf_is_proven(leaves: list[bytes]) -> None:
    tree = merkle.build(leaves)
    for index, leaf in enumerate(leaves):
        assert merkle.verify(tree.root, leaf, tree.proof(index))


@given(LEAVES, st.binary(min_size=32, max_size=32))
def test_a_foreign_leaf_is_not_proven(leaves: list[bytes], foreign: bytes) -> None:
    tree = merkle.build(leaves)
    proven = any(merkle.verify(tree.root, foreign, tree.proof(i)) for i in range(len(leaves)))
    assert proven == (foreign in leaves)


@given(LEAVES, st.randoms())
def test_the_order_given_does_not_matter(leaves: list[bytes], random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(leaves)
    random.shuffle(shuffled)
    assert merkle.build(shuffled).root == merkle.build(leaves).root


@pytest.mark.parametrize("leaves", [[], [b"short"]])
def test_no_leaf_or_a_wrong_leaf_is_refused(leaves: list[bytes]) -> None:
    with pytest.raises(Malformed):
        merkle.build(leaves)


def test_a_dynamic_type_is_no_leaf() -> None:
    with pytest.raises(Malformed):
        merkle.encode_static(("string",), ("x",))
