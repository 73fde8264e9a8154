"""One way to the database for every service, the same on SQLite and PostgreSQL.

Sessions are synchronous SQLModel sessions; asynchronous code hands a function to a thread, so a
transaction is always one short function and can never stay open across an `await`:

    database = open_database(settings)                      # API, oracle, ml: may write `app`
    rows = await database.read(lambda s: s.exec(select(Product)).all())
    await database.write(lambda s: s.add(Observation(...))) # commits, or rolls back on an error
    database.close()

Inside a thread or a script: `with database.read_session() as s:`. A read session sees one
snapshot, cannot write, and may join `chain` with `app`. A write session may write the one schema
named in `open_database`; only the indexer names `CHAIN`. SQLite enforces this by attaching the
other file read-only, PostgreSQL by roles (`core/db/migrations/roles.sql`).

SQLite lives in one folder as `chain.db` and `app.db` (WAL). `app` is synchronised to the disk at
each commit; `chain` can be derived again, so a power cut may cost it its last blocks.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DataError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool
from sqlmodel import Session

from core.config import Settings
from core.errors import BadConfig, DatabaseUnavailable, Malformed

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")
BUSY_TIMEOUT_MS: Final = 15_000
POOL_SIZE: Final = 10


class Writes(StrEnum):
    """The schema a process may write."""

    CHAIN = "chain"
    APP = "app"
    BOTH = "both"
    """Migrations, backups and tests only."""
    NOTHING = "nothing"


class Database:
    """Two pools of connections to one database: readers, and writers of one schema."""

    def __init__(self, reader: Engine, writer: Engine) -> None:
        self.reader = reader
        self.writer = writer

    @property
    def is_sqlite(self) -> bool:
        return self.reader.dialect.name == "sqlite"

    @contextmanager
    def read_session(self) -> Iterator[Session]:
        """A snapshot that cannot be written. Raises DatabaseUnavailable."""
        with _translated(), Session(self.reader, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write_session(self) -> Iterator[Session]:
        """One transaction, committed when the block ends well. Raises DatabaseUnavailable."""
        opened = Session(self.writer, expire_on_commit=False)
        with _translated(), opened as session, session.begin():
            yield session

    @contextmanager
    def write_connection(self) -> Iterator[Connection]:
        """As `write_session`, without an ORM around it."""
        with _translated(), self.writer.begin() as connection:
            yield connection

    async def read(self, work: Callable[[Session], T]) -> T:
        """The result of `work` on a read session, in a thread. Raises DatabaseUnavailable."""
        return await in_thread(self._read, work)

    async def write(self, work: Callable[[Session], T]) -> T:
        """The result of `work` in one transaction, in a thread. Raises DatabaseUnavailable."""
        return await in_thread(self._write, work)

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()

    def _read(self, work: Callable[[Session], T]) -> T:
        with self.read_session() as session:
            return work(session)

    def _write(self, work: Callable[[Session], T]) -> T:
        with self.write_session() as session:
            return work(session)


async def in_thread(work: Callable[..., T], *arguments: Any) -> T:
    """`asyncio.to_thread`, except that a cancelled caller waits for the transaction to end.

    Otherwise a stopping service would close the pool beside a thread that still uses it.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled():
            task.exception()
        raise


def open_database(settings: Settings, writes: Writes = Writes.APP) -> Database:
    """The database of `settings.db`, its schemas brought up to date first.

    Raises:
        BadConfig: the URL is neither `sqlite:///folder` nor `postgresql://...`.
        DatabaseUnavailable: the server does not answer.
    """
    from core.db.schema import ensure_schema  # it opens a database itself

    ensure_schema(settings)
    return connect(settings, writes)


def connect(settings: Settings, writes: Writes) -> Database:
    """`open_database` without looking at the schema."""
    url = parse_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        folder = sqlite_folder(url)
        return Database(sqlite_engine(folder, Writes.NOTHING), sqlite_engine(folder, writes))
    return Database(postgres_engine(url, Writes.NOTHING), postgres_engine(url, writes))


def parse_url(text: str) -> URL:
    """The URL with our driver in it. Raises BadConfig."""
    hint = "Give SR360_DB__URL as postgresql://user:password@host/name, or leave it empty."
    try:
        url = make_url(text)
    except Exception as error:
        raise BadConfig(f"not a database URL: {error}", hint=hint) from error
    match url.get_backend_name():
        case "sqlite":
            return url
        case "postgresql" | "postgres":
            return url.set(drivername="postgresql+psycopg")
        case other:
            raise BadConfig(f"{other} is not supported", hint=hint)


def sqlite_folder(url: URL) -> Path:
    """The folder that holds `chain.db` and `app.db`, made if absent. Raises BadConfig."""
    folder = Path(url.database or ".")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadConfig(f"no database folder at {folder}: {error.strerror}") from error
    return folder.absolute()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(str(error.orig)) from error
    except DataError as error:  # U+0000 in a text, for one, which SQLite takes
        raise Malformed(f"PostgreSQL holds no such value: {error.orig}") from error


def sqlite_engine(folder: Path, writes: Writes, also: str | None = None) -> Engine:
    """Connections that write one schema, and one more file of that folder if named."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: _attach(folder, writes, also),
        poolclass=QueuePool,
        pool_size=POOL_SIZE,
        max_overflow=POOL_SIZE,
    )
    # A writer takes its lock first: upgrading a snapshot that others have overtaken would fail.
    reads_only = writes is Writes.NOTHING and also is None
    start = "BEGIN" if reads_only else "BEGIN IMMEDIATE"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(start))
    return engine


def _attach(folder: Path, writes: Writes, also: str | None = None) -> "sqlite3.Connection":
    import sqlite3  # a megabyte that a service on PostgreSQL never needs

    # isolation_level=None: the driver would begin transactions too late, at the first INSERT
    connection = sqlite3.connect(
        "file::memory:", uri=True, isolation_level=None, check_same_thread=False
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    for schema in ("chain", "app"):
        mode = "rwc" if writes in (schema, Writes.BOTH) else "ro"
        connection.execute(
            "ATTACH ? AS " + schema, (f"{(folder / schema).as_uri()}.db?mode={mode}",)
        )
    if also:
        connection.execute("ATTACH ? AS " + also, (f"{(folder / also).as_uri()}.db?mode=rwc",))
        connection.execute(f"PRAGMA {also}.journal_mode = WAL")
    if writes in ("chain", "app", "both"):
        _prepare_writer(connection, writes)
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


def _prepare_writer(connection: "sqlite3.Connection", writes: Writes) -> None:
    for schema, level in (("chain", "NORMAL"), ("app", "FULL")):
        if writes in (schema, Writes.BOTH):
            connection.execute(f"PRAGMA {schema}.journal_mode = WAL")
            connection.execute(f"PRAGMA {schema}.synchronous = {level}")


def postgres_engine(url: URL, writes: Writes) -> Engine:
    """Connections to a server; those that write nothing cannot."""
    options: dict[str, Any] = {"pool_size": POOL_SIZE, "max_overflow": POOL_SIZE}
    if writes is Writes.NOTHING:
        options["isolation_level"] = "REPEATABLE READ"  # one snapshot a session
        options["connect_args"] = {"options": "-c default_transaction_read_only=on"}
    return create_engine(url, pool_pre_ping=True, **options)
