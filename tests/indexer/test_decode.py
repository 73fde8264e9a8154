"""The auditor's decoder, which shares no code with the indexer's, reads every event alike."""

from typing import Any

import pytest
from eth_abi import decode, encode
from eth_abi.exceptions import DecodingError
from hypothesis import given, settings
from hypothesis import strategies as st

from core.chain.deployments import Contract, Deployment
from core.crypto import keccak256
from core.errors import Malformed
from core.types import Address, TxHash
from indexer.model import Log
from indexer.registry import HANDLERS, registry_of
from indexer.verify.decode import auditor_decoder
from indexer.verify.words import reader_of
from tests.chain.abi_values import ABIS, Item, items, type_of, values

PLACES = {name: Address(bytes([i + 1]) * 20) for i, name in enumerate(ABIS)}
REGISTRY = registry_of(
    Deployment(31337, 1, {name: Contract(at, bytes(32)) for name, at in PLACES.items()})
)
AUDITOR = auditor_decoder(REGISTRY)


def _events() -> list[Any]:
    return [pytest.param(c, i, id=f"{c}.{i['name']}") for c, i in items("event")]


@pytest.mark.parametrize(("contract", "item"), _events())
@given(data=st.data())
@settings(max_examples=15)
def test_both_read_the_same(contract: str, item: Item, data: st.DataObject) -> None:
    log = _log(contract, item, data.draw(values(item["inputs"])))
    assert AUDITOR(log) == REGISTRY.decode(log)


@pytest.mark.parametrize(
    "kind",
    ["address", "bool", "uint8", "uint64", "uint256", "int8", "int256", "bytes16", "bytes32"],
)
@given(word=st.binary(min_size=32, max_size=32), keep=st.integers(0, 32), right=st.booleans())
@settings(max_examples=100, deadline=None)
def test_a_word_is_read_or_refused_as_eth_abi_does(
    kind: str, word: bytes, keep: int, right: bool
) -> None:
    """Most random words are refused: zeros on one side make half of them canonical."""
    word = word[:keep].ljust(32, b"\0") if right else word[:keep].rjust(32, b"\0")
    reader = reader_of(kind)
    assert reader is not None
    try:
        (wanted,) = decode([kind], word, strict=False)
    except DecodingError:
        with pytest.raises(Malformed):
            reader(word)
    else:
        found = reader(word)
        assert found == (bytes.fromhex(wanted[2:]) if kind == "address" else wanted)


def test_every_contract_is_decoded() -> None:
    speaking = {contract for contract, _ in items("event")}
    assert {name for name, at in PLACES.items() if REGISTRY.events[at]} == speaking


def test_every_handled_event_is_one_of_a_contract() -> None:
    known = {kind for events in REGISTRY.events.values() for kind in events.values()}
    assert HANDLERS.keys() <= known


def _log(contract: str, item: Item, given: tuple[Any, ...]) -> Log:
    pairs = list(zip(item["inputs"], given, strict=True))
    signature = f"{item['name']}({','.join(map(type_of, item['inputs']))})"
    topics = [keccak256(signature.encode())]
    topics += [encode([type_of(i)], [v]) for i, v in pairs if i["indexed"]]
    plain = [(i, v) for i, v in pairs if not i["indexed"]]
    body = encode([type_of(i) for i, _ in plain], [v for _, v in plain])
    return Log(PLACES[contract], tuple(topics), body, TxHash(bytes(32)), 0)
