"""Who notices a lie: the lie itself, the verdict on it, and two tools before it."""

import copy
from pathlib import Path
from typing import Any

import pytest

from benchmarks.indexer.chain import built
from benchmarks.indexer.liar import Lie
from benchmarks.indexer.lies import compare, parse
from benchmarks.indexer.tools import OURS, TOOLS, WEB3
from benchmarks.indexer.verdict import Outcome, judged, render
from scripts.compile import compile_contracts

LOGS = [
    {"blockNumber": hex(block), "logIndex": hex(index), "topics": ["0xaa", "0xb0"], "data": "0x"}
    for block in (7, 8)
    for index in (0, 1)
]
TRUE = {(block, index): ("p", "a", "d") for block in (7, 8) for index in (0, 1)}


def outcome(rows: Any, log: str = "", *, whole: bool = True) -> Outcome:
    return Outcome(rows, log, whole, 1.0)


@pytest.mark.parametrize(
    "wrapped", [lambda logs: logs, lambda logs: [{"status": "0x1", "logs": logs}]]
)
def test_whoever_asks_hears_the_same_lie(wrapped: Any) -> None:
    lie, truth = Lie(dropped=(7, 1), altered=(8, 0)), wrapped(copy.deepcopy(LOGS))
    told = lie.about({"jsonrpc": "2.0", "id": 1, "result": truth})
    altered = LOGS[2] | {"topics": ["0xaa", "0xb1"]}
    assert told["result"] == wrapped([LOGS[0], altered, LOGS[3]])
    assert truth == wrapped(LOGS), "the truth itself is left alone"
    assert lie.told == {"dropped": 1, "altered": 1}


def test_what_is_no_log_is_passed_on() -> None:
    lie = Lie((7, 1), (8, 0))
    head = {"result": {"number": "0x7", "logsBloom": "0x00", "transactions": []}}
    assert lie.about([head, {"result": None}, {"result": "0x7"}]) == [
        head,
        {"result": None},
        {"result": "0x7"},
    ]
    assert not lie.told.total()


def test_wrong_and_missing_rows_are_counted() -> None:
    rows = {**TRUE, (8, 0): ("p", "a", "other"), (9, 9): ("p", "a", "invented")}
    del rows[7, 1]
    found = judged("x", "a liar", TRUE, outcome(TRUE), outcome(rows))
    assert (found.wrong, found.missing, found.alarm) == (2, 1, "")


def test_only_what_an_honest_node_does_not_cause_is_an_alarm() -> None:
    usual = "2026-01-01T10:00 [warning  ] document waits block=17 hash=0xabc\n"
    again = "2026-02-02T11:11 [warning  ] document waits block=18 hash=0xdef\n"
    new = "2026-02-02T11:12 [error    ] source refused code=source_lied\n"
    quiet = judged("x", "", TRUE, outcome(TRUE, usual), outcome(TRUE, again + "[info] done"))
    loud = judged("x", "", TRUE, outcome(TRUE, usual), outcome({}, again + new, whole=False))
    json = judged("x", "", TRUE, outcome(TRUE), outcome(TRUE, '{"level":4,"msg":"no"}'))
    assert (quiet.alarm, loud.alarm, json.alarm) == ("", new.strip(), '{"level":4,"msg":"no"}')
    first, second = render([quiet, loud]).splitlines()[2:]
    assert first == "| x |  | 0 | 0 | yes | none |"
    assert second == "| x |  | 0 | 4 | no: stands before the lie | `source_lied` |"


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    text = capsys.readouterr().out
    assert all(tool.name in " ".join(text.split()) for tool in TOOLS)
    assert "--write" in text


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_ours_refuses_what_a_plain_loop_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("benchmarks.indexer.chain.FOLDER", tmp_path)
    monkeypatch.setattr("benchmarks.indexer.measure.FOLDER", tmp_path)
    compile_contracts()
    chain = await built(6, print)
    alone, helped, plain = await compare(chain, [OURS, WEB3], 120)
    assert (alone.wrong, alone.whole) == (0, False)
    assert alone.missing > 0
    assert "source_lied" in alone.alarm
    assert (helped.wrong, helped.missing, helped.whole) == (0, 0, True)
    assert "source_lied" in helped.alarm
    assert (plain.wrong, plain.missing, plain.whole, plain.alarm) == (1, 1, True, "")
