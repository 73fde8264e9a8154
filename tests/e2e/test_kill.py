"""Every process of a playing demo is killed, and the chain loses five blocks; nothing else is lost.

given a demo of its own whose indexer, API, chain, device and oracle are killed in turn
├── it ends well, everything verified
├── each event, reading, commitment, retirement and recall is recorded exactly once
└── started again: the same heads, rows and attestations
given a demo whose chain is reorganised by five blocks
├── SQL follows and keeps the orphaned logs, flagged
└── everything undone is recorded again, once
"""

import contextlib
import json
import subprocess
import sys

import pytest

from tests.conftest import _six_free_ports
from tests.e2e.processes import Demo, mirror
from tests.e2e.visitor import ROOT, ask, sr360

pytestmark = [pytest.mark.e2e, pytest.mark.slow, pytest.mark.timeout(600)]

ENTRIES = {
    "https://id.gs1.org/01/00860009999923/10/ABC1234": (7, 0),
    "https://id.gs1.org/01/10860009999920/10/ABC1234": (5, 0),
    "https://id.gs1.org/01/10860009999920/10/ABC5678": (2, 2),
    "https://id.gs1.org/00/008600099999850000": (3, 0),
    "https://id.gs1.org/01/10860009998022/10/DEF2345": (1, 0),
    "https://id.gs1.org/01/10860009998039/10/SALAD-20260420-A": (3, 0),
}
"""Product: its history entries and recall level when the story has been told."""


@pytest.fixture(scope="module")
def play(tmp_path_factory):
    """Begin a demo on ports of its own; it is ended with the tests."""
    with contextlib.ExitStack() as stack:

        def begin():
            demo = Demo(tmp_path_factory.mktemp("demo"), _six_free_ports())
            stack.callback(demo.stop)
            return demo

        yield begin


@pytest.fixture(scope="module")
def killed(play):
    """A demo that has ended after each of its processes was killed."""
    demo = play()
    demo.progress(" FARM: ", 3)
    demo.kill("indexer")
    demo.progress(" COOLER: ", 2)
    demo.kill("api")
    demo.progress(" PACKER: ")
    demo.kill("chain")
    demo.until(lambda: demo.count("SELECT count(*) FROM app.reading") >= 5, "five readings")
    demo.kill("edge")
    demo.until(lambda: demo.count("SELECT count(*) FROM app.reading_batch"), "a closed batch")
    demo.kill("oracle")
    demo.progress(" PROCESSOR retires")
    demo.kill("chain")
    demo.finish()
    return demo


@pytest.fixture(scope="module")
def reorganised(play):
    """A demo that has ended after five blocks of its chain were undone."""
    demo = play()
    demo.progress(" DISTRIBUTOR: ")
    order = {"jsonrpc": "2.0", "id": 1, "method": "anvil_reorg", "params": [5, []]}
    answer = ask(demo.rpc_url, method="POST", body=json.dumps(order).encode())
    assert "error" not in answer.json, answer.text
    demo.finish()
    return demo


def verified(demo):
    assert demo.process.returncode == 0, demo.story()
    summary = json.loads(demo.summary.read_text())
    assert summary["ok"] is True
    assert (summary["mirror"]["findings"], summary["mirror"]["unchecked"]) == ([], [])


