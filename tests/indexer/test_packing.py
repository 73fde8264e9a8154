"""Packing, lent keys, corrections and lifted recalls on a real chain.

given a case on a pallet in a container
├── handing over the container moves all three
├── a lent key records for the new holder
├── a recall of the case is lifted again
├── the case taken out stays with who opened the pallet
└── in each state the mirror is what the contract says, and the audit holds
given a reorganisation that takes back a handover, an unpacking and a recall
└── SQL equals a mirror that never saw them
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text

from core.chain.bindings import anchor_log
from core.chain.bindings import supply_chain as sc
from core.chain.client import to_bytes
from core.crypto import keccak256, to_hex
from core.db import Writes
from core.db.engine import connect
from indexer.verify import verify

CASE, PALLET, BOX, OTHER = (keccak256(name) for name in (b"case", b"pallet", b"box", b"other"))
ALL = (CASE, PALLET, BOX, OTHER)
NOW_MS = 1_776_000_000_000
FAR = 1 << 40


async def pack(chain: Any, encode: Any, parent: bytes, children: Sequence[bytes], who: int) -> None:
    data = encode(parent, children, keccak256(b"packing"), NOW_MS)
    await chain.send(who, chain.deployment.supply_chain, data)


async def packed(chain: Any) -> None:
    """The case on the pallet, the pallet in the box, another product beside them."""
    for product in (CASE, OTHER):
        await chain.record(product)
    await pack(chain, sc.encode_pack, PALLET, [CASE], who=1)
    await pack(chain, sc.encode_pack, BOX, [PALLET], who=1)


async def on_chain(chain: Any, product: bytes) -> tuple[bytes, bytes, int]:
    """What the contract says: custodian, container, recall level."""
    answers = []
    for data in (
        sc.encode_custodian_of(product),
        sc.encode_parent_of(product),
        sc.encode_recall_level_of(product),
    ):
        call = {"to": to_hex(chain.deployment.supply_chain), "data": to_hex(data)}
        answers.append(to_bytes(await chain.rpc.call("eth_call", call, "latest")))
    custodian, parent, level = answers
    return custodian[12:], parent, int.from_bytes(level, "big")


async def agree(chain: Any, mirror: Any) -> list[tuple[bytes, bytes, int]]:
    """Where every product stands, in SQL as on chain."""
    await mirror.reaches(chain)
    told = []
    for product in ALL:
        (row,) = await mirror.product(product)
        told.append((row.custodian, row.parent_id or bytes(32), row.recall_level))
        assert told[-1] == await on_chain(chain, product)
        assert row.head == await chain.head(product)
    return told


async def test_what_is_packed_goes_along(chain, settings, start_mirror) -> None:
    contract, (one, two) = chain.deployment.supply_chain, (chain.address(1), chain.address(2))
    async with start_mirror(settings) as mirror:
        await packed(chain)
        assert await agree(chain, mirror) == [
            (one, PALLET, 0),
            (one, BOX, 0),
            (one, bytes(32), 0),
            (one, bytes(32), 0),
        ]
        await chain.handover(BOX, 1, 2)
        assert [held for held, _, _ in await agree(chain, mirror)] == [two, two, two, one]
        await chain.send(2, contract, sc.encode_set_delegate(chain.address(3), FAR))
        await chain.record(CASE, who=3)
        await chain.send(3, contract, sc.encode_correct(CASE, 1, keccak256(b"better"), NOW_MS))
        await chain.recall(CASE, 2)
        assert (await agree(chain, mirror))[0] == (two, PALLET, 2)
        await chain.send(2, contract, sc.encode_close_recall(CASE, bytes(32), NOW_MS))
        await pack(chain, sc.encode_unpack, BOX, [PALLET], who=2)
        await chain.handover(PALLET, 2, 4)
        await pack(chain, sc.encode_unpack, PALLET, [CASE], who=4)
        four = chain.address(4)
        assert await agree(chain, mirror) == [
            (four, bytes(32), 0),
            (four, bytes(32), 0),
            (two, bytes(32), 0),
            (one, bytes(32), 0),
        ]
        for count in (5, 7):
            data = anchor_log.encode_anchor(keccak256(b"root %d" % count), count, bytes(32))
            await chain.send(1, chain.deployment.anchor_log, data)
        await mirror.reaches(chain)
        assert await mirror.scalar("SELECT count(*) FROM chain.unknown_log") == 0
        assert await mirror.scalar("SELECT count(*) FROM chain.delegation") == 1
    await _audit(settings)


async def _audit(settings: Any) -> None:
    report = await verify(settings)
    assert report.findings == []
    assert report.checked["standings compared"] == len(ALL)
    assert report.checked["tips compared"] == 1
    assert report.checked["heads proven"] == len(ALL)
    database = connect(settings, Writes.CHAIN)
    with database.write_session() as session:
        moved = "UPDATE chain.product SET custodian = head WHERE parent_id IS NULL"
        session.connection().execute(text(moved))
    database.close()
    report = await verify(settings)
    assert {(f.rule, f.column) for f in report.findings} == {("row_changed", "custodian")}


async def test_a_reorganisation_takes_it_all_back(
    chain, settings, other_settings, start_mirror
) -> None:
    follow = settings.chain.model_copy(update={"finality_depth": 12})
    async with start_mirror(settings.model_copy(update={"chain": follow})) as mirror:
        await packed(chain)
        before = await agree(chain, mirror)
        await chain.handover(BOX, 1, 2)
        await pack(chain, sc.encode_unpack, BOX, [PALLET], who=2)
        await chain.handover(PALLET, 2, 4)
        await chain.recall(CASE, 4)
        await agree(chain, mirror)
        await chain.rpc.call("anvil_reorg", 4, [])
        await chain.record(OTHER)
        assert await agree(chain, mirror) == before
        async with start_mirror(other_settings) as other:
            await other.reaches(chain)
            assert await other.tables() == await mirror.tables()
    assert (await verify(other_settings)).findings == []
