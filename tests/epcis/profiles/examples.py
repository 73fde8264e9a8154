"""Events of the published examples, read without the schema: some of them break it."""

from collections.abc import Iterator
from pathlib import Path

from core.document.lexical import LexicalObject
from core.epcis.model import EpcisEvent, build_event
from core.epcis.profiles.evaluate import ProfileFinding, findings
from core.epcis.profiles.load import shipped
from core.epcis.validate import context_of, events_of, read

DATA = Path(__file__).resolve().parents[2] / "data"
FILES = {
    "fsma204": sorted((DATA / "fsma204").glob("**/*.json*")),
    "gdst": [DATA / "gdst/gdst_data_withmasterdata.jsonld"],
    "dscsa": [DATA / "epcis-xml/GS1_US_Pharma_Example_2_2_1_1.xml"],
    "eu-battery": sorted((DATA / "eu-battery").glob("*.jsonld")),
}
"""By profile."""


def events(file: Path) -> list[EpcisEvent]:
    document = read(file.read_bytes())
    context = context_of(document)
    return [build_event(raw, context, place) for place, raw in events_of(document)]


def all_events(profile: str) -> Iterator[EpcisEvent]:
    for file in FILES[profile]:
        yield from events(file)


def found(event: EpcisEvent, profile: str) -> list[ProfileFinding]:
    return findings(event, [shipped()[profile]])


def with_raw(event: EpcisEvent, raw: LexicalObject) -> EpcisEvent:
    return event._replace(raw=raw)
