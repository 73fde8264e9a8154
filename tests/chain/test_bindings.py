"""The generated bindings read and write exactly what eth_abi does, and are up to date."""

import dataclasses
import importlib
from itertools import chain
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from eth_abi import decode as eth_decode
from eth_abi import encode as eth_encode
from hypothesis import given, settings
from hypothesis import strategies as st

from core.chain.abi import Record
from core.crypto import keccak256, structs
from core.errors import Malformed
from scripts.bindings import ROOT, committed_abis, compiled_abis, render, snake
from scripts.compile import compile_contracts
from tests.chain.abi_values import ABIS, Item, items, type_of, values


def _module(contract: str) -> ModuleType:
    return importlib.import_module(f"core.chain.bindings.{snake(contract)}")


def _names(kind: str) -> list[Any]:
    return [pytest.param(c, i, id=f"{c}.{i['name']}") for c, i in items(kind)]


def _plain(value: Any) -> Any:
    """Binding values as eth_abi takes and gives them."""
    if isinstance(value, Record):
        return tuple(map(_plain, value.said()))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return tuple(_plain(getattr(value, f.name)) for f in dataclasses.fields(value))
    return tuple(map(_plain, value)) if isinstance(value, list | tuple) else value


def _eth(value: Any, item: Item) -> Any:
    """eth_abi gives addresses as hex text."""
    if item["type"] == "address":
        return bytes.fromhex(value[2:])
    if item["type"] == "address[]":
        return tuple(bytes.fromhex(v[2:]) for v in value)
    return value


@pytest.mark.parametrize(("contract", "item"), _names("event"))
@given(data=st.data())
@settings(max_examples=25)
def test_event_decodes_as_eth_abi_encodes(contract: str, item: Item, data: st.DataObject) -> None:
    given_values = data.draw(values(item["inputs"]))
    pairs = list(zip(item["inputs"], given_values, strict=True))
    signature = f"{item['name']}({','.join(map(type_of, item['inputs']))})"
    topics = [keccak256(signature.encode())]
    topics += [eth_encode([type_of(i)], [v]) for i, v in pairs if i["indexed"]]
    plain = [(i, v) for i, v in pairs if not i["indexed"]]
    body = eth_encode([type_of(i) for i, _ in plain], [v for _, v in plain])
    event = _module(contract).EVENTS[topics[0]].decode(topics, body)
    structs_ = [i["type"] == "tuple" for i in item["inputs"]]
    parts = [v if s else (v,) for s, v in zip(structs_, given_values, strict=True)]
    assert _plain(event) == tuple(chain.from_iterable(parts))


@pytest.mark.parametrize(("contract", "item"), _names("error"))
@given(data=st.data())
@settings(max_examples=15)
def test_error_decodes_as_eth_abi_encodes(contract: str, item: Item, data: st.DataObject) -> None:
    given_values = data.draw(values(item["inputs"]))
    types = [type_of(i) for i in item["inputs"]]
    selector = keccak256(f"{item['name']}({','.join(types)})".encode())[:4]
    error = _module(contract).ERRORS[selector].decode(selector + eth_encode(types, given_values))
    assert _plain(error) == given_values


@pytest.mark.parametrize(("contract", "item"), _names("function"))
@given(data=st.data())
@settings(max_examples=15)
def test_call_data_is_eth_abis(contract: str, item: Item, data: st.DataObject) -> None:
    module = _module(contract)
    given_values = data.draw(values(item["inputs"]))
    types = [type_of(i) for i in item["inputs"]]
    selector = keccak256(f"{item['name']}({','.join(types)})".encode())[:4]
    encode = getattr(module, f"encode_{_function_name(module, item)}")
    arguments = [_argument(module, i, v) for i, v in zip(item["inputs"], given_values, strict=True)]
    assert encode(*arguments) == selector + eth_encode(types, given_values)


