"""The status list numbers products the same on both databases."""

import asyncio
import base64
import gzip
from pathlib import Path
from typing import Any

import pytest

from api.exports import status
from api.queries.snapshot import Snapshot
from core.config import DbSettings, Settings
from core.db import Database, Writes, open_database
from core.db import chain_tables as t
from core.errors import UnknownEntity

WORD = b"\x07" * 32
RECALLED = {3, 5}


def product(number: int) -> t.Product:
    return t.Product(
        product_id=bytes([200 - number]) * 32, seq=1, head=WORD, custodian=b"\x01" * 20,
        recall_level=2 if number in RECALLED else 0, first_block=1 + number // 2, last_block=9,
    )  # fmt: skip


def expected() -> list[int]:
    """Numbers in the order of the list: by first block, then by id."""
    return sorted(range(8), key=lambda number: (1 + number // 2, -number))


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Any:
    url = request.getfixturevalue("postgres_url") if request.param == "postgres" else ""
    opened = open_database(Settings(state_dir=tmp_path, db=DbSettings(url=url)), Writes.CHAIN)
    with opened.write_session() as session:
        session.add_all([product(number) for number in range(8)])
        session.add(
            t.Checkpoint(
                chain_id=31337, block_number=9, block_hash=WORD, finalized_number=3,
                genesis_hash=WORD, deployment=WORD,
            )
        )  # fmt: skip
    yield opened
    opened.close()


def test_each_product_has_its_own_bit(database: Database) -> None:
    async def run() -> tuple[list[int | None], Any]:
        async with Snapshot(database) as snapshot:
            places: list[int | None] = []
            for number in expected():
                try:
                    found = await status.entry(snapshot, product(number), "http://x")
                    places.append(int(found["statusListIndex"]))
                except status.NotFinal:
                    places.append(None)
            with pytest.raises(UnknownEntity):
                await status.credential(snapshot, 1, "did:web:x", "http://x")
            return places, await status.credential(snapshot, 0, "did:web:x", "http://x")

    places, listed = asyncio.run(run())
    assert places == [0, 1, 2, 3, 4, 5, None, None]  # block 4 is not final yet
    text = listed["credentialSubject"]["encodedList"][1:]
    bits = gzip.decompress(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    set_bits = {n for n in range(8) if bits[0] & 0x80 >> n}
    assert set_bits == {expected().index(number) for number in RECALLED}
