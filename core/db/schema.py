"""Bring both schemas to the current shape, and drop the one that can be derived again.

Each schema has its own line of Alembic migrations and its own version table, so dropping `chain`
forgets its version too and the next start builds it anew, while `app` keeps its history.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import SQLModel

from core.config import Settings
from core.db import app_tables, chain_tables  # noqa: F401  they register their tables
from core.db.engine import Database, Writes, connect, parse_url, sqlite_folder
from core.errors import DatabaseUnavailable

SCHEMAS: Final = ("chain", "app")
VERSION_TABLE: Final = "schema_version"
REINDEX_WAIT_S: Final = 600.0
_FOLDER: Final = Path(__file__).parent / "migrations"
_LOCK_KEY: Final = 0x53523336  # "SR36"


def ensure_schema(settings: Settings) -> None:
    """Create or upgrade both schemas; safe when several services start at once.

    A filled `chain` of an older shape stays: the indexer derives it anew beside
    (indexer/reindex.py), and who starts before that is done waits.

    Raises:
        DatabaseUnavailable: the server does not answer, or the indexer has not derived the mirror
            anew within ten minutes.
    """
    deadline = time.monotonic() + REINDEX_WAIT_S
    while not _upgrade(settings):
        if time.monotonic() > deadline:
            raise DatabaseUnavailable(
                "schema `chain` has an older shape",
                hint="Start the indexer of this version, or run `sr360 reindex`.",
            )
        time.sleep(0.5)


def is_outdated(settings: Settings) -> bool:
    """Whether `chain` is filled and of an older shape, so that it is to be derived anew."""
    with _migrating(settings) as connection:
        return _is_outdated(connection)


def _upgrade(settings: Settings) -> bool:
    with _migrating(settings) as connection:
        outdated = _is_outdated(connection)
        for schema in SCHEMAS:
            if not (schema == "chain" and outdated) and _current(connection, schema) != newest(
                schema
            ):
                command.upgrade(_config(schema, connection), "head")
        return not outdated


def _is_outdated(connection: Connection) -> bool:
    if _current(connection, "chain") in (None, newest("chain")):
        return False
    filled = connection.execute(text("SELECT count(*) FROM chain.checkpoint")).scalar()
    return bool(filled)


def drop_chain(settings: Settings) -> None:
    """Forget everything derived; the indexer rebuilds it from chain and IPFS."""
    with _migrating(settings) as connection:
        tables = [table for table in metadata().sorted_tables if table.schema == "chain"]
        metadata().drop_all(connection, tables=tables)
        connection.execute(text(f"DROP TABLE IF EXISTS chain.{VERSION_TABLE}"))


def write_migration(settings: Settings, schema: str, message: str) -> None:
    """Write the next migration: what differs between the tables in code and in `settings.db`."""
    with _migrating(settings) as connection:
        command.revision(_config(schema, connection), message, autogenerate=True)


def metadata() -> MetaData:
    """The tables of both schemas."""
    return SQLModel.metadata


@contextmanager
def _migrating(settings: Settings) -> Iterator[Connection]:
    database = connect(settings, Writes.BOTH)
    try:
        with _alone(settings), _begin(database) as connection:
            if not database.is_sqlite:
                _prepare_postgres(connection)
            yield connection
    finally:
        database.close()


@contextmanager
def _begin(database: Database) -> Iterator[Connection]:
    try:
        with database.writer.begin() as connection:
            yield connection
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(str(error.orig)) from error


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """SQLite: one migration at a time across processes (PostgreSQL has advisory locks)."""
    url = parse_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        yield
        return
    with (sqlite_folder(url) / "migrate.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _prepare_postgres(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    present = {row[0] for row in connection.execute(text("SELECT nspname FROM pg_namespace"))}
    for schema in SCHEMAS:
        if schema not in present:
            connection.execute(text(f"CREATE SCHEMA {schema}"))


def _config(schema: str, connection: Connection | None = None) -> Config:
    config = Config(attributes={"connection": connection, "schema": schema})
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(_FOLDER / schema))
    return config


def newest(schema: str) -> str | None:
    """The revision the code's tables have."""
    return ScriptDirectory.from_config(_config(schema)).get_current_head()


def _current(connection: Connection, schema: str) -> str | None:
    options = {"version_table": VERSION_TABLE, "version_table_schema": schema}
    return MigrationContext.configure(connection, opts=options).get_current_revision()
