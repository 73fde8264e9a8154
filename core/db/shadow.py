"""A second schema `chain_next` of the current shape, filled beside `chain`, then in its place.

Readers are served all along. PostgreSQL: the tables move in one transaction, and only when no
transaction is left whose snapshot is older than the last row written to them; so a reader sees the
old tables or the new, whole. SQLite cannot exchange a file others have attached, so the rows are
copied into `chain.db` in one write transaction, which WAL readers notice when they begin anew.
"""

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from sqlalchemy import Connection, Engine, Table, inspect, text
from sqlalchemy.exc import OperationalError

from core.config import Settings
from core.db.engine import Writes, parse_url, postgres_engine, sqlite_engine, sqlite_folder
from core.db.partitions import create_indices, create_tables, width
from core.db.schema import VERSION_TABLE, current, metadata, newest, stamp
from core.errors import DatabaseUnavailable

NEXT: Final = "chain_next"
LOCK_TIMEOUT_MS: Final = 200
"""How long new readers may queue behind us before we step back and try again, at first."""
LONGEST_LOCK_TIMEOUT_MS: Final = 3_000
"""And at last: where readers are slow and many, stepping back early would never get us in."""
SNAPSHOT_WAIT_S: Final = 60.0
_KEY: Final = 0x53523338

Work = Callable[[Connection], None]


