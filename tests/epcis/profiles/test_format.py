"""The format of profiles: what a file may say, what a path leads to, what a kind asks."""

from pathlib import Path

import pytest

from core.document.lexical import Number, parse
from core.epcis.profiles.evaluate import findings
from core.epcis.profiles.kinds import KINDS, is_a
from core.epcis.profiles.load import named, read, read_file
from core.epcis.profiles.paths import follow
from core.errors import BadConfig, BadInput
from tests.epcis.profiles.examples import all_events

MINIMAL = """
id = "mine"
title = "Mine"
source = "an agreement"
[prefixes]
own = ["https://own.example/"]
[[event]]
id = "ship"
title = "Shipping"
[event.when]
bizStep = ["shipping"]
[[event.rule]]
id = "seal"
field = "own:seal"
pattern = "[A-Z]{3}"
clause = "section 1"
fix = "Give the seal."
"""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('id = "mine"', "id = 1"), "/id"),
        (('fix = "Give the seal."', ""), "fix"),
        (('field = "own:seal"', 'field = "own:seal/"'), "field"),
        (('pattern = "[A-Z]{3}"', 'kind = "colour"'), "kind"),
        (('pattern = "[A-Z]{3}"', 'patern = "[A-Z]{3}"'), "patern"),
        (("bizStep", "bizstep"), "bizstep"),
        (('[A-Z]{3}"', '[A-Z"'), "pattern"),
        (("[[event]]", "[[event"), "TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(change: tuple[str, str], words: str):
    with pytest.raises(BadConfig, match=words):
        read(MINIMAL.replace(*change), "mine.toml")


def test_two_rules_of_one_id_are_refused():
    again = MINIMAL + MINIMAL[MINIMAL.index("[[event]]") :]
    with pytest.raises(BadConfig, match="one id"):
        read(again, "mine.toml")


def test_a_file_that_is_not_there(tmp_path: Path):
    with pytest.raises(BadConfig, match="cannot be read"):
        read_file(tmp_path / "none.toml")
    (tmp_path / "mine.toml").write_text(MINIMAL)
    assert read_file(tmp_path / "mine.toml").id == "mine"


def test_names():
    assert [one.id for one in named(" gdst, fsma204,gdst", "profile")] == ["gdst", "fsma204"]
    assert named("", "profile") == ()
    with pytest.raises(BadInput, match="no profile 'other'"):
        named("other", "profile")


def test_a_documents_own_prefix_is_understood():
    """And pointers are in the document's words."""
    [event, *_] = [one for one in all_events("fsma204") if one.biz_step == "shipping"]
    context = ({"o": "https://own.example/"},)
    profile = read(MINIMAL, "mine.toml")
    good = event._replace(context=context, raw=event.raw | {"o:seal": "ABC"})
    bad = event._replace(context=context, raw=event.raw | {"o:seal": "abc"})
    assert findings(good, [profile]) == []
    [wrong] = findings(bad, [profile])
    assert wrong.issue.rule == "mine.ship.seal"
    assert wrong.issue.pointer == f"{event.pointer}/o:seal"
    assert "section 1" in wrong.issue.message
    [missing] = findings(event._replace(context=context), [profile])
    assert missing.issue.pointer == f"{event.pointer}/o:seal"


LISTS = parse(
    '{"a":[{"type":"x","v":1},{"type":"y"}],"b":{"type":"x","v":2},'
    '"bizTransactionList":[{"type":"urn:epcglobal:cbv:btt:po","bizTransaction":"urn:1"}],'
    '"n":[{"m":[{"type":"x"}]},{"m":[{"type":"y"}]}],"e":[]}'
)


@pytest.mark.parametrize(
    ("path", "places"),
    [
        ("a/*/v", {"/a/0/v": "1", "/a/1/v": None}),
        ("a/*[type=x]/v", {"/a/0/v": "1"}),
        ("a/*[type=z]/v", {"/a": None}),
        ("b/*/v", {"/b/v": "2"}),
        ("bizTransactionList/*[type=po]/bizTransaction",
         {"/bizTransactionList/0/bizTransaction": "urn:1"}),
        ("n/*/m/*[type=x]/type", {"/n/0/m/0/type": "x"}),
        ("n/*/m/*[type=z]/type", {"/n/0/m": None, "/n/1/m": None}),
        ("e/*/v", {"/e": None}),
        ("none/*/v", {"/none": None}),
        ("a/v", {"/a/v": None}),
    ],
)  # fmt: skip
def test_paths(path: str, places: dict[str, str | None]):
    found = {one.pointer: one.value for one in follow(LISTS, path)}
    assert {
        place: value.lexeme if isinstance(value, Number) else value
        for place, value in found.items()
    } == places


GOOD = {
    "class": ["https://id.gs1.org/01/09506000134352", "urn:epc:class:lgtin:0614141.107346.L"],
    "lot": ["urn:epc:class:lgtin:0614141.107346.L", "https://id.gs1.org/01/09506000134352/10/A"],
    "serial": ["urn:epc:id:sgtin:0614141.107346.1"],
    "sscc": ["urn:epc:id:sscc:0614141.1234567890"],
    "package": ["urn:epc:id:sscc:0614141.1234567890", "urn:epc:id:sgtin:0614141.107346.1"],
    "location": ["urn:epc:id:sgln:0614141.12345.0", "https://id.gs1.org/417/0614141000005"],
    "positive": [Number("0.1"), "5"],
    "mass": ["KGM", "LBR"],
    "date": ["2026-04-17", "2026-04-17T00:00:00Z"],
    "time": ["2026-04-17T00:00:00.123+02:00"],
    "country": ["DE", "276"],
    "uri": ["urn:a:b", "https://x.example/1"],
    "text": ["x"],
    "boolean": [True, False],
}
BAD = {
    "class": ["urn:epc:id:sgtin:0614141.107346.1", "urn:x", 1, "https://id.gs1.org/01/9"],
    "lot": ["https://id.gs1.org/01/09506000134352", None],
    "serial": ["urn:epc:class:lgtin:0614141.107346.L"],
    "sscc": ["urn:epc:id:sgtin:0614141.107346.1"],
    "package": ["urn:epc:class:lgtin:0614141.107346.L"],
    "location": ["urn:epc:id:sscc:0614141.1234567890", "Ghent"],
    "positive": [Number("0"), Number("-1"), "some", True],
    "mass": ["CS", "kg"],
    "date": ["17.04.2026", "2026-13-01", 1],
    "time": ["2026-04-17", "2026-04-17T00:00:00"],
    "country": ["Germany", "de"],
    "uri": ["x", "a b:c"],
    "text": ["", "  ", 1],
    "boolean": ["true"],
}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_kinds(kind: str):
    assert [value for value in GOOD[kind] if not is_a(kind, value)] == []
    assert [value for value in BAD[kind] if is_a(kind, value)] == []
