"""Published EPCIS documents: event hashes, what is captured, and the way to XML and back."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from core.document.lexical import LexicalObject, LexicalValue, canonical
from core.epcis.hash import event_hash, pre_hash
from core.epcis.model import EpcisEvent, build_event
from core.epcis.validate import read, validate_document
from core.epcis.xml import read_document
from core.epcis.xml.words import Spelling
from core.epcis.xml.writer import query_document
from core.errors import InvalidDocument
from scripts.conformance.row import Row, judged

_DAMAGED: Final = (
    "epcisDocWithAllGS1Keys",
    "epcisDocWithCustomSchemaInContext",
    "epcisDocWithDefaultSchemaInContext",
)
_WRONG: Final = {
    "All_eventTypes_in_single_document.xml": "refused: a GRAI's check digit is wrong",
    "Jumbled_attributes_order.xml": "refused: its elements are out of the XSD's order",
    "ObjectEvent_all_possible_fields.xml": "refused: its certificate is no URI",
    "TransactionEvent_all_possible_fields.xml": "refused: a time has no seconds",
}


def rows(data: Path) -> Iterator[Row]:
    """One for each file and each thing that it is held against."""
    hashed = sorted((data / "epcis-hash").glob("*.jsonld"))
    hashed += sorted((data / "epcis-hash").glob("*.xml"))
    for path in hashed:
        yield _hashes(path)
    for path in sorted((data / "epcis-hash").glob("*.prehashes")):
        yield _texts(path)
    for path in sorted([*(data / "epcis-xml").glob("*.xml"), *(data / "fsma204").glob("*.jsonld")]):
        yield judged(_name(path), "the document is captured", [path], _captured)
    others = [*(data / "epcis-xml").glob("*.xml"), *(data / "fsma204").glob("*.jsonld")]
    for path in sorted([*hashed, *others]):
        yield judged(_name(path), "each event to XML and back", _events(path), _comes_back)


def _hashes(path: Path) -> Row:
    expected = path.with_suffix(".hashes").read_text("ascii").split()
    ignored = list(_ignored(read(path.read_bytes())))
    pairs = zip(_built(path), expected, strict=True)
    return judged(
        _name(path), "CBV hash of each event", pairs, lambda p: event_hash(p[0], ignored) == p[1]
    )


def _texts(path: Path) -> Row:
    what, document = "text under the CBV hash", path.with_suffix(".jsonld")
    if path.stem in _DAMAGED:
        reason = "the text is cut or overwritten upstream; the hashes are those of the right text"
        return judged(_name(path), what, [path], lambda _: reason)
    ignored = list(_ignored(read(document.read_bytes())))
    ours = "".join(pre_hash(event, ignored) for event in _built(document))
    theirs = path.read_text("utf-8").replace("\n", "")  # the files' line ends are not consistent
    return judged(_name(path), what, [ours], lambda text: text == theirs)


def _captured(path: Path) -> bool | str:
    try:
        return bool(validate_document(path.read_bytes()))
    except InvalidDocument:
        return _WRONG.get(path.name, False)


def _comes_back(event: LexicalObject) -> bool:
    text = query_document([event], {"queryName": "q"}, "2026-04-20T10:00:00Z", Spelling.URN)
    document: Any = read_document(text.encode())
    [found] = document["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return canonical(found) == canonical(event)


def _built(path: Path) -> list[EpcisEvent]:
    """Straight from the file: query documents and doubled EPCs have hashes too."""
    found = []
    for event in _events(path):
        context = event["@context"]
        parts = tuple(context) if isinstance(context, list) else (context,)
        raw = {name: value for name, value in event.items() if name != "@context"}
        found.append(build_event(raw, parts, ""))
    return found


def _events(path: Path) -> list[LexicalObject]:
    document: Any = read(path.read_bytes())
    if "eventTime" in document:
        return [document]
    body = document["epcisBody"]
    results = body.get("queryResults", {}).get("resultsBody", body)
    return [{"@context": document["@context"]} | event for event in results["eventList"]]


def _ignored(value: LexicalValue) -> Iterator[str]:
    """Members that a document itself leaves out of its hash."""
    if isinstance(value, dict):
        for name, item in value.items():
            if name.endswith(":ignoreFields") and isinstance(item, list):
                yield from map(str, item)
            yield from _ignored(item)


def _name(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"