class Shadow:
    """One attempt to replace `chain`; `close` it. Connections it opens mean `chain_next` by `chain`
    in everything `indexer.statements` and SQLAlchemy constructs say."""

    def __init__(self, settings: Settings) -> None:
        url = parse_url(settings.database_url)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self._partition_blocks = settings.db.partition_blocks
        if self.is_sqlite:
            folder = sqlite_folder(url)
            self._path = folder / NEXT
            self._builder = sqlite_engine(folder, Writes.NOTHING, also=NEXT)
            self._switcher = sqlite_engine(folder, Writes.CHAIN, also=NEXT)
        else:
            self._builder = self._switcher = postgres_engine(url, Writes.BOTH)

    def close(self) -> None:
        self._builder.dispose()
        self._switcher.dispose()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One attempt at a time; a second waits. The lock falls with the process."""
        if self.is_sqlite:
            with self._path.with_suffix(".lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            return
        with _translated(), self._switcher.connect() as connection:
            connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _KEY})
            connection.commit()
            yield
            connection.invalidate()

    @contextmanager
    def building(self) -> Iterator[Connection]:
        """A transaction that writes `chain_next`. Raises DatabaseUnavailable."""
        with _translated(), _begin(self._builder) as connection:
            yield connection

    def prepare(self, *, fresh: bool) -> bool:
        """Have an empty `chain_next`, or one that an earlier attempt left; whether it is that."""
        with self.building() as connection:
            if not self.is_sqlite:
                connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {NEXT}"))
            if not fresh and self._goes_on(connection):
                return True
            _drop(connection)
            create_tables(connection, tables(), self._partition_blocks, bare=True)
            stamp(connection, NEXT, newest("chain"))
        return False

    def _goes_on(self, connection: Connection) -> bool:
        same = self.is_sqlite or width(connection, NEXT) == self._partition_blocks
        return same and current(connection, NEXT) == newest("chain")

    def switch(self, finish: Work) -> None:
        """Stop the writers of `chain`, let `finish` complete `chain_next`, put it in its place.

        Killed before the end, everything is as it was, and the next attempt goes on from there.

        Raises:
            DatabaseUnavailable: readers held old tables for longer than a minute.
        """
        with _translated():
            if self.is_sqlite:
                self._copy_over(finish)
            else:
                self._move(finish)

    def _copy_over(self, finish: Work) -> None:
        with _begin(self._switcher) as connection:
            finish(connection)
            plain = connection.execution_options(schema_translate_map=None)
            for name in inspect(plain).get_table_names(schema="chain"):
                plain.exec_driver_sql(f'DROP TABLE chain."{name}"')
            metadata().create_all(plain, tables=tables())
            for table in tables():
                columns = ", ".join(f'"{column.name}"' for column in table.columns)
                plain.exec_driver_sql(
                    f'INSERT INTO chain."{table.name}" ({columns}) '  # noqa: S608
                    f'SELECT {columns} FROM {NEXT}."{table.name}"'
                )
            stamp(plain, "chain", newest("chain"))
        with self.building() as connection:
            _drop(connection)

    def _move(self, finish: Work) -> None:
        with self.building() as connection:  # while the writers still go on
            add_indices(connection)
        with self._switcher.connect() as holder, holder.begin():
            # readers may go on: EXCLUSIVE only conflicts with those who write
            holder.exec_driver_sql("LOCK TABLE chain.checkpoint, chain.document IN EXCLUSIVE MODE")
            with self.building() as connection:
                finish(connection)
                _copy_grants(connection)
            _await_older(holder)
            _exchange(holder)


def _exchange(connection: Connection) -> None:
    """Drop the tables of `chain`, move those of `chain_next` there."""
    old = inspect(connection).get_table_names(schema="chain")
    # the one readers begin with comes first: who waits there holds nothing that we wait for
    old.sort(key=lambda name: name != "checkpoint")
    names = ", ".join(f'chain."{name}"' for name in old)
    patience_ms = LOCK_TIMEOUT_MS
    for _ in _attempts():
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {patience_ms}")
        try:
            with connection.begin_nested():
                connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")
                break
        except OperationalError:  # a reader is in there: let those who queue behind us pass
            patience_ms = min(2 * patience_ms, LONGEST_LOCK_TIMEOUT_MS)
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    connection.exec_driver_sql(f"DROP TABLE {names}")
    for name in inspect(connection).get_table_names(schema=NEXT):  # partitions among them
        connection.exec_driver_sql(f'ALTER TABLE {NEXT}."{name}" SET SCHEMA chain')
    connection.exec_driver_sql(f"DROP SCHEMA {NEXT} CASCADE")


def _await_older(connection: Connection) -> None:
    """Wait until every transaction that runs now has ended, but those that wait for us."""
    older = {row[0] for row in connection.exec_driver_sql(_RUNNING)}
    for _ in _attempts():
        older &= {row[0] for row in connection.exec_driver_sql(_RUNNING)}
        if not older:
            return


_RUNNING: Final = """
SELECT l.virtualtransaction FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
WHERE l.locktype = 'virtualxid' AND l.pid <> pg_backend_pid() AND a.datname = current_database()
 AND NOT EXISTS (SELECT FROM pg_locks AS w WHERE w.pid = l.pid AND NOT w.granted)"""


def _attempts() -> Iterator[None]:
    deadline = time.monotonic() + SNAPSHOT_WAIT_S
    while time.monotonic() < deadline:
        yield
        time.sleep(0.02)
    raise DatabaseUnavailable(
        f"a reader has kept the old tables for {SNAPSHOT_WAIT_S:.0f} s",
        hint="End the long transaction (pg_stat_activity shows it) and run `sr360 reindex` again.",
    )


def _copy_grants(connection: Connection) -> None:
    """Give everyone on the new tables what they had on the old."""
    found = connection.exec_driver_sql(
        "SELECT c.relname, r.rolname, g.privilege_type FROM pg_class AS c "
        "CROSS JOIN LATERAL aclexplode(c.relacl) AS g JOIN pg_roles AS r ON r.oid = g.grantee "
        "WHERE c.relnamespace = 'chain'::regnamespace AND c.relkind IN ('r', 'p')"
    ).all()
    everyone = {(role, privilege) for name, role, privilege in found if name == "block"}
    known = {name for name, _, _ in found}
    wanted = [
        *found,
        *((t.name, *grant) for t in tables() if t.name not in known for grant in everyone),
    ]
    names = {VERSION_TABLE, *(table.name for table in tables())}
    for name, role, privilege in wanted:
        if name in names:
            connection.exec_driver_sql(f'GRANT {privilege} ON {NEXT}."{name}" TO "{role}"')


def add_indices(connection: Connection) -> None:
    """Give the tables of `chain_next` the indices they are filled without: undoing needs them."""
    create_indices(connection, tables())


def tables() -> list[Table]:
    """The tables of schema `chain`, as the code has them."""
    return [table for table in metadata().sorted_tables if table.schema == "chain"]


@contextmanager
def _begin(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        translated = connection.execution_options(schema_translate_map={"chain": NEXT})
        with translated.begin():
            yield translated


def _drop(connection: Connection) -> None:
    for name in inspect(connection).get_table_names(schema=NEXT):
        connection.exec_driver_sql(f'DROP TABLE IF EXISTS {NEXT}."{name}"')


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise DatabaseUnavailable(str(error.orig)) from error
