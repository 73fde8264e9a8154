"""Many rows into a table at once."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from sqlalchemy import Connection, Table, insert
from sqlmodel import Session

_ROWS: Final = 1_000


def fill(session: Session, model: Any, rows: Iterator[tuple[Any, ...]]) -> None:
    """Rows of all columns, in the order of the model. By COPY where there is one."""
    connection, table = session.connection(), model.__table__
    if connection.dialect.name == "sqlite":
        _insert(connection, table, rows)
        return
    names = ", ".join(column.name for column in table.columns)
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table.fullname} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(connection: Connection, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
    names = [column.name for column in table.columns]
    while some := [dict(zip(names, row, strict=True)) for row in islice(rows, _ROWS)]:
        connection.execute(insert(table), some)
