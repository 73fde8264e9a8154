"""Tables as people's programs write them, and what is told of every wrong cell.

a file
├── any of four delimiters, BOM or none, UTF-16, windows-1252 -> the same events
├── in another encoding, without a wanted column, with an open quote -> told, with a hint
└── lines inside quotes -> rows are counted as table programs count them
a cell
├── a number, in either decimal sign -> exactly its digits; else told
├── a time -> with the zone's offset on that day; twice or never on the clock -> told
├── a word -> as the mapping translates it; else told
└── empty -> told, or left out where it may be
rows
├── each an event, or those that agree in the group's columns -> lists grow by a row
└── with a wrong one -> its event is left out, everything wrong is told
"""

import io
import json
from typing import Any, ClassVar

import pytest

from core.document.lexical import canonical
from core.epcis.tables.events import Made, make
from core.epcis.tables.mapping import read_mapping
from core.epcis.validate import validate_document
from core.errors import InvalidDocument, Malformed

MAPPING: dict[str, Any] = {
    "timezone": "Europe/Brussels",
    "dateFormat": "%d.%m.%Y %H:%M",
    "decimal": ",",
    "context": [{"x": "https://x.example/"}],
    "event": {"type": "ObjectEvent", "action": "OBSERVE", "bizStep": "shipping"},
    "fields": [
        {"field": "eventTime", "column": "Datum", "as": "time"},
        {
            "field": "quantityList/*/epcClass",
            "template": "https://id.gs1.org/01/{GTIN:14}/10/{Los}",
        },
        {"field": "quantityList/*/quantity", "column": "Menge", "as": "number"},
        {"field": "quantityList/*/uom", "column": "Einheit", "values": {"kg": "KGM"}},
        {"field": "x:note", "column": "Notiz", "required": False},
        {"field": "readPoint/id", "template": "https://id.gs1.org/414/{Ort}", "required": False},
    ],
}
HEADER = "Datum;GTIN;Los;Menge;Einheit;Notiz;Ort"
LINE = "17.04.2026 09:26;9506000134352;A/1;1.234,50;kg;café;9506000134352"


def made(text: str | bytes, **changes: Any) -> Made:
    data = text.encode() if isinstance(text, str) else text
    return make(io.BytesIO(data), read_mapping(MAPPING | changes))


def only(result: Made) -> Any:
    assert result.issues == []
    [event] = events(result)
    return event


def events(result: Made) -> list[Any]:
    """As plain JSON; the whole is a valid document."""
    text = canonical(result.document)
    if json.loads(text)["epcisBody"]["eventList"]:
        validate_document(text)
    return list(json.loads(text)["epcisBody"]["eventList"])


def told(result: Made) -> list[tuple[str, str]]:
    assert all(one.message and one.hint for one in result.issues)
    return [(one.rule, one.pointer) for one in result.issues]


EVENT = {
    "type": "ObjectEvent",
    "action": "OBSERVE",
    "bizStep": "shipping",
    "eventTime": "2026-04-17T09:26:00.000+02:00",
    "eventTimeZoneOffset": "+02:00",
    "quantityList": [
        {
            "epcClass": "https://id.gs1.org/01/09506000134352/10/A%2F1",
            "quantity": 1234.5,
            "uom": "KGM",
        }
    ],
    "x:note": "café",
    "readPoint": {"id": "https://id.gs1.org/414/9506000134352"},
}


def test_one_row():
    result = made(f"{HEADER}\n{LINE}\n")
    assert only(result) == EVENT
    assert '"quantity":1234.50' in canonical(result.document)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(delimiter: str):
    line = LINE.replace("1.234,50", '"1.234,50"').replace(";", delimiter)
    assert only(made(f"{HEADER.replace(';', delimiter)}\r\n{line}\r\n")) == EVENT


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8-sig", None),
        ("utf-16", None),
        ("utf-16", "windows-1252"),
        ("utf-8", "utf-8"),
        ("windows-1252", "windows-1252"),
    ],
)
def test_encodings(encoding: str, named: str | None):
    data = f"{HEADER}\n{LINE}".encode(encoding)
    assert only(made(data, **({"encoding": named} if named else {}))) == EVENT


def test_another_encoding_is_told():
    with pytest.raises(Malformed, match="encoding") as caught:
        made(f"{HEADER}\n{LINE}".encode("windows-1252"))
    assert "windows-1252" in caught.value.hint


