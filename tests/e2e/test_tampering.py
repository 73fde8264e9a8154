"""Whatever is altered behind the stack's back, `sr360 verify` finds it, names it and exits 1.

given a copy of the demo's databases: good as it is
├── a row edited: its table, key and column
├── a row deleted: its table and key
└── two events swapped: the product and both entries
given an altered block in the IPFS store: its CID
given a bundle with one altered field: a pointer to it
"""

import contextlib
import functools
import json
import operator
import shutil
import sqlite3

import pytest

from core.crypto import from_hex, keccak256, to_hex
from core.crypto.cids import cid_v1_raw
from tests.e2e.visitor import SALAD, sr360

pytestmark = pytest.mark.e2e

SALAD_ID = to_hex(keccak256(f"https://id.gs1.org{SALAD}".encode()))
OF_SALAD = f"product_id = x'{SALAD_ID[2:]}'"


@pytest.fixture
def copied(stack, env, tmp_path):
    """The environment of a copy of the databases, and the copy of the mirror to write to."""
    for name in ("chain.db", "app.db"):
        target = tmp_path / "db" / name
        target.parent.mkdir(exist_ok=True)
        with (
            contextlib.closing(sqlite3.connect(stack.state_dir / "db" / name)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
    shutil.copytree(stack.state_dir / "deployments", tmp_path / "deployments")
    with contextlib.closing(
        sqlite3.connect(tmp_path / "db/chain.db", isolation_level=None)
    ) as mirror:
        yield env | {"SR360_STATE_DIR": str(tmp_path)}, mirror


def alter(mirror, *statements):
    for statement in statements:
        assert mirror.execute(statement).rowcount == 1, statement


def found(env, *arguments):
    """What verify found wrong; it must have exited 1."""
    result = sr360(env, "verify", "--json", *arguments)
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    return json.loads(result.stdout)["findings"]


def test_the_copy_is_good_as_it_is(copied):
    result = sr360(copied[0], "verify", "--json")
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_edited_row_is_named_to_its_column(copied):
    env, mirror = copied
    alter(mirror, f"UPDATE event SET occurred_at = occurred_at + 1 WHERE {OF_SALAD} AND seq = 2")
    [finding] = found(env)
    assert (finding["rule"], finding["column"]) == ("row_changed", "occurred_at")
    assert finding["place"].startswith("event (block_number=")
    assert f"product_id={SALAD_ID}, seq=2" in finding["place"]
    assert int(finding["found"]) == int(finding["expected"]) + 1


def test_an_edited_sentence_of_a_document_is_named(copied):
    env, mirror = copied
    alter(
        mirror,
        "UPDATE document SET event_json = replace(event_json, 'transporting', 'inspecting') "
        "WHERE data_hash = (SELECT data_hash FROM document "
        "WHERE event_json LIKE '%transporting%' LIMIT 1)",
    )
    [finding] = found(env)
    assert (finding["rule"], finding["column"]) == ("row_changed", "event_json")
    assert finding["place"].startswith("document (data_hash=0x")


def test_a_deleted_row_is_named(copied):
    env, mirror = copied
    alter(mirror, f"DELETE FROM event WHERE {OF_SALAD} AND seq = 2")
    [finding] = found(env)
    assert finding["rule"] == "row_missing"
    assert f"product_id={SALAD_ID}, seq=2" in finding["place"]


def test_swapped_events_are_named_with_product_and_entries(copied):
    env, mirror = copied
    alter(
        mirror,
        f"UPDATE event SET seq = -1 WHERE {OF_SALAD} AND seq = 2",
        f"UPDATE event SET seq = 2 WHERE {OF_SALAD} AND seq = 3",
        f"UPDATE event SET seq = 3 WHERE {OF_SALAD} AND seq = -1",
    )
    [swap] = [f for f in found(env) if f["rule"] == "events_swapped"]
    assert f"product {SALAD_ID}: entries 2 and 3 stand in each other's place" == swap["message"]


def test_an_altered_ipfs_block_is_named_by_its_cid(stack, copied):
    env, mirror = copied
    [(data_hash, payload)] = mirror.execute(
        f"SELECT data_hash, payload FROM event JOIN document USING (data_hash) "
        f"WHERE {OF_SALAD} AND seq = 3"
    )
    blocks = (stack.state_dir / "ipfs/blocks").glob("??/*.data")
    [path] = [path for path in blocks if path.read_bytes() == payload]
    path.write_bytes(payload[:-1] + bytes([payload[-1] ^ 1]))
    try:
        findings = found(env)
    finally:
        path.write_bytes(payload)
    assert [(f["rule"], f["place"]) for f in findings] == [
        ("ipfs_block_altered", cid_v1_raw(data_hash))
    ]


ENTRY = "/products/0/history/1"


@pytest.mark.parametrize(
    ("pointer", "named"),
    [
        (f"{ENTRY}/occurredAt", f"{ENTRY}/occurredAt"),
        ("/products/0/custodian", "/products/0/custodian"),
        ("/block/header", "/block/hash"),
    ],
)
def test_an_altered_bundle_is_named_by_pointer(stack, env, tmp_path, pointer, named):
    bundle = json.loads((stack.state_dir / "salad-proof.json").read_text())
    *parents, last = [int(p) if p.isdigit() else p for p in pointer.split("/")[1:]]
    holder = functools.reduce(operator.getitem, parents, bundle)
    holder[last] = other(holder[last])
    altered = tmp_path / "altered.json"
    altered.write_text(json.dumps(bundle))
    findings = found(env, "--bundle", str(altered), "--rpc", stack.rpc_url)
    assert named in [f["pointer"] for f in findings if f["status"] == "bad"]


def other(value):
    """Another value of the same type, as near as can be."""
    if isinstance(value, int):
        return value + 1
    raw = from_hex(value)
    return to_hex(raw[:-1] + bytes([raw[-1] ^ 1]))


def test_the_untouched_bundle_is_good(stack, env):
    bundle = str(stack.state_dir / "salad-proof.json")
    good = sr360(env, "verify", "--bundle", bundle, "--rpc", stack.rpc_url)
    assert good.returncode == 0, good.stdout
    assert "good" in good.stdout
