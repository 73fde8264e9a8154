"""docs/glossary.md says which name a thing has in each layer; here the layers answer."""

import importlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLObjectType, build_schema

from core.crypto import keccak256
from core.db import chain_tables
from core.types import EventKind, Role
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.registry import HANDLERS

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/glossary.md").read_text()
HEADING = "| Solidity event |"
NONE = "—"
ACTOR = b"\x11" * 20


def _table(heading: str) -> list[list[str]]:
    """Cells of the table that starts with this heading, without heading and rule."""
    lines = PAGE[PAGE.index(heading) :].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def _names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def _abi_events() -> dict[str, set[str]]:
    """Contract -> names of the events in its ABI."""
    return {
        path.stem: {item["name"] for item in json.loads(path.read_text()) if _is_event(item)}
        for path in sorted((ROOT / "contracts/abi").glob("*.json"))
    }


def _is_event(item: dict[str, Any]) -> bool:
    return item["type"] == "event"


NOUNS = _table(HEADING)
SCHEMA = build_schema((ROOT / "api/schema.graphql").read_text())


def _ids(row: list[str]) -> str:
    return _names(row[0])[0]


def _binding(cell: str) -> Any:
    module, name = _names(cell)[0].split(".")
    return getattr(importlib.import_module(f"core.chain.bindings.{module}"), name)


def test_every_event_of_every_contract_is_listed_once():
    listed = [_names(row[0])[0] for row in NOUNS]
    start = PAGE.index("Kept as raw logs")
    administrative = _names(PAGE[start : PAGE.index("##", start)])
    assert sorted(listed + administrative) == sorted(set().union(*_abi_events().values()))


def test_every_handler_is_listed_once():
    assert sorted(map(str, HANDLERS)) == sorted(str(_binding(row[1])) for row in NOUNS)


@pytest.mark.parametrize("row", NOUNS, ids=_ids)
def test_the_binding_decodes_the_event_of_the_abi(row):
    binding = _binding(row[1])
    signature = f"{_ids(row)}({','.join(_types(binding))})"
    assert keccak256(signature.encode()) == binding.TOPIC0


def _types(binding: Any) -> list[str]:
    """Solidity types of an event's fields, in the order of the binding's fields."""
    module = binding.__module__.split(".")[-1]
    contract = "".join(part.title() for part in module.split("_"))
    [event] = _named(_abi(contract), binding.__name__)
    return [_type(one) for one in event["inputs"]]


def _type(item: dict[str, Any]) -> str:
    """A struct as the tuple of its members."""
    if item["type"] != "tuple":
        return str(item["type"])
    return f"({','.join(map(_type, item['components']))})"


def _abi(contract: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((ROOT / f"contracts/abi/{contract}.json").read_text())
    return found


def _named(abi: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [item for item in abi if _is_event(item) and item.get("name") == name]


@pytest.mark.parametrize("row", NOUNS, ids=_ids)
def test_the_handler_is_named_after_the_event(row):
    binding = _binding(row[1])
    handler = HANDLERS[binding]
    module = handler.__module__.split(".")[-1]
    assert f"{module}.{handler.__name__}" == _names(row[2])[0]
    assert binding.__module__.split(".")[-1] == module
    assert handler.__name__ == re.sub(r"(?<!^)(?=[A-Z])", "_", binding.__name__).lower()


@pytest.mark.parametrize("row", NOUNS, ids=_ids)
def test_the_handler_writes_these_tables(row):
    written = {made.table.name for made in _handled(_binding(row[1]))}
    assert written == set(_names(row[3]))


def _handled(binding: Any) -> list[Any]:
    """The rows of an invented event, first of its product."""
    types = ",".join(_types(binding)).replace("(", "").replace(")", "").split(",")
    event = binding(*map(_value, types))
    known = State(
        products={},
        actors={ACTOR: rows.Actor(ACTOR, 1, "", "", 0, None)},
        devices={ACTOR: rows.Device(ACTOR, b"\x22" * 32, 1, 2, None, None, None, 0)},
    )
    return HANDLERS[binding](event, Place(7, 0, b"\x22" * 32), known)


def _value(solidity: str) -> Any:
    if solidity.endswith("[]"):
        return [_value(solidity.removesuffix("[]"))]
    return {"address": ACTOR, "bytes32": b"\x22" * 32, "string": "a"}.get(solidity, 1)


@pytest.mark.parametrize("row", NOUNS, ids=_ids)
def test_the_graphql_type_has_the_name_of_the_table(row):
    model = _model(_names(row[3])[0])
    if row[4] == NONE:
        assert SCHEMA.get_type(model) is None
    else:
        assert _names(row[4]) == [model]
        assert isinstance(SCHEMA.get_type(model), GraphQLObjectType)


def _model(table: str) -> str:
    """The class of a table in core.db.chain_tables."""
    [found] = [
        name
        for name, kind in vars(chain_tables).items()
        if getattr(kind, "__tablename__", None) == table
    ]
    return found


@pytest.mark.parametrize("row", NOUNS, ids=_ids)
def test_typescript_knows_the_event(row):
    constant = _names(row[5])[0]
    source = (ROOT / "web/src/generated/abi.ts").read_text()
    found = re.search(rf"^export const {constant} = (\[.*?^\]) as const;", source, re.M | re.S)
    assert found, constant
    contract = constant[0].upper() + constant.removesuffix("Abi")[1:]
    assert _named(json.loads(found[1]), _ids(row)) == _named(_abi(contract), _ids(row)) != []


@pytest.mark.parametrize(
    ("row", "python", "graphql"), [(0, EventKind, "EventKind"), (1, Role, "ActorRole")]
)
def test_closed_lists_are_the_same_everywhere(row, python, graphql):
    cell = _table("| list |")[row][1]
    listed = {name: int(number) for name, number in re.findall(r"`(\w+)` (\d+)", cell)}
    assert listed == {member.name: member.value for member in python}
    kind = SCHEMA.get_type(graphql)
    assert isinstance(kind, GraphQLEnumType)
    assert set(kind.values) == set(listed)


def test_the_terms_stand_in_order_and_once():
    terms = [row[0] for row in _table("| term |")]
    assert terms == sorted(set(terms), key=str.lower)
