"""SQL text for tuples, written once per table and dialect from the tables' own columns.

Text names schema `chain`; a connection whose `schema_translate_map` names another one, as while
deriving anew, writes and reads that.
"""

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

import psycopg
from sqlalchemy import Connection, Table, exc

from indexer import rows
from indexer.wire import COPY_END, COPY_HEADER, encoder

COPY_FROM: Final = 64
"""Fewer rows than this are sent by `executemany`: a temporary table costs three round trips."""
_PIECE: Final = 500
"""Rows joined for one write: what is on its way is not held twice."""
_IN: Final = 500
"""Values in one list; SQLite allows 32,766 parameters."""

_ON_CONFLICT: Final = {
    # A product's uri is found in documents, not in logs: keep it.
    "product": (
        "product_id",
        ("seq", "head", "custodian", "parent_id", "recall_level", "last_block"),
    ),
    "actor": ("address", ("role", "identifier", "name", "registered_block", "revoked_block")),
    "device": ("address", ("calibration_hash", "valid_until", "revoked_since", "subject")),
}

_RANK: Final = " ".join(f"WHEN '{name}' THEN {rank}" for rank, name in enumerate(rows.MEDIA))
_MORE_LENIENT: Final = f"""
 ON CONFLICT (data_hash) DO UPDATE SET media = excluded.media, next_attempt_at = 0,
  status = CASE document.status WHEN 'ready' THEN 'ready' ELSE 'pending' END
 WHERE CASE excluded.media {_RANK} END > CASE document.media {_RANK} END"""
"""What was refused as an event may be a good recall notice: it is read again."""


def insert(connection: Connection, made: list[rows.Row]) -> None:
    """Write rows of any tables, later state rows over earlier ones.

    One COPY or `executemany` a table, whichever costs less.
    """
    by_kind: dict[Any, list[rows.Row]] = {}
    for row in made:
        by_kind.setdefault(type(row), []).append(row)
    for kind, group in by_kind.items():
        if len(group) >= COPY_FROM and connection.dialect.name != "sqlite":
            _copy_over(connection, kind.table, list(map(encoder(kind), group)))
        else:
            sql = _insert(kind.table, connection.dialect.name)
            connection.exec_driver_sql(_placed(connection, sql), group)


def copy_in(connection: Connection, table: Table, tuples: Sequence[bytes]) -> None:
    """COPY binary tuples of `wire.encode` into a table (PostgreSQL)."""
    columns = _columns(table)
    _copy(connection, f'COPY {schema_of(connection)}."{table.name}" ({columns})', tuples)


def execute(connection: Connection, sql: str, *values: object) -> int:
    """Run one statement with `?` for each value; how many rows it changed."""
    text = _placed(connection, mark(sql, connection.dialect.name))
    return connection.exec_driver_sql(text, values).rowcount


def returned(connection: Connection, sql: str, *values: object) -> Sequence[Any]:
    """Run one statement with `?` for each value and a RETURNING; the rows it gives."""
    text = _placed(connection, mark(sql, connection.dialect.name))
    return connection.exec_driver_sql(text, values).all()


def execute_many(connection: Connection, sql: str, values: Sequence[tuple[object, ...]]) -> None:
    """Run one statement for each tuple of values."""
    if values:
        text = _placed(connection, mark(sql, connection.dialect.name))
        connection.exec_driver_sql(text, list(values))


def select_in(connection: Connection, sql: str, values: Collection[bytes]) -> Iterator[Any]:
    """The rows of a query with `IN :ids` for these values, asked in parts."""
    ids = sorted(values)
    for start in range(0, len(ids), _IN):
        part = ids[start : start + _IN]
        given: tuple[Any, ...]
        if connection.dialect.name == "sqlite":
            listed, given = sql.replace(":ids", f"({', '.join('?' * len(part))})"), tuple(part)
        else:  # one parameter: the driver reads a text again for each number of them
            listed, given = sql.replace("IN :ids", "= ANY(?)"), (part,)
        text = _placed(connection, mark(listed, connection.dialect.name))
        yield from connection.exec_driver_sql(text, given).fetchall()


