"""What the indexer benchmark rests on: its load, its stopwatch and an honest table."""

import dataclasses
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from benchmarks.indexer import story
from benchmarks.indexer.__main__ import chosen, parse
from benchmarks.indexer.events import shapes
from benchmarks.indexer.floor import lines
from benchmarks.indexer.measure import Measurement
from benchmarks.indexer.processes import Program
from benchmarks.indexer.results import Results
from benchmarks.indexer.table import render, replace_table, spread
from benchmarks.indexer.tools import FLOOR, OURS, TOOLS
from core.chain.bindings import supply_chain as chain

RIGHT = Measurement("floor", 1_000, 1.0, 0.5, 2.0, 50_000_000, 1_000, "aa")
BURN = "import time\nwhile time.process_time() < 0.4: pass\n"


def _scene(number: int) -> story.Scene:
    parties = {story.FARM: bytes(20), story.CARRIER: bytes([1] * 20)}
    return story.Scene(number, 1_767_225_600, parties, defaultdict(lambda: bytes(32)))


def test_the_same_block_always_gives_the_same_calls() -> None:
    length = story.STEPS * story.ROUNDS
    first = [story.calls(_scene(n)) for n in range(2 * length)]
    assert first == [story.calls(_scene(n)) for n in range(2 * length)]
    assert first[:length] != first[length:], "a new group has products of its own"


def test_the_load_is_written_in_the_contracts_own_events() -> None:
    known = {shape.topic for shape in shapes()}
    for event in (chain.EventRecorded, chain.CustodyTransferred, chain.MassDeclared):
        assert "0x" + event.TOPIC0.hex() in known


def test_the_floor_cuts_out_what_the_generated_decoder_reads() -> None:
    product, giver, taker, document = (bytes([n] * 32) for n in (1, 2, 3, 4))
    handover = {shape.name: shape for shape in shapes()}["CustodyTransferred"]
    topics = [handover.topic, product, bytes(12) + giver[:20], bytes(12) + taker[:20]]
    data = document + (7).to_bytes(32, "big") + (8).to_bytes(32, "big")
    log = {
        "topics": [t if isinstance(t, str) else "0x" + t.hex() for t in topics],
        "data": "0x" + data.hex(),
        "blockNumber": "0x10",
        "logIndex": "0x2",
        "transactionHash": "0x" + "ab" * 32,
    }
    row = next(lines([log])).rstrip("\n").split("\t")
    decoded = chain.CustodyTransferred.decode([bytes.fromhex(t[2:]) for t in log["topics"]], data)
    assert row[0:2] == ["16", "2"]
    assert row[3] == "CustodyTransferred"
    assert row[4:] == [
        "\\\\x" + value.hex() for value in (decoded.product_id, decoded.from_, decoded.data_hash)
    ]


def test_cpu_time_of_a_child_counts_even_when_it_has_ended(tmp_path: Path) -> None:
    parent = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {BURN!r}])\n"
    program = Program([sys.executable, "-c", parent], cwd=tmp_path, env={}, log=tmp_path / "log")
    deadline = time.monotonic() + 30
    while program.exit_status() is None and time.monotonic() < deadline:
        time.sleep(0.05)
    used = program.usage().cpu_s
    assert program.stop() == 0
    assert 0.4 <= used < 5


def test_stop_ends_what_the_program_started(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    script = f"sleep 60 & echo $! > {started}; wait"
    program = Program(["sh", "-c", script], cwd=tmp_path, env={}, log=tmp_path / "log")
    while not started.exists() or not started.read_text():
        time.sleep(0.02)
    program.stop()
    child = Path(f"/proc/{started.read_text().strip()}/stat")
    deadline = time.monotonic() + 20  # it was told to end; on a busy machine that takes a moment
    while child.exists() and ") Z " not in child.read_text():
        assert time.monotonic() < deadline, "it was left behind"
        time.sleep(0.02)


def test_a_tool_with_other_rows_is_named_in_the_table() -> None:
    good = dataclasses.replace(RIGHT, tool="good", cpu_s=2.0)
    wrong = dataclasses.replace(RIGHT, tool="wrong", cpu_s=4.0, rows=999, digest="bb")
    table = render({"good": [good], "wrong": [wrong]}, "good", RIGHT, frozenset({"good"}))
    assert "| good | 2.0 | 1.00 | 0.5 | 2.0 | 500 | 50 | every log | 1,000 |" in table
    assert "| wrong | 4.0 | 2.00 | 0.5 | 2.0 | 500 | 50 | no | **no**: 999 rows in 1 of 1" in table


def test_medians_and_how_far_runs_strayed() -> None:
    runs = [dataclasses.replace(RIGHT, cpu_s=value) for value in (1.0, 2.0, 3.0)]
    assert "| floor | 2.0 |" in render({"floor": runs}, "none", RIGHT, frozenset())
    assert spread({"floor": runs}).startswith("Medians of 3 runs; no run's CPU time strayed more")
    assert "50%" in spread({"floor": runs})


def test_only_the_measured_part_of_the_page_is_replaced() -> None:
    page = Path("docs/reference/indexer.md").read_text()
    changed = replace_table(page, "| new |")
    assert "| new |" in changed
    assert replace_table(changed, "| new |") == changed
    assert changed.split("<!--")[0] == page.split("<!--")[0]


def test_measurements_survive_a_stop_and_are_dropped_when_told(tmp_path: Path) -> None:
    results = Results(tmp_path / "results.jsonl")
    results.add(FLOOR, RIGHT)
    assert Results(tmp_path / "results.jsonl").of(FLOOR) == [RIGHT]
    assert results.of(OURS) == []
    results.forget()
    assert results.of(FLOOR) == []


def test_the_floor_always_runs_and_unknown_names_are_refused() -> None:
    assert chosen(["Subsquid"])[0] is FLOOR
    assert len(chosen(None)) == len(TOOLS)
    with pytest.raises(SystemExit):
        chosen(["Graph"])


def test_help_teaches(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--help"])
    text = capsys.readouterr().out
    assert all(tool.name in " ".join(text.split()) for tool in TOOLS)
    assert "--runs 5 --write" in text


@pytest.mark.parametrize("words", [["--runs", "0"], ["--blocks", "-1"], ["--blocks", "all"]])
def test_a_measurement_of_nothing_is_refused(words, capsys) -> None:
    with pytest.raises(SystemExit, match="2"):
        parse(words)
    assert "expected a number from 1 on" in capsys.readouterr().err