def test_missing_columns_are_all_told_with_the_nearest():
    with pytest.raises(InvalidDocument) as caught:
        made(HEADER.replace("Menge", "Mengen").replace("Los", "x") + "\n" + LINE)
    assert [issue.rule for issue in caught.value.issues] == ["csv.columns"] * 2
    assert any("'Mengen'" in issue.hint for issue in caught.value.issues)
    with pytest.raises(InvalidDocument, match="two columns"):
        made(f"{HEADER};Los\n{LINE};x")
    with pytest.raises(InvalidDocument, match="no column"):
        made("")


def test_rows_are_counted_as_table_programs_do():
    quoted = LINE.replace("A/1", '"A\nB"')
    result = made(f"{HEADER}\n{quoted}\n\n{LINE.replace('kg', 'lb')}\n;;;;;;\n{LINE}")
    assert told(result) == [("csv.value", "#cell=5,5")]
    assert len(json.loads(canonical(result.document))["epcisBody"]["eventList"]) == 2


def test_rows_that_are_none():
    assert told(made(f"{HEADER}\n{LINE};more\n{LINE}")) == [("csv.row", "#row=2")]
    assert told(made(f'{HEADER}\n{LINE}\n"open{LINE}')) == [("csv.row", "#row=3")]
    assert told(made(f"{HEADER}\n{LINE.replace('A/1', 'x' * 200_000)}")) == [("csv.row", "#row=2")]
    assert told(made(f"{HEADER}\n{LINE.replace('A/1', 'x' + chr(0))}")) == [("csv.row", "#row=2")]


@pytest.mark.parametrize(
    ("text", "decimal", "number"),
    [
        ("1.234,50", ",", "1234.50"),
        ("007", ",", "7"),
        ("-3,0", ",", "-3.0"),
        ("0,10", ",", "0.10"),
        ("1 234", ",", "1234"),
        ("12.5", ".", "12.5"),
        ("1,234", ".", None),
        ("12 kg", ",", None),
        ("1e3", ".", None),
        ("NaN", ".", None),
        ("٣", ".", "3"),
        ("9" * 40, ".", None),
    ],
)
def test_numbers(text: str, decimal: str, number: str | None):
    line = LINE.replace("1.234,50", text)
    result = made(f"{HEADER}\n{line}", decimal=decimal)
    if number is None:
        assert told(result) == [("csv.number", "#cell=2,4")]
    elif text.isascii():
        assert f'"quantity":{number}' in canonical(result.document)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("17.04.2026 09:26", "2026-04-17T09:26:00.000+02:00"),
        ("17.01.2026 09:26", "2026-01-17T09:26:00.000+01:00"),
        ("29.03.2026 02:30", None),  # the hour that is skipped
        ("25.10.2026 02:30", None),  # the hour that comes twice
        ("2026-04-17", None),
        ("31.04.2026 09:26", None),
    ],
)
def test_times(text: str, time: str | None):
    result = made(f"{HEADER}\n{LINE.replace('17.04.2026 09:26', text)}")
    if time is None:
        assert told(result) == [("csv.time", "#cell=2,1")]
    else:
        event = only(result)
        assert (event["eventTime"], event["eventTimeZoneOffset"]) == (time, time[-6:])


def test_iso_times_need_no_format():
    iso = {name: value for name, value in MAPPING.items() if name != "dateFormat"}
    for text in ("2026-04-17T09:26:00Z", "2026-04-17 09:26:00+00:00"):
        data = f"{HEADER}\n{LINE.replace('17.04.2026 09:26', text)}".encode()
        event = only(make(io.BytesIO(data), read_mapping(iso)))
        assert event["eventTime"] == "2026-04-17T09:26:00.000+00:00"
    del iso["timezone"]
    local = f"{HEADER}\n{LINE.replace('17.04.2026 09:26', '2026-04-17T09:26')}".encode()
    result = make(io.BytesIO(local), read_mapping(iso))
    assert told(result) == [("csv.time", "#cell=2,1")]


def test_empty_cells():
    poor = LINE.removesuffix("9506000134352")
    assert "readPoint" not in only(made(f"{HEADER}\n{poor}"))
    assert told(made(f"{HEADER}\n{LINE.replace('A/1', '')}")) == [("csv.required", "#cell=2,3")]


def test_every_wrong_cell_is_told_and_its_event_left_out():
    bad = LINE.replace("kg", "t").replace("1.234,50", "viel")
    result = made("\n".join([HEADER, bad, LINE, bad, LINE]))
    assert told(result) == [
        ("csv.number", "#cell=2,4"),
        ("csv.value", "#cell=2,5"),
        ("csv.number", "#cell=4,4"),
        ("csv.value", "#cell=4,5"),
    ]
    assert len(events(result)) == 2
    assert result.place("/epcisBody/eventList/1/quantityList/0/quantity") == "#cell=5,4"
    assert result.place("/epcisBody/eventList/0/bizTransactionList/0") == "#row=3"
    assert result.place("/@context") == "/@context"