def read_raw(connection: Connection, sql: str) -> list[Any]:
    """All rows of a query as the driver gives them; names in it are taken as they are.

    For very many rows: SQLAlchemy's own row objects cost more than reading them.
    """
    if connection.dialect.name == "sqlite":
        return list(connection.exec_driver_sql(sql).fetchall())
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor(binary=True) as cursor:
            return list(cursor.execute(sql).fetchall())
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise exc.OperationalError(sql, None, error) from error


def load(connection: Connection, kind: Any, key: str, wanted: Collection[bytes]) -> list[Any]:
    """The rows of a kind whose column `key` is among `wanted`; no booleans on SQLite."""
    name = kind.table.name
    sql = f'SELECT {_columns(kind.table)} FROM chain."{name}" WHERE "{key}" IN :ids'  # noqa: S608
    return [kind._make(row) for row in select_in(connection, sql, wanted)]


def schema_of(connection: Connection) -> str:
    """The schema this connection means by `chain`."""
    translated = connection.get_execution_options().get("schema_translate_map") or {}
    return str(translated.get("chain", "chain"))


@lru_cache
def mark(sql: str, dialect: str) -> str:
    """SQL with the dialect's placeholder for `?`."""
    return sql if dialect == "sqlite" else sql.replace("?", "%s")


def _placed(connection: Connection, sql: str) -> str:
    schema = schema_of(connection)
    return sql if schema == "chain" else sql.replace("chain.", f"{schema}.")


def _copy_over(connection: Connection, table: Table, tuples: list[bytes]) -> None:
    """COPY into a temporary table, then insert from it as `_conflict` says.

    It stays for the connection's next transactions: to make and drop one writes PostgreSQL's
    catalogues, and the driver forgets all prepared statements when something is dropped.
    """
    passing, columns = f"passing_{table.name}", _columns(table)
    execute(
        connection,
        f'CREATE TEMPORARY TABLE IF NOT EXISTS "{passing}" ON COMMIT DELETE ROWS AS '  # noqa: S608
        f'SELECT {columns} FROM chain."{table.name}" WHERE false',
    )
    _copy(connection, f'COPY pg_temp."{passing}" ({columns})', tuples)
    execute(
        connection,
        f'INSERT INTO chain."{table.name}" ({columns}) '  # noqa: S608
        f'SELECT {columns} FROM pg_temp."{passing}"' + _conflict(table.name),
    )
    execute(connection, f'DELETE FROM pg_temp."{passing}"')  # noqa: S608


def _copy(connection: Connection, into: str, tuples: Sequence[bytes]) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(f"{into} FROM STDIN (FORMAT BINARY)") as copy:
            copy.write(COPY_HEADER)
            for start in range(0, len(tuples), _PIECE):
                copy.write(b"".join(tuples[start : start + _PIECE]))
            copy.write(COPY_END)
    # as SQLAlchemy would have said it, so that callers know one kind
    except psycopg.IntegrityError as error:
        raise exc.IntegrityError(into, None, error) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise exc.OperationalError(into, None, error) from error


@lru_cache
def _insert(table: Table, dialect: str) -> str:
    places = ", ".join("?" * len(table.columns))
    sql = f'INSERT INTO chain."{table.name}" ({_columns(table)}) VALUES ({places})'  # noqa: S608
    return mark(sql + _conflict(table.name), dialect)


@lru_cache
def _columns(table: Table) -> str:
    return ", ".join(f'"{name}"' for name in table.columns.keys())  # noqa: SIM118


def _conflict(table: str) -> str:
    if table == "document":
        return _MORE_LENIENT
    if table not in _ON_CONFLICT:
        return ""
    key, changed = _ON_CONFLICT[table]
    assignments = ", ".join(f'"{name}" = excluded."{name}"' for name in changed)
    return f" ON CONFLICT ({key}) DO UPDATE SET {assignments}"
