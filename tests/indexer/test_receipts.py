"""Receipts of every known type against bytes built by hand and by the `rlp` library.

given a known type of transaction -> its consensus encoding, and our logs as they were hashed
given the same receipts -> the auditor, who shares no code with that, comes to the same root
given an unknown type -> UnknownReceipt, never a guess
given garbage in any place -> a typed error, never another one
"""

import copy

import pytest
import rlp
from hypothesis import given
from hypothesis import strategies as st

from core.chain.proof.header import encode_header
from core.crypto import keccak256
from core.errors import Malformed, SourceLied
from core.types import Address
from indexer.model import Log
from indexer.proof import UnknownHeader, check_header, check_receipts
from indexer.receipts import ENCODERS, UnknownReceipt, read_receipts
from indexer.rlp import integer
from indexer.trie import ordered_root
from indexer.verify.chain import check_block
from indexer.verify.receipts import KNOWN, read_receipt, receipts_root

BLOOM = "0x" + "00" * 256
ADDRESS = "0x" + "11" * 20
TOPIC = "0x" + "22" * 32
TX = "0x" + "33" * 32
BODY_BY_HAND = (  # [1, 21000, bloom, []]: 0xb9 says that a length of two bytes follows
    "01" + "825208" + "b90100" + "00" * 256 + "c0"
)


def _receipt(**changes):
    fields = {"status": "0x1", "cumulativeGasUsed": "0x5208", "logsBloom": BLOOM, "logs": []}
    return {**fields, "transactionHash": TX, **changes}


def _encoded(**changes) -> bytes:
    (encoded,), _ = read_receipts([_receipt(**changes)])
    return encoded


def test_ethereums_receipts_by_hand() -> None:
    body = bytes.fromhex("f90108" + BODY_BY_HAND)
    assert _encoded() == body
    assert _encoded(type="0x0") == body
    for kind in (1, 2, 3, 4, 0x64, 0x6A):
        assert _encoded(type=hex(kind)) == bytes([kind]) + body


def test_a_failed_transaction_has_an_empty_outcome() -> None:
    assert _encoded(status="0x0")[3] == 0x80


def test_before_byzantium_a_receipt_holds_a_state_root() -> None:
    fields = _receipt(root=TOPIC)
    del fields["status"]
    (encoded,), _ = read_receipts([fields])
    assert rlp.decode(encoded)[0] == b"\x22" * 32


def test_a_deposit_since_canyon_ends_with_nonce_and_version() -> None:
    encoded = _encoded(type="0x7e", depositNonce="0x3d3f3b", depositReceiptVersion="0x1")
    assert encoded == bytes.fromhex("7e" + "f9010d" + BODY_BY_HAND + "833d3f3b" + "01")


def test_a_deposit_before_canyon_hides_its_nonce() -> None:
    plain = bytes.fromhex("7e" + "f90108" + BODY_BY_HAND)
    assert _encoded(type="0x7e") == plain
    assert _encoded(type="0x7e", depositNonce="0x3d3f3b") == plain


@pytest.mark.parametrize("kind", ["0x5", "0x63", "0x67", "0x78", "0x7b", "0x7f", "0xff", "0x1234"])
def test_an_unknown_type_is_never_guessed(kind: str) -> None:
    with pytest.raises(UnknownReceipt, match=kind) as caught:
        _encoded(type=kind)
    assert "update" in caught.value.hint


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": None},
        {"type": "0x7e"},
        {"type": "0x7e", "depositNonce": "0x3d3f3b"},
        {"type": "0x7e", "depositNonce": "0x3d3f3b", "depositReceiptVersion": None},
        {"type": "0x7e", "depositNonce": "0x3d3f3b", "depositReceiptVersion": "0x1"},
        {"type": "0x7e", "depositNonce": "0x0", "depositReceiptVersion": "0x1"},
        {"status": None, "root": TOPIC},
        *({"type": hex(kind)} for kind in ENCODERS),
    ],
)
def test_the_auditor_hashes_the_same(changes) -> None:
    told = [_receipt(logs=[LOG]), _receipt(logs=[LOG, LOG], **changes), _receipt(type="0x2")]
    encoded, _ = read_receipts(told)
    assert receipts_root([read_receipt(receipt) for receipt in told]) == ordered_root(encoded)


def test_both_know_the_same_types() -> None:
    assert ENCODERS.keys() == KNOWN


def test_the_auditor_says_that_a_type_is_unknown_to_it() -> None:
    """An honest node would else be accused of altering logs."""
    fields = {**_HEADER, "transactions": [TX], "receiptsRoot": TOPIC}
    block = {**fields, "hash": "0x" + keccak256(encode_header(fields)).hex()}
    with pytest.raises(SourceLied, match="does not know transactions of type 0x99"):
        check_block(block, [_receipt(type="0x99")])
    with pytest.raises(SourceLied, match="dropped, added or altered"):
        check_block(block, [_receipt(type="0x2")])


