"""`sr360 validate`: all layers, offline, with an exit code for scripts."""

import json
from pathlib import Path

from typer.testing import CliRunner

from scripts.sr360 import app

DATA = Path(__file__).resolve().parents[1] / "data"
PHARMA = DATA / "epcis-xml/GS1_US_Pharma_Example_2_2_1_1.xml"


def run(*arguments: str | Path) -> tuple[int, dict[str, list[dict[str, str]]]]:
    result = CliRunner().invoke(app, ["validate", "--json", *map(str, arguments)])
    return result.exit_code, json.loads(result.stdout) if result.stdout else {}


def test_a_good_document():
    code, told = run(PHARMA, "--profile", "dscsa")
    assert (code, told["issues"], told["warnings"]) == (0, [], [])
    assert told["events"] == 8


def test_what_a_profile_misses_has_its_place(tmp_path: Path):
    file = tmp_path / "poor.xml"
    poor = PHARMA.read_text().replace("<cbvmda:lotNumber>A123</cbvmda:lotNumber>", "", 1)
    file.write_text(poor)
    assert run(file)[0] == 0
    code, told = run(file, "--profile", "dscsa")
    [issue] = told["issues"]
    assert (code, issue["rule"]) == (1, "dscsa.commissioning.lot")
    assert issue["pointer"] == "/epcisBody/eventList/0/ilmd/cbvmda:lotNumber"
    assert issue["xpath"] == ("/*/EPCISBody/EventList/*[1]//ilmd/*[local-name()='lotNumber']")
    assert issue["hint"]


def test_order_within_the_document_counts(tmp_path: Path):
    source = (DATA / "fsma204/initial-packing-cte.jsonld").read_text()
    file = tmp_path / "late.jsonld"
    file.write_text(source.replace('"2026-04-17T09:26:42-04:00"', '"2026-04-19T09:26:42-04:00"'))
    code, told = run(file)
    assert code == 1
    assert {one["rule"] for one in told["issues"]} == {"choreography.before_commission"}


def test_a_profile_of_ones_own(tmp_path: Path):
    own = tmp_path / "own.toml"
    own.write_text(
        'id = "own"\ntitle = "Own"\nsource = "us"\n[[event]]\nid = "all"\ntitle = "Any"\n'
        '[event.when]\n[[event.rule]]\nid = "id"\nfield = "eventID"\nclause = "1"\nfix = "Do."\n'
    )
    code, told = run(PHARMA, "--profile-file", own)
    assert (code, {one["rule"] for one in told["issues"]}) == (1, {"own.all.id"})


def test_what_cannot_be_checked(tmp_path: Path):
    assert run(tmp_path / "none.json")[0] == 2
    assert run(PHARMA, "--profile", "other")[0] == 2
    result = CliRunner().invoke(app, ["validate", str(PHARMA), "--profile", "gdst"])
    assert result.exit_code == 1
    assert "fix:" in result.stderr