class TestGroups:
    mapping: ClassVar[dict[str, Any]] = {
        "groupBy": ["Pallet"],
        "event": {"type": "AggregationEvent", "action": "ADD", "bizStep": "packing"},
        "fields": [
            {"field": "eventTime", "column": "Time", "as": "time"},
            {"field": "parentID", "template": "https://id.gs1.org/00/{Pallet}"},
            {"field": "childEPCs/*", "template": "https://id.gs1.org/01/09506000134352/21/{Case}"},
            {"field": "bizTransactionList/0/type", "constant": "po"},
            {"field": "bizTransactionList/0/bizTransaction", "column": "Order"},
            {"field": "ex:fragile", "column": "Fragile", "as": "boolean", "required": False},
        ],
        "context": [{"ex": "https://ex.example/"}],
    }
    header = "Time,Pallet,Case,Order,Fragile"
    a, b = "095060001343520000", "095060001343520017"

    def made(self, *rows: str) -> Made:
        data = "\n".join([self.header, *rows]).encode()
        return make(io.BytesIO(data), read_mapping(self.mapping))

    def row(self, pallet: str, case: int, order: str = "urn:po:1", fragile: str = "yes") -> str:
        return f"2026-04-17T09:00:00Z,{pallet},{case},{order},{fragile}"

    def test_rows_of_one_pallet_are_one_event(self):
        a, b = self.a, self.b
        result = self.made(self.row(a, 1), self.row(a, 2), self.row(b, 3, fragile=""))
        first, second = events(result)
        assert [uri[-1] for uri in first["childEPCs"]] == ["1", "2"]
        assert first["bizTransactionList"] == [{"type": "po", "bizTransaction": "urn:po:1"}]
        assert first["ex:fragile"] is True
        assert "ex:fragile" not in second
        assert result.place("/epcisBody/eventList/0/childEPCs/1") == "#cell=3,3"

    def test_rows_that_disagree(self):
        result = self.made(self.row(self.a, 1), self.row(self.a, 2, order="urn:po:2"))
        assert told(result) == [("csv.conflict", "#cell=3,4")]
        assert events(result) == []

    def test_only_neighbours_belong_together(self):
        result = self.made(self.row(self.a, 1), self.row(self.b, 2), self.row(self.a, 3))
        assert [len(event["childEPCs"]) for event in events(result)] == [1, 1, 1]

    def test_truth(self):
        assert told(self.made(self.row(self.a, 1, fragile="perhaps"))) == [
            ("csv.value", "#cell=2,5")
        ]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"timezone": "Mars/Base"}, "/timezone"),
        ({"timezone": None}, "/timezone"),
        ({"fields": []}, "/fields"),
        ({"fields": [{"field": "a", "column": "x", "constant": "y"}]}, "/fields/0"),
        ({"fields": [{"field": "*/a", "column": "x"}]}, "/fields/0/field"),
        ({"fields": [{"field": "a", "column": "x", "as": "colour"}]}, "/fields/0/as"),
        ({"event": {}}, "/event"),
        ({"event": {"type": "ObjectEvent", "x": 1.5}}, "/event"),
        ({"delimiter": "x"}, "/delimiter"),
        ({"extra": 1}, ""),
    ],
)
def test_wrong_mappings_are_refused_with_their_place(change: dict[str, Any], place: str):
    with pytest.raises(InvalidDocument) as caught:
        read_mapping(MAPPING | change)
    assert place in [issue.pointer for issue in caught.value.issues]
    assert "csv.md" in caught.value.hint


def test_a_format_without_zone_is_refused():
    bare = {name: value for name, value in MAPPING.items() if name != "timezone"}
    with pytest.raises(InvalidDocument, match="no time zone"):
        read_mapping(bare)
    read_mapping(bare | {"dateFormat": "%d.%m.%Y %H:%M %z"})


def test_a_path_that_does_not_fit():
    fields = [*MAPPING["fields"], {"field": "quantityList/7/uom", "constant": "KGM"}]
    result = made(f"{HEADER}\n{LINE}", fields=fields)
    assert [rule for rule, _ in told(result)] == ["csv.path"]


def test_the_same_file_gives_the_same_document():
    first, second = made(f"{HEADER}\n{LINE}"), made(f"{HEADER}\n{LINE}")
    assert canonical(first.document) == canonical(second.document)
