"""State proofs against an independent trie, and headers against a node."""

from typing import Any

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st
from trie import HexaryTrie

from core.chain.client import Rpc
from core.chain.proof import header, mpt
from core.crypto import from_hex, keccak256
from core.errors import Malformed

KEYS = st.integers(0, 40).map(lambda n: keccak256(bytes([n])))
ENTRIES = st.dictionaries(KEYS, st.binary(min_size=1, max_size=40), min_size=1, max_size=30)


def trie_of(entries: dict[bytes, bytes]) -> HexaryTrie:
    trie = HexaryTrie(db={})
    for key, value in entries.items():
        trie[key] = value
    return trie


def proof_of(trie: HexaryTrie, key: bytes) -> list[bytes]:
    """Proof nodes of an independent implementation, without the embedded ones."""
    nodes = [rlp.encode(node) for node in trie.get_proof(key)]
    return [node for index, node in enumerate(nodes) if index == 0 or len(node) >= 32]


@given(ENTRIES, KEYS)
def test_presence_and_absence_agree_with_an_independent_trie(
    entries: dict[bytes, bytes], key: bytes
) -> None:
    trie = trie_of(entries)
    assert mpt.prove(trie.root_hash, key, proof_of(trie, key)) == entries.get(key)


@given(ENTRIES, KEYS, st.data())
def test_an_altered_or_shortened_proof_is_refused(
    entries: dict[bytes, bytes], key: bytes, data: st.DataObject
) -> None:
    trie = trie_of(entries)
    nodes = proof_of(trie, key)
    index = data.draw(st.integers(0, len(nodes) - 1))
    place = data.draw(st.integers(0, len(nodes[index]) - 1))
    node = bytearray(nodes[index])
    node[place] ^= data.draw(st.integers(1, 255))
    for changed in (
        [*nodes[:index], bytes(node), *nodes[index + 1 :]],
        nodes[:index] + nodes[index + 1 :],
        [*nodes, nodes[-1]],
    ):
        with pytest.raises(mpt.BadProof):
            mpt.prove(trie.root_hash, key, changed)


def test_an_empty_trie_proves_absence() -> None:
    assert mpt.prove(mpt.EMPTY_ROOT, keccak256(b""), []) is None
    assert mpt.prove(mpt.EMPTY_ROOT, keccak256(b""), [b"\x80"]) is None
    with pytest.raises(mpt.BadProof):
        mpt.prove(mpt.EMPTY_ROOT, keccak256(b""), [b"\xc0"])


@pytest.mark.parametrize(
    "encoded", [b"", b"\x80", b"\xc0", b"\xc1", rlp.encode([b""] * 15), b"\xb9"]
)
def test_bytes_that_are_no_header_are_refused(encoded: bytes) -> None:
    with pytest.raises(Malformed):
        header.read_header(encoded)


async def test_a_node_s_headers_hash_to_their_hash(rpc: Rpc) -> None:
    await rpc.call("anvil_mine", "0x3")
    latest = int(await rpc.call("eth_blockNumber"), 16)
    for number in range(latest + 1):
        block: dict[str, Any] = await rpc.call("eth_getBlockByNumber", hex(number), False)
        read = header.read_header(header.encode_header(block))
        assert read.hash == from_hex(block["hash"])
        assert read.parent_hash == from_hex(block["parentHash"])
        assert read.number == number


def test_a_block_without_a_field_is_refused() -> None:
    with pytest.raises(Malformed) as caught:
        header.encode_header({"parentHash": "0x"})
    assert caught.value.pointer == "/sha3Uncles"
