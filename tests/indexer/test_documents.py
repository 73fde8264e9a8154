"""The second stage.

├── a document that arrives late is picked up; meanwhile it is pending, with the reason
├── disclosures, things and product names are filled
├── a malformed one, or one for another contract, is quarantined for good, with the reason
├── an altered block is named, and healed when it is whole again
└── a document orphaned by a reorganisation is forgotten
"""

from core.crypto import keccak256, sha256
from core.crypto.cids import cid_v1_raw
from core.document import build, parse_event
from core.ipfs.client import Ipfs

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
