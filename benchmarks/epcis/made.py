"""Made-up EPCIS events for benchmarks: what a packing line sends in a day, each event once."""

import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from core.clock import iso
from core.document.lexical import parse_event
from core.epcis.xml.writer import write_event
from core.gs1.check_characters import with_check_digit

CONTEXT: Final = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"ex": "https://ns.example.com/epcis/", "cbvmda": "urn:epcglobal:cbv:mda:"},
]
START_MS: Final = 1_770_000_000_000
_CONTEXT: Final = re.compile(" j:context='[^']*'")
"""Which nobody but us writes into XML."""
_STEM: Final = "https://id.gs1.org"
_GTINS: Final = [with_check_digit(f"061414{n:07}") for n in range(200)]
_PLACES: Final = [f"{_STEM}/414/{with_check_digit(f'0614141{n:05}')}" for n in range(50)]


def events(count: int, start: int = 0) -> Iterator[dict[str, Any]]:
    """Commissioning, packing, shipping and receiving in turn."""
    makers = (_commissioned, _packed, _shipped, _received)
    for number in range(start, start + count):
        yield makers[number % 4](number)


def document(count: int, start: int = 0) -> bytes:
    """All of them in one EPCIS 2.0 document, as JSON."""
    return b"".join(pieces(count, start))


def pieces(count: int, start: int = 0) -> Iterator[bytes]:
    """The same document as it would come over a network."""
    yield b'{"@context":' + orjson.dumps(CONTEXT)
    yield b',"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2026-04-17T09:26:42Z"'
    yield b',"epcisBody":{"eventList":['
    for number, event in enumerate(events(count, start)):
        yield (b"," if number else b"") + orjson.dumps(event)
    yield b"]}}"


def xml_pieces(count: int, start: int = 0) -> Iterator[bytes]:
    """The same as EPCIS 2.0 XML."""
    yield (
        b'<?xml version="1.0" encoding="UTF-8"?>\n<e:EPCISDocument'
        b' xmlns:e="urn:epcglobal:epcis:xsd:2" xmlns:j="urn:sr360:json"'
        b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        b' schemaVersion="2.0" creationDate="2026-04-17T09:26:42Z"><EPCISBody><EventList>'
    )
    for event in events(count, start):
        written = write_event(parse_event(orjson.dumps(event | {"@context": CONTEXT})))
        yield _CONTEXT.sub("", written, 1).encode()
    yield b"</EventList></EPCISBody></e:EPCISDocument>"


def _commissioned(number: int) -> dict[str, Any]:
    gtin = _GTINS[number % 200]
    return _event("ObjectEvent", number, "ADD", "commissioning", "active") | {
        "epcList": [f"{_STEM}/01/{gtin}/21/{number}-{n}" for n in range(4)],
        "ilmd": {"cbvmda:lotNumber": f"L{number // 100}", "ex:line": "7"},
    }


def _packed(number: int) -> dict[str, Any]:
    gtin = _GTINS[number % 200]
    return _event("AggregationEvent", number, "ADD", "packing", "in_progress") | {
        "parentID": _sscc(number),
        "childEPCs": [f"{_STEM}/01/{gtin}/21/{number}-{n}" for n in range(6)],
    }


def _shipped(number: int) -> dict[str, Any]:
    return _event("ObjectEvent", number, "OBSERVE", "shipping", "in_transit") | {
        "epcList": [_sscc(number)],
        "bizTransactionList": [{"type": "desadv", "bizTransaction": f"urn:example:da:{number}"}],
        "sourceList": [{"type": "owning_party", "source": _PLACES[number % 50]}],
        "destinationList": [{"type": "owning_party", "destination": _PLACES[(number + 1) % 50]}],
    }


def _received(number: int) -> dict[str, Any]:
    lot = f"{_STEM}/01/{_GTINS[number % 200]}/10/L{number // 100}"
    return _event("ObjectEvent", number, "OBSERVE", "receiving", "in_progress") | {
        "quantityList": [{"epcClass": lot, "quantity": 12.5 + number, "uom": "KGM"}],
        "ex:temperature": {"ex:least": "2.0", "ex:most": "6.5"},
    }


def _sscc(number: int) -> str:
    return f"{_STEM}/00/{with_check_digit(f'00614141{number:09}')}"


def _event(kind: str, number: int, action: str, step: str, disposition: str) -> dict[str, Any]:
    return {
        "type": kind,
        "eventID": f"urn:uuid:{number:08x}-0000-4000-8000-000000000000",
        "eventTime": iso(START_MS + 1_000 * number),
        "eventTimeZoneOffset": "+02:00",
        "action": action,
        "bizStep": step,
        "disposition": disposition,
        "readPoint": {"id": _PLACES[number % 50]},
        "bizLocation": {"id": _PLACES[number % 50]},
    }
