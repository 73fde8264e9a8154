"""Hypothesis strategies for ABI types, and the ABI items of every contract."""

from typing import Any

from hypothesis import strategies as st

from scripts.bindings import committed_abis

Item = dict[str, Any]
ABIS = committed_abis()


def items(kind: str) -> list[tuple[str, Item]]:
    """(contract, item) of every event, error or function."""
    return [(name, item) for name, abi in ABIS.items() for item in abi if item["type"] == kind]


def type_of(item: Item) -> str:
    """The canonical type, structs as `(t1,t2)`."""
    if item["type"].startswith("tuple"):
        return f"({','.join(map(type_of, item['components']))}){item['type'][5:]}"
    return str(item["type"])


def value(item: Item) -> st.SearchStrategy[Any]:
    """Any value of the item's type, as eth_abi takes it; addresses as bytes."""
    kind = item["type"]
    if kind.endswith("[]"):
        return st.lists(value({**item, "type": kind[:-2]}), max_size=4).map(tuple)
    if kind == "tuple":
        return st.tuples(*map(value, item["components"]))
    if kind == "bool":
        return st.booleans()
    if kind == "address":
        return st.binary(min_size=20, max_size=20)
    if kind == "bytes":
        return st.binary(max_size=100)
    if kind == "string":
        return st.text(max_size=60)
    if kind.startswith("bytes"):
        return st.binary(min_size=int(kind[5:]), max_size=int(kind[5:]))
    bits = int(kind.removeprefix("u")[3:])
    if kind.startswith("u"):
        return st.integers(0, 2**bits - 1)
    return st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


def values(inputs: list[Item]) -> st.SearchStrategy[tuple[Any, ...]]:
    """Argument lists."""
    return st.tuples(*map(value, inputs))