def recorded_exactly_once(demo):
    """Counts that any loss or repetition would change."""
    entries = demo.rows(
        "SELECT uri, count(*), count(DISTINCT event.seq), product.seq, recall_level "
        "FROM event JOIN product USING (product_id) GROUP BY product_id"
    )
    assert {row[0]: row[1:] for row in entries} == {
        uri: (count, count, count, level) for uri, (count, level) in ENTRIES.items()
    }
    # The demo ends with the mirror final; the sender, who looks less often, may not know it yet.
    assert demo.rows(
        "SELECT count(*), count(DISTINCT event.tx_hash) FROM app.capture "
        "JOIN app.'transaction' ON key = transaction_key AND state IN ('recorded', 'final') "
        "JOIN event ON event.tx_hash = 'transaction'.tx_hash "
        "AND event.data_hash = capture.data_hash"
    ) == [(sum(count for count, _ in ENTRIES.values()), demo.count(CAPTURES))]
    assert demo.rows(
        "SELECT reading.device IS NOT NULL, count(*), count(DISTINCT seq), min(seq), max(seq) "
        "FROM app.reading JOIN attestation USING (batch_id) GROUP BY reading.device"
    ) == [(1, 72, 72, 1, 72)]
    assert demo.count("SELECT sum(count) FROM attestation") == 72
    assert demo.rows("SELECT count(*), sum(amount) FROM credit_retirement") == [(1, 1240)]
    assert demo.count("SELECT count(*) FROM recall") == 1
    twice = (
        "SELECT commitment FROM forecast_commitment GROUP BY series_id, cutoff HAVING count(*)>1"
    )
    assert demo.rows(twice) == []
    assert demo.rows(twice.replace("forecast_commitment", "forecast_reveal")) == []
    assert demo.rows(twice.replace("forecast_commitment", "forecast_score")) == []
    [(told,)] = demo.rows("SELECT count(*) FROM app.forecast WHERE state IN " + ON_CHAIN)
    assert demo.count("SELECT count(*) FROM forecast_commitment") >= told >= 1
    assert demo.rows("SELECT key, error FROM app.'transaction' WHERE state = 'failed'") == []


ON_CHAIN = "('committed', 'revealed', 'scored')"
CAPTURES = "SELECT count(*) FROM app.capture"
STANDING = {
    "heads": "SELECT product_id, seq, head, custodian, recall_level FROM product ORDER BY 1",
    "events": "SELECT * FROM event ORDER BY block_number, log_index",
    "attestations": "SELECT * FROM attestation ORDER BY block_number, log_index",
    "documents": "SELECT data_hash, status, payload FROM document ORDER BY 1",
    "retirements": "SELECT * FROM credit_retirement",
    "captures": "SELECT * FROM app.capture ORDER BY capture_id",
    "readings": "SELECT * FROM app.reading ORDER BY device, seq",
}


def test_a_demo_whose_processes_are_killed_ends_well(killed):
    verified(killed)


def test_kills_lose_nothing_and_repeat_nothing(killed):
    recorded_exactly_once(killed)


def test_started_again_everything_is_as_it_was(killed):
    def standing():
        with mirror(killed.state_dir) as connection:
            return {name: list(connection.execute(sql)) for name, sql in STANDING.items()}

    before = standing()
    with up(killed.env):
        result = sr360(killed.env, "verify", "--json")
        assert result.returncode == 0, result.stdout + result.stderr
        assert standing() == before


@contextlib.contextmanager
def up(env):
    """A stack that came up healthy, and that must end well when asked to."""
    command = [sys.executable, "-m", "scripts.sr360", "up"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            said = iter(process.stderr.readline, "")
            assert any("ctrl-C stops everything" in line for line in said), "it did not come up"
            yield
        finally:
            process.terminate()
            process.communicate(timeout=60)
    assert process.returncode == 0


def test_a_demo_through_a_reorganisation_ends_well(reorganised):
    verified(reorganised)


def test_sql_follows_a_reorganisation(reorganised):
    [(epoch,)] = reorganised.rows("SELECT reorg_epoch FROM checkpoint")
    assert epoch >= 1
    undone = "SELECT DISTINCT tx_hash FROM log WHERE orphaned"
    assert reorganised.count(f"SELECT count(*) FROM ({undone})") >= 1
    canonical = "(SELECT tx_hash FROM log WHERE NOT orphaned)"
    lost = f"SELECT count(*) FROM ({undone}) WHERE tx_hash NOT IN {canonical}"
    assert reorganised.count(lost) == 0, "the same transactions are recorded again"


def test_a_reorganisation_loses_nothing_and_repeats_nothing(reorganised):
    recorded_exactly_once(reorganised)
