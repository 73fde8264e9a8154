"""Bring both schemas to the current shape, and drop the one that can be derived again.

Each schema has its own line of Alembic migrations and its own version table, so dropping `chain`
forgets its version too and the next start builds it anew, while `app` keeps its history.
"""

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, MetaData, inspect, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlmodel import SQLModel

from core.config import Settings
from core.db.engine import Database, Writes, connect, parse_url, sqlite_folder
from core.db.partitions import PARTITIONED, create_tables, width
from core.errors import DatabaseUnavailable

if TYPE_CHECKING:
    from alembic.config import Config

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
            if schema == "chain" and outdated:
                continue
            found = current(connection, schema)
            if found is None:
                _create(connection, schema, settings)
            elif found != newest(schema):
                upgrade(connection, schema)
        if not outdated and settings.db.partition_blocks:
            _split_while_empty(connection, settings)
        return not outdated


def _is_outdated(connection: Connection) -> bool:
    if current(connection, "chain") in (None, newest("chain")):
        return False
    return _is_filled(connection)


def _is_filled(connection: Connection) -> bool:
    filled = connection.execute(text("SELECT count(*) FROM chain.checkpoint")).scalar()
    return bool(filled)


def _split_while_empty(connection: Connection, settings: Settings) -> None:
    """A service that does not know the setting, or a migration, may have made the tables whole."""
    if connection.dialect.name == "sqlite" or width(connection) or _is_filled(connection):
        return
    growing = [metadata().tables[f"chain.{name}"] for name in PARTITIONED]
    metadata().drop_all(connection, tables=growing)
    create_tables(connection, growing, settings.db.partition_blocks)


def drop_chain(settings: Settings) -> None:
    """Forget everything derived; the indexer rebuilds it from chain and IPFS."""
    with _migrating(settings) as connection:
        for name in inspect(connection).get_table_names(schema="chain"):
            connection.exec_driver_sql(f'DROP TABLE IF EXISTS chain."{name}"')


def write_migration(settings: Settings, schema: str, message: str) -> None:
    """Write the next migration: what differs between the tables in code and in `settings.db`."""
    from alembic import command

    with _migrating(settings) as connection:
        command.revision(_config(schema, connection), message, autogenerate=True)


def metadata() -> MetaData:
    """The tables of both schemas."""
    # they register their tables: 2 MB that a service whose database is up to date need not hold
    from core.db import app_tables, chain_tables, rule_tables  # noqa: F401

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


def newest(schema: str) -> str:
    """The revision the code's tables have: migrations are numbered in their order."""
    return max(file.name.partition("_")[0] for file in (_FOLDER / schema).glob("[0-9]*_*.py"))


def current(connection: Connection, schema: str) -> str | None:
    """The revision a schema has; None when nothing is there yet."""
    if not inspect(connection).has_table(VERSION_TABLE, schema=schema):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {schema}.{VERSION_TABLE}"))  # noqa: S608
    return found.scalar()


def _create(connection: Connection, schema: str, settings: Settings) -> None:
    """All tables at once: a test compares them with what the migrations lead to."""
    tables = [table for table in metadata().sorted_tables if table.schema == schema]
    create_tables(connection, tables, settings.db.partition_blocks)
    stamp(connection, schema, newest(schema))


def stamp(connection: Connection, schema: str, revision: str) -> None:
    """What Alembic would have written."""
    connection.exec_driver_sql(
        f"CREATE TABLE {schema}.{VERSION_TABLE} (version_num VARCHAR(32) NOT NULL, "
        f"CONSTRAINT {VERSION_TABLE}_pkc PRIMARY KEY (version_num))"
    )
    connection.exec_driver_sql(f"INSERT INTO {schema}.{VERSION_TABLE} VALUES ('{revision}')")  # noqa: S608


# Alembic is 12 MB of memory and half a second that only a migration is worth.


def upgrade(connection: Connection, schema: str) -> None:
    """Run the migrations a schema has not seen, all of them on an empty one."""
    from alembic import command

    command.upgrade(_config(schema, connection), "head")


def _config(schema: str, connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config(attributes={"connection": connection, "schema": schema})
    config.set_main_option("script_location", str(_FOLDER))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(_FOLDER / schema))
    return config
