"""The second stage.

├── a document that arrives late is picked up; meanwhile it is pending, with the reason
├── disclosures, things and product names are filled
├── a malformed one, or one for another contract, is quarantined for good, with the reason
├── an altered block is named, and healed when it is whole again
├── a recall notice stays readable whoever recorded its hash as an event before, until the recall
│   itself is orphaned; the auditor agrees
├── told to stop just as work arrives, it stops
└── a fault of our own never counts against a document
"""

import asyncio

import pytest

from core.chain import deployments
from core.crypto import keccak256, sha256
from core.crypto.cids import cid_v1_raw
from core.db import Writes, open_database
from core.document import build, parse_event
from core.ipfs.client import Ipfs
from indexer import documents, read_document
from indexer.registry import registry_of
from indexer.verify import verify

LOT = "https://id.gs1.org/01/00860009999923/10/ABC1234"
EVENT = """{"type": "ObjectEvent", "eventTime": "2026-04-17T09:26:42.000-04:00",
  "eventTimeZoneOffset": "-04:00", "action": "OBSERVE",
  "bizStep": "https://ref.gs1.org/cbv/BizStep-shipping", "quantityList": [
  {"epcClass": "urn:epc:class:lgtin:0860009999.023.ABC1234", "quantity": 25000.0, "uom": "KGM"}]}"""


def signed(chain, chain_id: int = 31337):
    return build(parse_event(EVENT), chain_id=chain_id, contract=chain.deployment.supply_chain)


async def status(mirror, wanted: str) -> None:
    async def there() -> bool:
        rows = await mirror.query("SELECT status, reason FROM chain.document")
        return bool(rows) and all(row.status == wanted and _told(row) for row in rows)

    await mirror.until(there, wanted)


def _told(row) -> bool:
    return (row.reason is None) == (row.status == "ready")


async def test_a_late_document_is_picked_up(chain, mirror, settings, ipfs_node) -> None:
    made = signed(chain)
    product = keccak256(b"not named by the document")
    await chain.record(product, data_hash=made.data_hash)
    await mirror.reaches(chain)
    await status(mirror, "pending")
    (row,) = await mirror.query("SELECT * FROM chain.document")
    assert cid_v1_raw(made.data_hash) in row.reason
    async with Ipfs.from_settings(settings) as ipfs:
        await ipfs.put_block(made.payload)
        await ipfs.put_block(made.bundle)
    await status(mirror, "ready")
    (row,) = await mirror.query("SELECT * FROM chain.document")
    assert (row.event_type, row.biz_step, row.withheld) == ("ObjectEvent", "shipping", 0)
    assert row.event_time == 1_776_432_402_000
    assert '"quantity":25000.0' in row.event_json
    assert row.event_hash.startswith("ni:///sha-256;")
    (thing,) = await mirror.query("SELECT * FROM chain.document_product")
    assert (thing.role, thing.quantity, thing.uom) == ("object", "25000.0", "KGM")
    assert thing.product_id == keccak256(thing.uri.encode())
    # a product recorded after its name is known gets it at once
    await chain.record(thing.product_id)
    await mirror.reaches(chain)
    assert [r.uri for r in await mirror.product(thing.product_id)] == [thing.uri]
    assert [r.uri for r in await mirror.product(product)] == [None]


async def test_malformed_documents_are_quarantined(chain, mirror, settings, ipfs_node) -> None:
    other = signed(chain, chain_id=5)
    contents = [b"\xff\x00 no json", b"{}", b'{"a":1}', other.payload]
    async with Ipfs.from_settings(settings) as ipfs:
        await ipfs.put_block(other.bundle)
        for content in contents:
            await ipfs.put_block(content)
            await chain.record(keccak256(content), data_hash=sha256(content))
    await mirror.reaches(chain)
    await status(mirror, "quarantined")
    rows = await mirror.query("SELECT reason, next_attempt_at FROM chain.document")
    assert len(rows) == 4
    assert all(row.next_attempt_at == 0 for row in rows)
    assert any("chain 5" in row.reason for row in rows)


