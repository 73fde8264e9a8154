"""The inline proof against the `trie` and `rlp` libraries, and against altered answers."""

import copy

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st
from trie.hexary import HexaryTrie

from core.crypto import keccak256
from core.errors import SourceLied
from indexer.proof import (
    UnknownHeader,
    bloom_mask,
    check_header,
    check_receipts,
    may_contain,
)
from indexer.rlp import sequence, string
from indexer.trie import ordered_root

BYTES = st.one_of(st.binary(max_size=70), st.binary(min_size=250, max_size=300))


@given(st.recursive(BYTES, lambda inner: st.lists(inner, max_size=20), max_leaves=40))
def test_rlp_equals_the_library(item) -> None:
    assert _encoded(item) == rlp.encode(item)


def _encoded(item) -> bytes:
    if isinstance(item, bytes):
        return string(item)
    return sequence(b"".join(map(_encoded, item)))


@given(st.lists(st.binary(min_size=1, max_size=90), max_size=300))
def test_roots_equal_the_library(values) -> None:
    trie = HexaryTrie({})
    for index, value in enumerate(values):
        trie[rlp.encode(index)] = value
    assert ordered_root(values) == trie.root_hash


@given(st.lists(st.binary(min_size=20, max_size=20), min_size=1, max_size=20))
def test_a_bloom_never_hides_an_address(addresses) -> None:
    bloom = 0
    for address in addresses:
        bloom |= bloom_mask(address)
    for address in addresses:
        assert may_contain(bloom.to_bytes(256, "big"), [bloom_mask(address)])
    assert not may_contain(bytes(256), [bloom_mask(addresses[0])])


@pytest.fixture
async def real(chain):
    """A block of the real chain with its receipts."""
    await chain.record_batch([keccak256(b"a"), keccak256(b"b")])
    block = await chain.rpc.call("eth_getBlockByNumber", "latest", False)
    return block, await chain.rpc.call("eth_getBlockReceipts", block["hash"])


async def test_a_real_block_holds(real) -> None:
    block, receipts = real
    assert check_header(block) == bytes.fromhex(block["hash"][2:])
    check_receipts(block, receipts)


async def test_every_altered_part_is_noticed(real) -> None:
    block, receipts = real
    for name in ("parentHash", "stateRoot", "receiptsRoot", "logsBloom", "timestamp", "number"):
        altered = {**block, name: block[name][:-1] + ("0" if block[name][-1] != "0" else "1")}
        with pytest.raises(SourceLied):
            check_header(altered)
    for change in (
        lambda r: r[0]["logs"].pop(),
        lambda r: r[0]["logs"].reverse(),
        lambda r: r[0]["logs"][0].update(data="0x" + "11" * 96),
        lambda r: r[0]["logs"][0]["topics"].pop(),
        lambda r: r[0].update(status="0x0"),
        lambda r: r.clear(),
        lambda r: r.append(r[0]),
        lambda r: r[0].update(transactionHash="0x" + "22" * 32),
    ):
        lie = copy.deepcopy(receipts)
        change(lie)
        with pytest.raises(SourceLied):
            check_receipts(block, lie)


async def test_a_header_of_a_newer_fork_is_named(real) -> None:
    block, _ = real
    with pytest.raises(UnknownHeader, match="blockAccessListHash"):
        check_header({**block, "hash": "0x" + "33" * 32, "blockAccessListHash": "0x" + "44" * 32})
