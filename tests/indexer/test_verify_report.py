"""The report of an audit, and the states it must tell apart.

given an honest mirror: good
given one of ten tampered states, or a node that lies: bad, and named
given a node with an old view: not good
given a signed report
├── JSON and HTML fit the schema and name their auditor offline
├── altered anywhere: refused
└── built upon: an altered old row is still found, and named
"""

import contextlib
import copy
import json
import sqlite3
from pathlib import Path

import jsonschema_rs
import orjson
import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from core.crypto import address_of, checksum, keccak256
from core.errors import BadInput
from indexer.verify import Base, sealed, verify
from scripts.verify_report import check_file
from tests.indexer.lying_node import (
    alters_a_log,
    drops_a_log,
    forges_headers,
    hides_heads,
    lying_node,
)
from tests.indexer.tampering import alter_block, tamper

KEY = bytes.fromhex("11" * 32)
SCHEMA = Path(__file__).resolve().parents[2] / "docs/reference/verify-report.schema.json"
SWAP = (
    "UPDATE chain.event SET seq = -1 WHERE seq = 1",
    "UPDATE chain.event SET seq = 1 WHERE seq = 2",
    "UPDATE chain.event SET seq = 2 WHERE seq = -1",
)
STATES = {
    "edited event": (
        ("UPDATE chain.event SET occurred_at = occurred_at + 1 WHERE seq = 2",),
        "row_changed",
    ),
    "deleted row": (("DELETE FROM chain.event WHERE seq = 3",), "row_missing"),
    "extra row": (
        (
            "INSERT INTO chain.recall SELECT block_number, log_index + 50, product_id, 9, actor, "
            "data_hash, 1, 1 FROM chain.event WHERE seq = 1",
        ),
        "row_extra",
    ),
    "row beyond the chain": (
        (
            "INSERT INTO chain.recall SELECT 999999, 0, product_id, 9, actor, "
            "data_hash, 1, 1 FROM chain.event WHERE seq = 1",
        ),
        "row_extra",
    ),
    "swapped events": (SWAP, "events_swapped"),
    "altered head": (
        (
            "UPDATE chain.product SET head = data_hash FROM (SELECT data_hash FROM "
            "chain.event WHERE seq = 1) AS e",
        ),
        "row_changed",
    ),
    "altered block hash": (
        ("UPDATE chain.block SET hash = parent_hash WHERE number = 3",),
        "row_changed",
    ),
    "altered checkpoint": (
        ("UPDATE chain.checkpoint SET block_hash = genesis_hash",),
        "checkpoint_differs",
    ),
    "altered raw log": (
        ("UPDATE chain.log SET data = tx_hash WHERE log_index = 0",),
        "row_changed",
    ),
}
LIES = {"drops a log": drops_a_log, "alters a log": alters_a_log, "forges headers": forges_headers}


@pytest.fixture
def database_url() -> str:
    """SQLite only: test_verify.py compares on both."""
    return ""


def told(name: str, report) -> None:
    first = report.findings[0].rule if report.findings else "nothing"
    counts = sum(report.checked.values())
    print(
        f"{name}: {report.verdict}, {len(report.findings)} findings (first {first}), "
        f"{len(report.unchecked)} unchecked, {counts} compared"
    )


def through(settings, url):
    return settings.model_copy(update={"chain": settings.chain.model_copy(update={"rpc_url": url})})


def file_of(report):
    return sealed.seal(report.to_json(), KEY)


async def test_good_and_tampered_states(chain, scene, settings, tmp_path) -> None:
    """One chain, one state after another; each is put back before the next."""
    report = await verify(settings)
    told("honest mirror", report)
    assert (report.verdict, report.findings, report.unchecked) == ("good", [], [])
    database = settings.state_dir / "db/chain.db"
    honest = tmp_path / "honest.db"
    _copy(database, honest)
    for name, (statements, rule) in STATES.items():
        tamper(settings, *statements)
        report = await verify(settings)
        told(name, report)
        assert report.verdict == "bad", name
        assert rule in {f.rule for f in report.findings}, (name, report.findings)
        _put_back(database, honest)
    report = await verify(settings)
    assert report.ok, "the states were put back"
    for name, lie in LIES.items():
        async with lying_node(chain.url, lie) as url:
            report = await verify(through(settings, url))
        told(f"node {name}", report)
        assert [f.rule for f in report.findings] == ["source_lied"], name
    async with lying_node(chain.url, lambda _m, _p, result: result) as url:
        assert (await verify(through(settings, url))).ok, "an honest proxy changes nothing"
    alter_block(settings, scene[1].payload)
    report = await verify(settings)
    told("altered IPFS block", report)
    assert [f.rule for f in report.findings] == ["ipfs_block_altered"]


def _copy(source: Path, target: Path) -> None:
    with (
        contextlib.closing(sqlite3.connect(source)) as old,
        contextlib.closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)


def _put_back(database: Path, honest: Path) -> None:
    for path in database.parent.glob("chain.db*"):
        path.unlink()
    _copy(honest, database)


async def test_an_old_view_is_not_called_good(chain, scene, settings) -> None:
    async with lying_node(chain.url, hides_heads(1)) as url:
        report = await verify(through(settings, url))
    told("node one block behind", report)
    assert (report.exit_code, report.findings) == (2, [])
    assert "ask a node that is up to date" in report.unchecked[-1]
    async with lying_node(chain.url, hides_heads(10)) as url:
        report = await verify(through(settings, url))
    told("node behind what is final", report)
    assert [f.rule for f in report.findings] == ["stale_head"]