async def test_an_altered_block_is_named(chain, mirror, settings, ipfs_node) -> None:
    made = signed(chain)
    async with Ipfs.from_settings(settings) as ipfs:
        await ipfs.put_block(made.payload)
    hits = [
        path
        for path in settings.state_dir.rglob("*")
        if path.is_file() and path.stat().st_size == len(made.payload)
    ]
    for path in hits:
        path.chmod(0o644)
        path.write_bytes(b"?" + made.payload[1:])
    await chain.record(keccak256(LOT.encode()), data_hash=made.data_hash)
    await mirror.reaches(chain)
    await status(mirror, "quarantined")
    (row,) = await mirror.query("SELECT * FROM chain.document")
    assert cid_v1_raw(made.data_hash) in row.reason
    assert row.payload is None
    assert row.next_attempt_at > 0


NOTICE = b'{"reason": "Salmonella", "action": "Do not eat it."}'


@pytest.mark.parametrize("order", ["event first", "notice first"])
async def test_a_notice_survives_whoever_recorded_its_hash_as_an_event(
    chain, mirror, settings, ipfs_node, order
) -> None:
    notice, lot, other = sha256(NOTICE), keccak256(LOT.encode()), keccak256(b"squatter")
    async with Ipfs.from_settings(settings) as ipfs:
        await ipfs.put_block(NOTICE)
    await chain.record(lot)
    await mirror.reaches(chain)
    if order == "event first":
        await chain.record(other, who=2, data_hash=notice)
        await mirror.reaches(chain)
        assert await settled(mirror, notice) == ("event", "quarantined", NOTICE)
    before = await chain.rpc.call("evm_snapshot")
    await chain.recall_with(lot, notice)
    await mirror.reaches(chain)
    await until(mirror, notice, "ready")
    if order == "notice first":
        await chain.record(other, who=2, data_hash=notice)
        await mirror.reaches(chain)
    assert await settled(mirror, notice) == ("notice", "ready", NOTICE)
    assert (await verify(settings)).findings == []
    await chain.rpc.call("evm_revert", before)
    await chain.record(lot)
    await chain.record(lot)
    await mirror.reaches(chain)
    left = await document(mirror, notice)
    if order == "notice first":
        assert left is None
    else:
        await until(mirror, notice, "quarantined")
        assert (await document(mirror, notice)).media == "event"
    assert (await verify(settings)).findings == []


async def test_a_fault_of_our_own_is_tried_again(
    chain, mirror, settings, ipfs_node, monkeypatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr(documents, "LAST_RETRY_MS", 100)
    made = signed(chain)
    async with Ipfs.from_settings(settings) as ipfs:
        await ipfs.put_block(made.payload)
        await ipfs.put_block(made.bundle)
    with monkeypatch.context() as fault:
        fault.setattr(read_document, "read_document", broken)
        await chain.record(keccak256(LOT.encode()), data_hash=made.data_hash)

        async def tried() -> bool:
            row = await document(mirror, made.data_hash)
            return row is not None and row.attempts > 1

        await mirror.until(tried, "tried again")
        row = await document(mirror, made.data_hash)
        assert (row.status, row.reason) == ("pending", "cannot be read yet: RuntimeError")
    await until(mirror, made.data_hash, "ready")


async def document(mirror, data_hash: bytes):
    rows = await mirror.query("SELECT * FROM chain.document")
    return next((row for row in rows if row.data_hash == data_hash), None)


async def until(mirror, data_hash: bytes, wanted: str) -> None:
    async def there() -> bool:
        row = await document(mirror, data_hash)
        return row is not None and row.status == wanted

    await mirror.until(there, wanted)


async def settled(mirror, data_hash: bytes) -> tuple[str, str, bytes]:
    async def there() -> bool:
        return (await document(mirror, data_hash)).status != "pending"

    await mirror.until(there, "settled")
    row = await document(mirror, data_hash)
    return row.media, row.status, row.payload


async def test_told_to_stop_as_work_arrives_it_stops(settings) -> None:
    database = await asyncio.to_thread(open_database, settings, Writes.CHAIN)
    async with Ipfs.from_settings(settings) as ipfs:
        stage = documents.Documents(database, ipfs, registry_of(deployments.load(settings)))
        running = asyncio.create_task(stage.run())
        await asyncio.sleep(0.5)  # until it has nothing to do
        stage.ring()
        running.cancel()
        await asyncio.wait({running}, timeout=5)
        assert running.cancelled()
    database.close()
