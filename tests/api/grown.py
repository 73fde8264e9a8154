"""A mirror on PostgreSQL with tens of thousands of rows a table, for plans that mean something."""

from hashlib import sha256
from typing import Any, Final

from sqlalchemy import LargeBinary, Table, Text
from sqlmodel import SQLModel

from core.db import chain_tables
from core.db.engine import Database
from core.epcis.query.terms import word

ROWS: Final = 20_000
PRODUCTS: Final = 5_000
PEOPLE: Final = 200
_OF_PRODUCTS: Final = ("product_id", "parent_id", "subject", "source_id")
_OF_PEOPLE: Final = (
    *("actor", "from_actor", "to_actor", "custodian", "publisher", "verifier", "certifier"),
    *("device", "account", "delegate", "buyer", "seller", "holder", "forecaster", "observer"),
)
_TEXTS: Final = {
    "uri": "'https://id.gs1.org/01/' || lpad((i % 5000)::text, 14, '0') || '/10/LOT' || i",
    "status": "CASE WHEN i % 100 = 0 THEN 'pending' ELSE 'ready' END",
    "media": "CASE WHEN i % 400 = 0 THEN 'manifest' ELSE 'event' END",
    # a product has each role in one of its rows
    "role": "(ARRAY['input','output','parent','child'])[1 + (i + i / 5000) % 4]",
    "words": f"'{word('eventType', 'ObjectEvent')} ' || lpad(i::text, 12, '0')",
    "field": "(ARRAY[{}])[1 + i % 4]".format(
        ", ".join(f"'{word(name, '')}'" for name in ("epc", "epcClass", "quantity", "percRank"))
    ),
    "state": "'rejected'",
    "step": "'confirmed'",
    "identifier": "'https://id.gs1.org/417/' || lpad(i::text, 13, '0')",
    "table_name": "'event'",
    "content": "'{}'",
}
_SHORTER: Final = {"pact_id": 16}
_SMALL: Final = {"kind": "1 + i % 9", "recall_level": "CASE WHEN i % 500 = 0 THEN 1 ELSE 0 END"}


def tables() -> list[Table]:
    """Those of schema `chain`."""
    models = [getattr(chain_tables, name) for name in chain_tables.__all__]
    return [m.__table__ for m in models if isinstance(m, type) and issubclass(m, SQLModel)]


def grow(database: Database) -> None:
    """Fill every chain table and let the planner look at it."""
    with database.write_session() as session:
        connection = session.connection()
        for table in tables():
            count = 1 if table.name == "checkpoint" else ROWS
            columns = ", ".join(f'"{column.name}"' for column in table.columns)
            values = ", ".join(_value(table, column) for column in table.columns)
            values = values.replace("%", "%%")  # which the driver takes for a placeholder
            connection.exec_driver_sql(
                f'INSERT INTO chain."{table.name}" ({columns}) '
                f"SELECT {values} FROM generate_series(1, {count}) AS i"
            )
    with database.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")


def key(kind: str, number: int) -> bytes:
    """The product (32 bytes) or person (20 bytes) of a number."""
    return sha256(f"{kind}{number}".encode()).digest()[: 20 if kind == "person" else 32]


def _value(table: Table, column: Any) -> str:
    name, whole = column.name, table.name in ("product", "actor", "device")
    if isinstance(column.type, LargeBinary):
        return _bytes(name, whole_key=whole and column.primary_key)
    if (table.name, name) == ("transformation", "role"):
        return "(ARRAY['input','output'])[1 + (i + i / 5000) % 2]"
    if isinstance(column.type, Text):
        return _TEXTS.get(name, "NULL" if column.nullable else "i::text")
    if name in _SMALL:
        return _SMALL[name]
    if name in ("block_number", "number", "first_block", "last_block", "registered_block"):
        return "i"
    if name == "seq":
        return f"1 + i / {PRODUCTS}"
    if str(column.type) == "BOOLEAN":
        return "false"
    return "NULL" if column.nullable else "i"


def _bytes(name: str, *, whole_key: bool) -> str:
    if name in _OF_PRODUCTS:
        return f"sha256(('product' || {'i' if whole_key else f'i % {PRODUCTS}'})::bytea)"
    if name in _OF_PEOPLE or name == "address":
        number = "i" if whole_key else f"i % {PEOPLE}"
        return f"substring(sha256(('person' || {number})::bytea) FOR 20)"
    whole = f"sha256(('{name}' || i)::bytea)"
    return f"substring({whole} FOR {_SHORTER[name]})" if name in _SHORTER else whole
