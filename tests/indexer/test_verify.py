"""The audit of a mirror.

given an honest mirror
├── everything is compared and holds, exit 0
└── with the node or IPFS down: exit 2
given one tampered thing: it is found and named, exit 1
├── a row edited, deleted or invented, in any table
├── two events swapped, by number or by place
├── a document's bytes, columns, things or words edited in SQL
└── an IPFS block altered
given one product: only what concerns it
given a lying node: refused
"""

import pytest

from core.crypto import keccak256
from core.crypto.cids import cid_v1_raw
from core.errors import UnknownEntity
from core.ipfs.client import Ipfs
from indexer.verify import documents, verify
from scripts.anvil import free_port
from tests.indexer.tampering import LOT, alter_block, tamper

TWO = "WHERE event_json LIKE '%two%'"


async def test_an_honest_mirror_holds(scene, settings) -> None:
    report = await verify(settings)
    assert (report.findings, report.unchecked, report.exit_code) == ([], [], 0)
    assert report.checked["event rows"] == 3
    assert report.checked["documents"] == 3
    assert report.checked["heads proven"] == 1
    one = await verify(settings, product=LOT)
    assert one.ok
    assert one.checked["event rows"] == 3


@pytest.mark.parametrize(
    ("statement", "rule", "name"),
    [
        (
            "UPDATE chain.event SET occurred_at = occurred_at + 1 WHERE seq = 2",
            "row_changed",
            "event",
        ),
        ("UPDATE chain.product SET seq = 9", "row_changed", "product"),
        ("UPDATE chain.actor SET name = 'Other'", "row_changed", "actor"),
        (
            "UPDATE chain.block SET timestamp = timestamp + 1 WHERE number = 3",
            "row_changed",
            "block",
        ),
        ("DELETE FROM chain.event WHERE seq = 2", "row_missing", "event"),
        ("DELETE FROM chain.product", "row_missing", "product"),
        (f"DELETE FROM chain.document {TWO}", "row_missing", "document"),
        ("UPDATE chain.log SET data = tx_hash WHERE log_index = 0", "row_changed", "log"),
        ("UPDATE chain.custody_transfer SET seq = 7", "row_changed", "custody_transfer"),
        (
            "INSERT INTO chain.recall SELECT block_number, log_index + 50, product_id, 9, actor, "
            "data_hash, 1, 1 FROM chain.event WHERE seq = 1",
            "row_extra",
            "recall",
        ),
        ("UPDATE chain.product SET uri = 'https://id.gs1.org/x'", "row_changed", "uri"),
        (
            f"UPDATE chain.document SET event_json = 'x' {TWO}",
            "row_changed",
            "event_json",
        ),
        (
            f"UPDATE chain.document SET payload = data_hash {TWO}",
            "document_altered",
            "payload",
        ),
        ("UPDATE chain.document_product SET quantity = '1'", "row_changed", "quantity"),
        ("DELETE FROM chain.document_product", "row_missing", "document_product"),
        ("UPDATE chain.event_index SET words = 'x'", "row_changed", "words"),
        ("UPDATE chain.event_index SET event_time = 1", "row_changed", "event_time"),
        ("DELETE FROM chain.event_index", "row_missing", "event_index"),
        ("DELETE FROM chain.event_value", "row_missing", "event_value"),
        (
            "INSERT INTO chain.event_value SELECT data_hash, field || 'x', value "
            "FROM chain.event_value",
            "row_extra",
            "event_value",
        ),
        (
            "INSERT INTO chain.event_value SELECT tx_hash, 'x', data FROM chain.log "
            "WHERE log_index = 0",
            "row_extra",
            "event_value",
        ),
        (
            "UPDATE chain.checkpoint SET block_hash = genesis_hash",
            "checkpoint_differs",
            "checkpoint",
        ),
    ],
)
async def test_tampered_rows_are_named(scene, settings, statement, rule, name) -> None:
    tamper(settings, statement)
    report = await verify(settings)
    assert report.exit_code == 1
    assert any(f.rule == rule and name in f.message for f in report.findings), report.findings


@pytest.mark.parametrize("column", ["seq", "log_index"])
async def test_swapped_events_are_named(scene, settings, column) -> None:
    by_number = (
        "UPDATE chain.event SET seq = -1 WHERE seq = 1",
        "UPDATE chain.event SET seq = 1 WHERE seq = 2",
        "UPDATE chain.event SET seq = 2 WHERE seq = -1",
    )
    # the sides of the swap are known from table `log`, whose places stay
    tx = "SELECT tx_hash FROM chain.event WHERE seq = {}"
    at = f"(SELECT block_number FROM chain.log WHERE tx_hash = ({tx}))"
    by_place = (
        "UPDATE chain.event SET block_number = -seq WHERE seq < 3",
        f"UPDATE chain.event SET block_number = {at.format(2)} WHERE seq = 1",
        f"UPDATE chain.event SET block_number = {at.format(1)} WHERE seq = 2",
    )
    tamper(settings, *(by_number if column == "seq" else by_place))
    report = await verify(settings)
    (swap,) = [f for f in report.findings if f.rule == "events_swapped"]
    assert "0x" + keccak256(LOT.encode()).hex() in swap.message
    assert "entries 1 and 2" in swap.message


@pytest.mark.parametrize("what", ["payload", "bundle"])
async def test_an_altered_ipfs_block_is_named(scene, settings, what) -> None:
    document = scene[1]
    cid = cid_v1_raw(document.data_hash) if what == "payload" else document.bundle_cid
    alter_block(settings, getattr(document, what))
    report = await verify(settings)
    assert report.exit_code == 1
    assert [(f.rule, f.place) for f in report.findings] == [("ipfs_block_altered", cid)]


async def test_another_product_is_not_blamed(chain, scene, settings, start_mirror) -> None:
    other = keccak256(b"other")
    await chain.record(other)
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)
    tamper(settings, "UPDATE chain.event SET kind = 2 WHERE seq = 3")
    report = await verify(settings, product="0x" + other.hex())
    assert report.findings == []
    assert (await verify(settings, product=LOT)).exit_code == 1


async def test_an_unknown_product_is_refused(scene, settings) -> None:
    with pytest.raises(UnknownEntity):
        await verify(settings, product=LOT + "X")


async def test_what_is_down_is_not_called_good(scene, settings) -> None:
    no_node = settings.chain.model_copy(update={"rpc_url": f"http://127.0.0.1:{free_port()}"})
    report = await verify(settings.model_copy(update={"chain": no_node}))
    assert (report.exit_code, report.findings) == (2, [])
    no_ipfs = settings.ipfs.model_copy(update={"api_port": free_port()})
    report = await verify(settings.model_copy(update={"ipfs": no_ipfs}))
    assert (report.exit_code, report.findings) == (2, [])
    (unread,) = report.unchecked
    assert unread.startswith("documents and disclosures, 3: the IPFS node at /ip4/127.0.0.1")


async def test_a_node_that_is_down_is_not_asked_for_every_document(
    scene, settings, monkeypatch
) -> None:
    asked = []

    async def counted(ipfs, cid):
        asked.append(cid)
        return await get_block(ipfs, cid)

    get_block = Ipfs.get_block
    monkeypatch.setattr(Ipfs, "get_block", counted)
    monkeypatch.setattr(documents, "AT_ONCE", 1)
    no_ipfs = settings.ipfs.model_copy(update={"api_port": free_port()})
    report = await verify(settings.model_copy(update={"ipfs": no_ipfs}))
    assert len(asked) == 1
    assert report.unchecked[0].startswith("documents and disclosures, 3: ")
