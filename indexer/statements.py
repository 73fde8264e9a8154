"""SQL text for tuples, written once per table and dialect from the tables' own columns."""

from functools import lru_cache
from typing import Final

from sqlalchemy import Connection, Table

from indexer import rows

_ON_CONFLICT: Final = {
    # A product's uri is found in documents, not in logs: keep it.
    "product": (
        "product_id",
        ("seq", "head", "custodian", "parent_id", "recall_level", "last_block"),
    ),
    "actor": ("address", ("role", "identifier", "name", "registered_block", "revoked_block")),
    "device": (
        "address",
        ("calibration_hash", "valid_until", "revoked_since", "subject"),
    ),
    # A block may lose its place in the chain and win it back.
    "log": ("block_hash, log_index", ("orphaned",)),
}

_RANK: Final = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(rows.MEDIA))
_MORE_LENIENT: Final = f"""
 ON CONFLICT (data_hash) DO UPDATE SET media = excluded.media, next_attempt_at = 0,
  status = CASE document.status WHEN 'ready' THEN 'ready' ELSE 'pending' END
 WHERE CASE excluded.media {_RANK} END > CASE document.media {_RANK} END"""
"""What was refused as an event may be a good recall notice: it is read again."""


def insert(connection: Connection, made: list[rows.Row]) -> None:
    """Write rows of any tables: one `executemany` a table, later state rows over earlier ones."""
    by_kind: dict[type, list[rows.Row]] = {}
    for row in made:
        by_kind.setdefault(type(row), []).append(row)
    for kind, group in by_kind.items():
        connection.exec_driver_sql(_insert(kind.table, connection.dialect.name), group)  # type: ignore[attr-defined]


def execute(connection: Connection, sql: str, *values: object) -> int:
    """Run one statement with `?` for each value; how many rows it changed."""
    return connection.exec_driver_sql(mark(sql, connection.dialect.name), values).rowcount


@lru_cache
def mark(sql: str, dialect: str) -> str:
    """SQL with the dialect's placeholder for `?`."""
    return sql if dialect == "sqlite" else sql.replace("?", "%s")


@lru_cache
def _insert(table: Table, dialect: str) -> str:
    columns = ", ".join(f'"{name}"' for name in table.columns.keys())  # noqa: SIM118
    places = ", ".join("?" * len(table.columns))
    sql = f'INSERT INTO chain."{table.name}" ({columns}) VALUES ({places})'  # noqa: S608
    return mark(sql + _conflict(table.name), dialect)


def _conflict(table: str) -> str:
    if table == "document":
        return _MORE_LENIENT
    if table not in _ON_CONFLICT:
        return ""
    key, changed = _ON_CONFLICT[table]
    assignments = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
    return f" ON CONFLICT ({key}) DO UPDATE SET {assignments}"
