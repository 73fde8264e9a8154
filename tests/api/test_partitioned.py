"""On tables in partitions, an answer that names a block reads its partition alone.

given a mirror of 20,000 blocks in partitions of 2,000, analysed
├── each statement of the API has an index in every partition (so few rows are often faster whole)
├── what names a block leaves out the other partitions
└── a page after a cursor leaves out those before it
"""

import re
from pathlib import Path
from typing import Any

import pytest

from api.graphql.context import Context
from api.graphql.schema import schema
from api.queries.page import encode
from core.config import DbSettings, Settings
from core.db.engine import Database, Writes, open_database
from core.db.partitions import PARTITIONED, make_room, ranges
from tests.api.grown import ROWS, grow
from tests.api.recorded import Scan, explain, plans, recording

WIDE = 2_000
AT = 6_543
"""A block in the fourth of eleven partitions."""
OF_ONE_BLOCK = {
    "node(Event)": "event",
    "node(CustodyTransfer)": "custody_transfer",
    "node(Packing)": "packing",
    "stateDigest": "block",
}


@pytest.fixture
def grown(postgres_url: str, tmp_path: Path) -> Any:
    db = DbSettings(url=postgres_url, partition_blocks=WIDE)
    database = open_database(Settings(state_dir=tmp_path, db=db), Writes.BOTH)
    with database.write_session() as session:
        make_room(session.connection(), 0, ROWS)
    grow(database)
    yield database
    database.close()


@pytest.mark.timeout(400)
async def test_a_block_is_found_in_its_partition(grown: Database) -> None:
    with grown.read_session() as session:
        assert len(ranges(session.connection(), "event")) == ROWS // WIDE + 2
    scans = await plans(grown, indices_only=True)
    assert [(scan.asked, scan.sql, read) for scan in scans if (read := _unserved(scan))] == []
    read = {table: [s for s in scans if s.asked == asked] for asked, table in OF_ONE_BLOCK.items()}
    for table, statements in read.items():
        assert {_first_blocks(scan, table) for scan in statements} <= {(), (0,)}, table
        assert any(_first_blocks(scan, table) for scan in statements), table
    for asked, table, expected in await _asked(grown):
        assert {_first_blocks(scan, table) for scan in asked} - {()} == {expected}


async def _asked(database: Database) -> list[tuple[list[Scan], str, tuple[int, ...]]]:
    """Statements, a table, and the first blocks of the partitions they may read."""
    cursor = encode((AT, 3))
    own = AT - AT % WIDE
    older = tuple(range(0, AT, WIDE))
    newer = tuple(range(own, ROWS + 2 * WIDE, WIDE))
    page = f'events(first:5,after:"{cursor}"'
    logs = f"{{orphanedBlocks(number:{AT}){{edges{{node{{logs{{edges{{cursor}}}}}}}}}}}}"
    return [
        (await _scans(database, f"{{{page}){{edges{{cursor}}}}}}"), "event", newer),
        (
            await _scans(database, f"{{{page},newestFirst:true){{edges{{cursor}}}}}}"),
            "event",
            older,
        ),
        (await _scans(database, logs), "log", (own,)),
    ]


async def _scans(database: Database, query: str) -> list[Scan]:
    services: Any = type("S", (), {"database": database, "settings": Settings()})()
    with recording(database) as sent:
        result = await schema.execute(query, context_value=Context(services))
    assert result.errors is None
    return [explain(database, one, query) for one in sent]


def _first_blocks(scan: Scan, table: str) -> tuple[int, ...]:
    """Of the partitions of a table that a statement would read."""
    named = (re.fullmatch(rf"{table}_from_(\d+)(_.*)?", name) for name in scan.reads)
    return tuple(sorted({int(name[1]) for name in named if name}))


def _unserved(scan: Scan) -> set[str]:
    """Growing tables, or partitions of them with more than a row, read from end to end."""
    nearly_empty = {f"{name}_from_{at}" for name in PARTITIONED for at in (ROWS, ROWS + WIDE)}
    return scan.unserved - nearly_empty