@pytest.mark.parametrize(
    ("contract", "item"),
    [p for p in _names("function") if p.values[1]["stateMutability"] in ("view", "pure")],
)
@given(data=st.data())
@settings(max_examples=10)
def test_results_decode_as_eth_abi_does(contract: str, item: Item, data: st.DataObject) -> None:
    outputs = item["outputs"]
    encoded = eth_encode([type_of(o) for o in outputs], data.draw(values(outputs)))
    module = _module(contract)
    result = getattr(module, f"decode_{_function_name(module, item)}")(encoded)
    expected = eth_decode([type_of(o) for o in outputs], encoded)
    converted = tuple(_eth(v, o) for v, o in zip(expected, outputs, strict=True))
    assert (result if len(outputs) > 1 else (result,)) == converted


def _function_name(module: ModuleType, item: Item) -> str:
    wanted = item["name"].replace("_", "").lower()
    names = [n.removeprefix("encode_") for n in vars(module) if n.startswith("encode_")]
    return next(n for n in names if n.replace("_", "") == wanted)


def _argument(module: ModuleType, item: Item, value: Any) -> Any:
    if not item["type"].startswith("tuple"):
        return value
    if item["type"].endswith("[]"):
        names = {key: item[key].removesuffix("[]") for key in ("type", "internalType")}
        return [_argument(module, {**item, **names}, one) for one in value]
    return getattr(module, item["internalType"].split(".")[-1])(*value)


def test_a_log_of_another_shape_is_refused() -> None:
    from core.chain.bindings.supply_chain import EventRecorded

    topics = [EventRecorded.TOPIC0, bytes(32), bytes(32), bytes(32)]
    with pytest.raises(Malformed, match="3 topics"):
        EventRecorded.decode(topics[:3], bytes(96))
    with pytest.raises(Malformed, match="95 bytes"):
        EventRecorded.decode(topics, bytes(95))


def test_dynamic_data_past_the_end_is_refused() -> None:
    from core.chain.bindings.actor_registry import ActorRegistered

    word = (32).to_bytes(32, "big")
    body = (64).to_bytes(32, "big") * 2 + (2**255).to_bytes(32, "big") + word
    with pytest.raises(Malformed, match="past the end"):
        ActorRegistered.decode([ActorRegistered.TOPIC0, bytes(32), bytes(32)], body)


def test_a_name_that_is_no_utf8_does_not_stop_a_reader() -> None:
    from core.chain.bindings.actor_registry import ActorRegistered

    body = eth_encode(["bytes", "bytes"], [b"\xff\xfe", b"ok"])
    event = ActorRegistered.decode([ActorRegistered.TOPIC0, bytes(32), bytes(32)], body)
    assert (event.identifier, event.name) == ("��", "ok")


@pytest.mark.parametrize("value", [-1, 2**64])
def test_a_value_that_does_not_fit_is_refused(value: int) -> None:
    from core.chain.bindings.supply_chain import encode_record

    with pytest.raises(Malformed, match="uint64"):
        encode_record(bytes(32), bytes(32), value, 1)


@pytest.mark.parametrize(
    ("contract", "struct", "typed"),
    [
        ("SupplyChain", "Record", structs.RECORD),
        ("SupplyChain", "RecordBatch", structs.RECORD_BATCH),
        ("SupplyChain", "Handover", structs.HANDOVER),
        ("SupplyChain", "Recall", structs.RECALL),
        ("SupplyChain", "UnorderedRecord", structs.UNORDERED_RECORD),
        ("SupplyChain", "Correction", structs.CORRECTION),
        ("SensorOracle", "Report", structs.REPORT),
        ("CarbonToken", "Retirement", structs.RETIREMENT),
    ],
)
def test_structs_are_those_that_get_signed(contract: str, struct: str, typed: Any) -> None:
    assert typed == getattr(_module(contract), struct).TYPE


def test_generated_files_are_those_of_the_committed_abis() -> None:
    stale = [p for p, text in render(ABIS).items() if (ROOT / p).read_text() != text]
    assert not stale, "run `python -m scripts.bindings`"


def test_no_generated_file_is_left_over() -> None:
    expected = {p for p in render(ABIS) if p.suffix == ".py"}
    found = {p.relative_to(ROOT) for p in (ROOT / "core/chain/bindings").glob("*.py")}
    assert found - {Path("core/chain/bindings/__init__.py")} == expected


def test_committed_abis_are_those_of_the_contracts() -> None:
    compile_contracts()
    assert compiled_abis() == committed_abis(), "run `python -m scripts.bindings`"
