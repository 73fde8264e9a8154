"""The tables that grow with every entry, split by ranges of blocks: PostgreSQL, when asked for.

One SQLModel schema stays the source: the same tables are created with `PARTITION BY RANGE`. How
wide a partition is, the partitions themselves say, so nobody who writes needs the setting. Which
tables, and why not all: docs/decisions/0017.
"""

from typing import Final

from sqlalchemy import Connection, MetaData, Table
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.schema import CreateIndex, CreateTable

from core.errors import Operator

PARTITIONED: Final = {
    "block": "number",
    "log": "block_number",
    "event": "block_number",
    "custody_transfer": "block_number",
    "packing": "block_number",
    "mass_declaration": "block_number",
    "transformation": "block_number",
}
"""Table -> the column with the block: what ordinary entries of SupplyChain leave rows in."""

Range = tuple[int, int]
"""Block numbers; the second is not part of it."""


class PartitionMissing(Operator):
    """Blocks have no partition: one was detached, or the indexer may not make the next."""

    code = "partition_missing"
    hint_default = (
        "Attach it again, or let the indexer's user own the tables of schema chain: "
        "docs/reference/database.md#partitions."
    )


def create_tables(
    connection: Connection, tables: list[Table], blocks: int, *, bare: bool = False
) -> None:
    """Create tables, the growing ones in partitions of `blocks` blocks; 0, or SQLite: whole.

    `bare` leaves out the indices of the growing ones, for who fills them and then calls
    `create_indices`: to sort many rows once costs less than to put each in its place.
    """
    wide = blocks if connection.dialect.name == "postgresql" else 0
    for table in tables:
        grows = table.name in PARTITIONED
        made = _split(table) if wide and grows else table
        if bare and grows:
            connection.execute(CreateTable(made))
        else:
            made.create(connection)
        if wide and grows:
            _add(connection, table.name, (0, wide))


def create_indices(connection: Connection, tables: list[Table]) -> None:
    """Create what `bare` left out, where it is not there yet."""
    for table in tables:
        if table.name in PARTITIONED:
            for index in sorted(table.indexes, key=lambda index: str(index.name)):
                connection.execute(CreateIndex(index, if_not_exists=True))


def width(connection: Connection, schema: str = "chain") -> int:
    """Blocks in the newest partition; 0 = the tables are whole."""
    found = _newest(connection, schema)
    return found[1] - found[0] if found else 0


def make_room(connection: Connection, first: int, last: int) -> None:
    """Have partitions for blocks `first` to `last` and one more, if the tables are split.

    A new one is made beside and attached, which neither waits for readers nor keeps them waiting.

    Raises:
        PartitionMissing: this user does not own the tables.
    """
    newest = _newest(connection, _schema(connection))
    if newest is None:
        return
    wide = newest[1] - newest[0]
    for at in range(max(newest[1], first - first % wide), last + wide + 1, wide):
        try:
            for name in PARTITIONED:
                _add(connection, name, (at, at + wide))
        except ProgrammingError as error:
            raise PartitionMissing(f"none for blocks from {at}: {error.orig}") from error


def refuse_gaps(connection: Connection, table: str, first: int, last: int) -> None:
    """Raises PartitionMissing where a split table of `chain` lacks blocks `first` to `last`."""
    reached, found = first, ranges(connection, table)
    for lower, upper in found:
        if lower <= reached:
            reached = max(reached, upper)
    if found and reached <= last:
        raise PartitionMissing(f"table {table} has none for block {reached}")


def ranges(connection: Connection, table: str) -> list[Range]:
    """The partitions of a table of `chain` in order; none of one that is whole."""
    sql = _RANGES.format(table=f"chain.{table}")
    return [(lower, upper) for lower, upper in connection.exec_driver_sql(sql)]


def _newest(connection: Connection, schema: str) -> Range | None:
    if connection.dialect.name == "sqlite":
        return None
    sql = _RANGES.format(table=f"{schema}.block") + " DESC LIMIT 1"
    found = connection.exec_driver_sql(sql).one_or_none()
    return None if found is None else (found[0], found[1])


_RANGES: Final = r"""
SELECT bounds[1]::bigint, bounds[2]::bigint FROM pg_inherits JOIN pg_class AS p ON p.oid = inhrelid
CROSS JOIN LATERAL
 regexp_match(pg_get_expr(relpartbound, p.oid), 'FROM \(''(\d+)''\) TO \(''(\d+)''\)') AS bounds
WHERE inhparent = to_regclass('{table}') ORDER BY 1"""


def _split(table: Table) -> Table:
    made = table.to_metadata(MetaData())
    made.dialect_options["postgresql"]["partition_by"] = f"RANGE ({PARTITIONED[table.name]})"
    return made


def _add(connection: Connection, table: str, blocks: Range) -> None:
    """`CREATE TABLE … PARTITION OF` would lock readers out; ATTACH does not."""
    schema, (lower, upper) = _schema(connection), blocks
    whole, part = f'{schema}."{table}"', f'{schema}."{table}_from_{lower}"'
    run = connection.exec_driver_sql
    run(f"CREATE TABLE {part} (LIKE {whole} INCLUDING DEFAULTS INCLUDING INDEXES)")
    run(f"ALTER TABLE {whole} ATTACH PARTITION {part} FOR VALUES FROM ({lower}) TO ({upper})")


def _schema(connection: Connection) -> str:
    """What this connection means by `chain`: another schema while deriving anew."""
    translated = connection.get_execution_options().get("schema_translate_map") or {}
    return str(translated.get("chain", "chain"))
