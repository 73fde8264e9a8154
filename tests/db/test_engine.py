"""The door to the database.

given a fresh place
├── both schemas are there, and equal the tables in code
├── many services starting at once make them once
└── chain is dropped and comes back empty, while app keeps its rows
given a writer of one schema
├── a failing transaction leaves nothing
└── it cannot write the other schema
given a reader
├── it cannot write
├── it sees one snapshot
└── a value that PostgreSQL cannot hold is a typed error
given no server, no URL or no folder -> a typed error
"""

import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlmodel import Session, SQLModel, select

from core.config import DbSettings, Settings
from core.db import Database, Writes, open_database
from core.db.app_tables import Series
from core.db.chain_tables import Product
from core.db.engine import connect
from core.db.schema import (
    SCHEMAS,
    VERSION_TABLE,
    drop_chain,
    ensure_schema,
    metadata,
    newest,
    upgrade,
)
from core.errors import BadConfig, DatabaseUnavailable, Malformed

ROLES = Path("core/db/migrations/roles.sql")
ROLE_WRITES = {"sr360_indexer": {Product}, "sr360_service": {Series}, "sr360_auditor": set()}


def a_series(name: str = "retail") -> Series:
    return Series(
        series_id=name.encode().ljust(32), name=name, unit="USD", frequency="MS", source="test"
    )


def a_product() -> Product:
    return Product(
        product_id=bytes(32),
        seq=1,
        head=bytes(32),
        custodian=bytes(20),
        first_block=1,
        last_block=1,
    )


# SQLite has none of PostgreSQL's expression indexes, so there is nothing to compare there
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based")
@pytest.mark.parametrize("path", ["at once", "by migrations"])
def test_migrations_equal_the_tables_in_code(settings: Settings, path: str) -> None:
    if path == "at once":
        ensure_schema(settings)
    with_both = connect(settings, Writes.BOTH)
    with with_both.writer.begin() as connection:
        if path == "by migrations":
            _migrate(connection)
        options = {
            "include_schemas": True,
            "include_name": lambda name, kind, _parent: (
                kind != "schema" or name in ("chain", "app")
            ),
            "include_object": lambda _o, name, kind, *_: kind != "table" or name != VERSION_TABLE,
        }
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, metadata()) == []
    with_both.close()


def test_many_starters_make_the_schemas_once(settings: Settings) -> None:
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda _: ensure_schema(settings), range(6)))
    database = open_database(settings)
    with database.read_session() as session:
        for schema in ("chain", "app"):
            rows = session.connection().exec_driver_sql(f"SELECT * FROM {schema}.{VERSION_TABLE}")
            assert len(rows.all()) == 1
    database.close()


def test_chain_comes_back_empty_and_app_keeps_its_rows(settings: Settings) -> None:
    both = _open(settings, Writes.BOTH)
    with both.write_session() as session:
        session.add_all([a_series(), a_product()])
    both.close()
    drop_chain(settings)
    database = open_database(settings)
    with database.read_session() as session:
        assert session.exec(select(Product)).all() == []
        assert [s.name for s in session.exec(select(Series))] == ["retail"]
    database.close()


async def test_a_failing_transaction_leaves_nothing(settings: Settings) -> None:
    database = open_database(settings)

    def work(session: Session) -> None:
        session.add(a_series())
        session.flush()
        raise LookupError

    with pytest.raises(LookupError):
        await database.write(work)
    assert await database.read(lambda s: s.exec(select(Series)).all()) == []
    await database.write(lambda s: s.add(a_series()))
    assert await database.read(lambda s: len(s.exec(select(Series)).all())) == 1
    database.close()


def test_sqlite_services_cannot_write_the_other_schema(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path)
    service, indexer = _open(settings, Writes.APP), _open(settings, Writes.CHAIN)
    with pytest.raises(DatabaseUnavailable, match="readonly"), service.write_session() as session:
        session.add(a_product())
    with pytest.raises(DatabaseUnavailable, match="readonly"), indexer.write_session() as session:
        session.add(a_series())
    service.close()
    indexer.close()


