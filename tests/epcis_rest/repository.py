"""The query interface over a filled mirror: no chain is needed to read.

Events come from the published documents in tests/data, recorded one a block, a minute apart.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import select

from core.crypto import sha256
from core.db import Database
from core.db.chain_tables import EventIndex
from core.document.lexical import LexicalObject, canonical, parse_event
from core.epcis.hash import event_hash
from core.epcis.model import EpcisEvent, build_event
from core.epcis.validate import validate_document
from core.errors import InvalidDocument
from core.types import EventKind
from indexer import event_index, event_words, rows
from indexer.statements import insert

DATA = Path(__file__).parents[1] / "data"
GENESIS_S = 1_700_000_000


@dataclass
class Repository:
    """A mirror that events are put into, and the API over it."""

    database: Database
    http: httpx.AsyncClient
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def reserve(self) -> int:
        """A block for an event whose document comes later."""
        return next(self._numbers)

    def record(self, events: Iterable[LexicalObject], at: int | None = None) -> list[int]:
        """The block each event is recorded in."""
        numbers = []
        with self.database.write_session() as session:
            connection = session.connection()
            for event in events:
                number = next(self._numbers) if at is None else at
                insert(connection, _mirrored(event, number))
                event_index.add(connection, _hash(event, number), _index(event, number))
                numbers.append(number)
        return numbers

    def hashes(self) -> list[bytes]:
        """Every event's key."""
        with self.database.read_session() as session:
            return list(session.exec(select(EventIndex.data_hash)).all())

    async def events(self, path: str = "/events", **parameters: Any) -> list[dict[str, Any]]:
        """The events an answer lists."""
        answer = await self.http.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = listed(answer)
        return found

    async def ids(self, path: str = "/events", **parameters: Any) -> list[str]:
        return [event["eventID"] for event in await self.events(path, **parameters)]


def listed(answer: httpx.Response) -> Any:
    return answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def _hash(event: LexicalObject, number: int) -> bytes:
    return sha256(f"{number}{canonical(event)}".encode())


def _columns(event: LexicalObject) -> dict[str, Any]:
    context = event.get("@context")
    parts = tuple(context) if isinstance(context, list) else (context,)
    built = build_event(event, parts, "")
    return {
        "event_hash": event_hash(built),
        "event_type": built.type,
        "biz_step": built.biz_step,
        "disposition": built.disposition,
        "event_time": built.event_time_ms,
        "read_point": built.read_point,
    }


def _index(event: LexicalObject, number: int) -> list[Any]:
    return event_words.index_rows(_hash(event, number), event, _columns(event))


def _mirrored(event: LexicalObject, number: int) -> list[Any]:
    data_hash = _hash(event, number)
    document = rows.document(data_hash, "event", number)[0]._replace(
        status="ready", event_json=canonical(event), **_columns(event)
    )
    block = rows.Block(number, data_hash, bytes(32), GENESIS_S + 60 * number, bytes(32))
    entry = rows.Event(
        block_number=number,
        log_index=0,
        tx_hash=bytes(32),
        product_id=bytes(32),
        seq=number,
        kind=EventKind.OBJECT,
        actor=bytes(20),
        counterparty=bytes(20),
        data_hash=data_hash,
        occurred_at=document.event_time,
        head=bytes(32),
    )
    return [block, document, entry]


def published() -> list[LexicalObject]:
    """Every event of the published documents that our rules let in, with its context."""
    found = []
    for path in sorted([*DATA.glob("epcis-hash/*.jsonld"), *DATA.glob("epcis-xml/*.xml")]):
        try:
            events = validate_document(path.read_bytes())
        except InvalidDocument:
            continue  # tests/epcis says which of them break which rule
        found += [_self_contained(event) for event in events]
    return found


def _self_contained(event: EpcisEvent) -> LexicalObject:
    return event.raw | {"@context": list(event.context)}


def made(name: str, **members: Any) -> LexicalObject:
    """A small event with an eventID of that name."""
    event = {
        "@context": [
            "https://ref.gs1.org/standards/epcis/epcis-context.jsonld",
            {"ex": "https://ns.example.com/epcis/"},
        ],
        "type": "ObjectEvent",
        "eventID": f"urn:event:{name}",
        "eventTime": "2026-04-17T09:26:42.000-04:00",
        "eventTimeZoneOffset": "-04:00",
        "action": "OBSERVE",
        "epcList": ["urn:epc:id:sgtin:0614141.107346.2017"],
    }
    return parse_event(json.dumps(event | members))
