"""A row's bytes, once for two uses: what PostgreSQL's binary COPY takes and what digests hash.

PostgreSQL manual, "COPY, Binary Format": a tuple is its field count (16 bits), then each field as
length (32 bits, -1 for NULL) and content. With the columns' types known these bytes are
unambiguous, so no second encoding is needed for a hash.
"""

import struct
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, Final

from sqlalchemy import BigInteger, Column, LargeBinary

COPY_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END: Final = b"\xff\xff"

_NULL: Final = b"\xff\xff\xff\xff"
_INT8: Final = struct.Struct(">iq").pack
_LENGTH: Final = struct.Struct(">i").pack
_TRUE: Final = _LENGTH(1) + b"\1"
_FALSE: Final = _LENGTH(1) + b"\0"


def encode(row: tuple[Any, ...]) -> bytes:
    """The binary COPY tuple of int8, bytea, text and bool columns. Raises TypeError for others."""
    return len(row).to_bytes(2, "big") + b"".join(map(_field, row))


@cache
def encoder(kind: Any) -> Callable[[tuple[Any, ...]], bytes]:
    """`encode` for the rows of one table."""
    return encoder_of(kind.table.columns)


def encoder_of(columns: Iterable[Column[Any]]) -> Callable[[tuple[Any, ...]], bytes]:
    """`encode` for values of these columns, written out column by column.

    It runs twice for each log, and takes a third of the time: the types are looked at once.
    """
    columns = list(columns)
    values = [f"v{place}" for place in range(len(columns))]
    steps, names = _steps(zip(values, columns, strict=True))
    source = f"def encode(row): {', '.join(values)}, = row; return join(({', '.join(steps)},))"
    exec(source, names)  # noqa: S102  only our own tables' shapes are in it
    made: Callable[[tuple[Any, ...]], bytes] = names["encode"]
    return made


def _steps(columns: Iterable[tuple[str, Column[Any]]]) -> tuple[list[str], dict[str, Any]]:
    """Expressions whose joined values are a tuple, and the functions they call.

    Neighbouring numbers and lengths are packed together.
    """
    columns = list(columns)
    steps: list[str] = []
    names: dict[str, Any] = {"join": b"".join, "field": _field, "null": _NULL}
    layout, arguments = ">h", [str(len(columns))]
    for value, column in columns:
        if _is(column, BigInteger):
            layout, arguments = layout + "iq", [*arguments, "8", value]
            continue
        if is_bytes := _is(column, LargeBinary):
            layout, arguments = layout + "i", [*arguments, f"len({value})"]
        steps += _packed(layout, arguments, names)
        step = (
            f"null if {value} is None else field({value})" if column.nullable else f"field({value})"
        )
        steps.append(value if is_bytes else step)
        layout, arguments = ">", []
    return steps + _packed(layout, arguments, names), names


def _packed(layout: str, arguments: list[str], names: dict[str, Any]) -> list[str]:
    if not arguments:
        return []
    name = f"pack{len(names)}"
    names[name] = struct.Struct(layout).pack
    return [f"{name}({', '.join(arguments)})"]


def _is(column: Column[Any], kind: type) -> bool:
    return not column.nullable and isinstance(column.type, kind)


def _field(value: object) -> bytes:
    kind = type(value)
    if kind is bool:
        return _TRUE if value else _FALSE
    if kind is bytes:
        return _LENGTH(len(value)) + value  # type: ignore[arg-type, operator]
    if value is None:
        return _NULL
    if isinstance(value, str):
        content = value.encode()
        return _LENGTH(len(content)) + content
    if isinstance(value, int):
        return _INT8(8, value)
    raise TypeError(f"{type(value).__name__} has no place in a row")