def test_postgres_roles_cannot_write_the_other_schema(postgres_url: str) -> None:
    open_database(Settings(db=DbSettings(url=postgres_url))).close()
    users = {role: f"u{uuid.uuid4().hex}" for role in ROLE_WRITES}
    with psycopg.connect(postgres_url, autocommit=True) as owner:
        owner.execute(ROLES.read_bytes())
        for role, user in users.items():
            owner.execute(f"CREATE ROLE {user} LOGIN IN ROLE {role}".encode())
        try:
            for role, user in users.items():
                _check_role(postgres_url.replace("postgres@", f"{user}@"), ROLE_WRITES[role])
        finally:
            for user in users.values():
                owner.execute(f"DROP ROLE {user}".encode())


def _check_role(url: str, may_write: set[type]) -> None:
    database = open_database(Settings(db=DbSettings(url=url)), Writes.BOTH)
    with database.read_session() as session:
        session.exec(select(Product)).all()
    for row in (a_product(), a_series(url)):
        if type(row) in may_write:
            _add(database, row)
        else:
            with pytest.raises(ProgrammingError, match="permission denied"):
                _add(database, row)
    database.close()


def _add(database: Database, row: SQLModel) -> None:
    with database.write_session() as session:
        session.add(row)


def test_a_reader_cannot_write(settings: Settings) -> None:
    database = open_database(settings)
    with database.read_session() as session, pytest.raises(DBAPIError, match=r"read-?only"):
        session.connection().exec_driver_sql("DELETE FROM app.series")
    database.close()


def test_a_reader_sees_one_snapshot(settings: Settings) -> None:
    database = open_database(settings)
    with database.read_session() as session:
        before = session.exec(select(Series)).all()
        with database.write_session() as writer:
            writer.add(a_series())
        assert session.exec(select(Series)).all() == before
    database.close()


def test_no_server_is_retryable(tmp_path: Path) -> None:
    url = f"postgresql://nobody@/none?host={tmp_path}"
    with pytest.raises(DatabaseUnavailable) as caught:
        open_database(Settings(db=DbSettings(url=url)))
    assert "SR360_DB__URL" in caught.value.hint


@pytest.mark.parametrize("url", ["mysql://x/y", "not a url"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(BadConfig) as caught:
        open_database(Settings(db=DbSettings(url=url)))
    assert "SR360_DB__URL" in caught.value.hint


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadConfig):
        open_database(Settings(state_dir=tmp_path / "file"))


def _migrate(connection: Connection) -> None:
    """As a database that is as old as the first version was brought here."""
    for schema in SCHEMAS:
        if connection.dialect.name != "sqlite":
            connection.exec_driver_sql(f"CREATE SCHEMA {schema}")
        upgrade(connection, schema)


@pytest.mark.parametrize("name", ["\0", "a\0b"])
def test_a_text_with_nul_is_found_nowhere(settings: Settings, name: str) -> None:
    """A URL can hold one; SQLite compares it, PostgreSQL refuses it."""
    database = open_database(settings)
    statement = select(Series).where(Series.name == name)
    if database.is_sqlite:
        with database.read_session() as session:
            assert session.exec(statement).all() == []
    else:
        with pytest.raises(Malformed, match="NUL"), database.read_session() as session:
            session.exec(statement).all()
    database.close()


def _open(settings: Settings, writes: Writes) -> Database:
    return open_database(settings, writes)


@pytest.mark.parametrize("schema", SCHEMAS)
def test_file_names_tell_the_newest_migration(schema: str) -> None:
    """So that a start without a migration need not load Alembic."""
    folder = Path("core/db/migrations")
    config = Config()
    config.set_main_option("script_location", str(folder))
    config.set_main_option("path_separator", "os")
    config.set_main_option("version_locations", str(folder / schema))
    assert newest(schema) == ScriptDirectory.from_config(config).get_current_head()