_HEADER = {
    **dict.fromkeys(
        ("parentHash", "sha3Uncles", "stateRoot", "transactionsRoot", "mixHash"), TOPIC
    ),
    **dict.fromkeys(("difficulty", "number", "gasLimit", "gasUsed", "timestamp"), "0x1"),
    "miner": ADDRESS,
    "logsBloom": BLOOM,
    "extraData": "0x",
    "nonce": "0x" + "00" * 8,
}
LOG = {"address": ADDRESS, "topics": [TOPIC, TOPIC], "data": "0x" + "55" * 40}
HASHES = st.binary(min_size=32, max_size=32)
LOGS = st.tuples(
    st.sampled_from([b"\x11" * 20, b"\x44" * 20]),
    st.lists(HASHES, max_size=4),
    st.one_of(st.binary(max_size=70), st.binary(min_size=250, max_size=300)),
)
RECEIPTS = st.lists(
    st.tuples(st.sampled_from(sorted(ENCODERS)), HASHES, st.lists(LOGS, max_size=5)), max_size=5
)


@given(RECEIPTS)
def test_receipts_and_logs_equal_the_library(receipts) -> None:
    answer = [
        _receipt(
            type=hex(kind),
            transactionHash="0x" + tx.hex(),
            logs=[
                {
                    "address": "0x" + address.hex(),
                    "topics": ["0x" + topic.hex() for topic in topics],
                    "data": "0x" + data.hex(),
                }
                for address, topics, data in logs
            ],
        )
        for kind, tx, logs in receipts
    ]
    encoded, ours = read_receipts(answer, {b"\x11" * 20})
    bloom = bytes(256)
    assert encoded == [
        (bytes([kind]) if kind else b"") + rlp.encode([1, 21000, bloom, list(map(list, logs))])
        for kind, _, logs in receipts
    ]
    flat = [(tx, log) for _, tx, logs in receipts for log in logs]
    assert receipts_root([read_receipt(told) for told in answer]) == ordered_root(encoded)
    assert list(ours) == [
        Log(Address(address), tuple(topics), data, tx, index)
        for index, (tx, (address, topics, data)) in enumerate(flat)
        if address == b"\x11" * 20
    ]


NEAR_MISSES = ["0x", "0x0", "0x1", "-0x1", "0x" + "00" * 32, "0x" + "0" * 65, "0xé" * 22]
SCALARS = (st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
JSON = st.recursive(
    st.one_of(*SCALARS, st.sampled_from(NEAR_MISSES)),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


def _places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, inner in items:
            yield from _places(inner, (*path, key))


def _with(value, path, garbage):
    if not path:
        return garbage
    changed = copy.copy(value)
    changed[path[0]] = _with(value[path[0]], path[1:], garbage)
    return changed


ANSWER = [_receipt(logs=[LOG, LOG]), _receipt(type="0x7e", depositNonce="0x1", logs=[LOG])]


def _block(receipts):
    encoded, _ = read_receipts(receipts)
    names = ("parentHash", "sha3Uncles", "miner", "stateRoot", "transactionsRoot", "receiptsRoot")
    block = dict.fromkeys(names, TOPIC) | {"logsBloom": BLOOM, "miner": ADDRESS}
    block |= dict.fromkeys(("difficulty", "number", "gasLimit", "gasUsed", "timestamp"), "0x7")
    block |= {"extraData": "0x", "mixHash": TOPIC, "nonce": "0x0000000000000000"}
    block |= {"baseFeePerGas": "0x7", "withdrawalsRoot": TOPIC}
    block |= {"receiptsRoot": "0x" + ordered_root(encoded).hex()}
    block |= {"transactions": [receipt["transactionHash"] for receipt in receipts]}
    order = [n for n in block if n not in {"transactions"}]
    ints = {"difficulty", "number", "gasLimit", "gasUsed", "timestamp", "baseFeePerGas"}
    items = [integer(7) if n in ints else bytes.fromhex(block[n][2:]) for n in order]
    return block | {"hash": "0x" + keccak256(rlp.encode(items)).hex()}


BLOCK = _block(ANSWER)


def test_the_untouched_answer_holds() -> None:
    assert check_header(BLOCK) == bytes.fromhex(BLOCK["hash"][2:])
    assert len(check_receipts(BLOCK, ANSWER, {b"\x11" * 20})) == 3


@given(st.sampled_from(list(_places(ANSWER))), JSON)
def test_garbage_in_a_receipt_is_a_typed_error(path, garbage) -> None:
    answer = _with(ANSWER, path, garbage)
    try:
        logs = check_receipts(BLOCK, answer, {b"\x11" * 20})
    except (Malformed, SourceLied, UnknownReceipt):
        return
    assert logs == check_receipts(BLOCK, ANSWER, {b"\x11" * 20})


@given(st.sampled_from([p for p in _places(BLOCK) if p]), JSON)
def test_garbage_in_a_header_is_a_typed_error(path, garbage) -> None:
    block = _with(BLOCK, path, garbage)
    try:
        assert check_header(block) == check_header(BLOCK)
    except (Malformed, SourceLied, UnknownHeader):
        return