async def test_processes_read_the_same(chain, scene, settings, start_mirror) -> None:
    await chain.rpc.call("anvil_mine", hex(600))
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)
    one = (await verify(settings, jobs=1)).to_json()
    two = (await verify(settings, jobs=2)).to_json()
    assert one["ok"]
    assert one["checked"] == two["checked"]
    assert one["digests"] == two["digests"]


async def test_a_report_is_genuine_or_refused(scene, settings, tmp_path, capsys) -> None:
    report = await verify(settings)
    file = file_of(report)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text())).validate(file)
    paths = sealed.write(tmp_path / "out", file)
    for path in paths:
        found = sealed.read(path)
        assert (found.auditor, found.notes) == (address_of(KEY), ())
        assert found.content == report.to_json()
        assert check_file(path, "", as_json=False) == 0
        assert checksum(address_of(KEY)) in capsys.readouterr().out
        assert check_file(path, "0x" + "22" * 20, as_json=True) == 1
    _refuses_each_change(paths[0])
    _refuses_a_repainted_page(paths[1])
    unsigned = sealed.write(tmp_path / "none", sealed.seal(report.to_json(), None))
    assert [check_file(path, "", as_json=False) for path in unsigned] == [2, 2]
    with pytest.raises(BadInput, match="unsigned"):
        sealed.base_of(unsigned[0], None)


def _refuses_each_change(path: Path) -> None:
    good = orjson.loads(path.read_bytes())
    for change in (
        lambda f: f["report"].update(verdict="bad"),
        lambda f: f["report"]["checked"].update({"event rows": 4}),
        lambda f: f["report"].update(extra=1),
        lambda f: f["report"].pop("restsOn"),
        lambda f: f["seal"].update(auditor="0x" + "22" * 20),
        lambda f: f["seal"].update(reportHash="0x" + "22" * 32),
        lambda f: f["seal"].update(signature=f["seal"]["signature"][:-4] + "001b"),
    ):
        file = copy.deepcopy(good)
        change(file)
        path.write_bytes(orjson.dumps(file))
        with pytest.raises(sealed.ReportAltered):
            sealed.read(path)


def _refuses_a_repainted_page(path: Path) -> None:
    text = path.read_text()
    assert "<script" not in text
    assert "http://" not in text.replace("http://127.0.0.1", "")
    path.write_text(text.replace("Nothing wrong was found", "Nothing wrong was  found"))
    with pytest.raises(sealed.ReportAltered):
        sealed.read(path)


async def test_a_wallet_can_sign_it(scene, settings) -> None:
    """eth-account, which shares no code with ours, recovers the same signer."""
    file = file_of(await verify(settings))
    message = encode_typed_data(full_message=sealed.typed(file["report"]))
    assert Account.recover_message(message, signature=file["seal"]["signature"]) == checksum(
        address_of(KEY)
    )


@pytest.mark.parametrize("signed", [True, False])
async def test_an_audit_continues_another(chain, scene, settings, start_mirror, tmp_path, signed):
    report = await verify(settings)
    path, _ = sealed.write(tmp_path / "out", file_of(report))
    await chain.register(2, "Cooler")
    await chain.record_batch([keccak256(b"one"), keccak256(b"two")])
    await chain.handover(keccak256(b"one"), 1, 2)
    async with start_mirror(settings) as mirror:
        await mirror.reaches(chain)
    base = sealed.base_of(path, None)
    if not signed:
        base = Base(base.number)
    later = await verify(settings, since=base)
    assert later.findings == []
    assert later.to_json()["digests"] == (await verify(settings)).to_json()["digests"]
    assert len(later.rests_on) == 1
    assert later.checked["blocks linked, receipts recomputed"] < later.checked["block rows"]
    tamper(settings, "UPDATE chain.event SET occurred_at = occurred_at + 1 WHERE seq = 2")
    found = await verify(settings, since=base)
    assert any(f.rule == "row_changed" and f.column == "occurred_at" for f in found.findings)


async def test_an_altered_old_log_is_named_by_a_later_audit(scene, settings, tmp_path) -> None:
    path, _ = sealed.write(tmp_path / "out", file_of(await verify(settings)))
    base = sealed.base_of(path, address_of(KEY))
    tamper(settings, "UPDATE chain.log SET data = tx_hash WHERE log_index = 0")
    report = await verify(settings, since=base)
    assert {"base_differs", "row_changed"} <= {f.rule for f in report.findings}
    assert any(f.place.startswith("log (") for f in report.findings)
    with pytest.raises(BadInput, match="signed by"):
        sealed.base_of(path, b"\x22" * 20)
    with pytest.raises(BadInput, match="about other contracts"):
        await verify(settings, since=Base(base.number, deployment=b"\x22" * 32))
    with pytest.raises(BadInput, match="the mirror stands"):
        await verify(settings, since=Base(10_000))


async def test_a_base_that_left_the_chain_is_not_built_upon(scene, settings, tmp_path) -> None:
    final, loose = (
        Base(8, b"\x01" * 32, b"\x02" * 32, final=final, source="a report")
        for final in (True, False)
    )
    report = await verify(settings, since=final)
    assert [f.rule for f in report.findings] == ["base_differs"]
    report = await verify(settings, since=loose)
    assert report.ok
    assert report.checked["blocks linked, receipts recomputed"] == report.checked["block rows"]
