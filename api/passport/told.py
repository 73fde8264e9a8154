"""What a document says, read without losing a digit; absent where its author withholds it."""

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from core.db.chain_tables import Document
from core.document.lexical import LexicalObject, LexicalValue, Number, parse
from core.errors import Malformed

_FOOTPRINT = "carbonFootprint"
_PERCENT = re.compile(r"\d{1,3}(\.\d{1,9})?")


@dataclass(frozen=True, slots=True)
class Footprint:
    """A stated footprint; grams as written, None if it is no whole number."""

    grams: int | None
    standard: str
    functional_unit: str
    primary_share: Decimal | None = None
    """Percent of the emissions that come from primary data (PACT: primaryDataShare)."""


@dataclass(frozen=True, slots=True)
class Told:
    """The parts of an event that a passport shows."""

    readable: bool
    event: LexicalObject = field(default_factory=dict)

    def text(self, name: str) -> str | None:
        """A member that is text."""
        value = self.event.get(name)
        return value if isinstance(value, str) else None

    @property
    def place(self) -> str | None:
        """The read point's identifier."""
        point = self.event.get("readPoint")
        found = point.get("id") if isinstance(point, dict) else None
        return found if isinstance(found, str) else None

    @property
    def certificates(self) -> list[str]:
        """References as given: URLs or `ipfs://`."""
        value = self.event.get("certificationInfo")
        found = value if isinstance(value, list) else [value]
        return [item for item in found if isinstance(item, str)]

    @property
    def footprint(self) -> Footprint | None:
        """The product carbon footprint, whatever prefix its author uses for our term."""
        stated = _local(self.event, _FOOTPRINT)
        if not isinstance(stated, dict):
            return None
        grams = _local(stated, "co2eGrams")
        return Footprint(
            _whole(grams),
            _text(_local(stated, "standard")),
            _text(_local(stated, "functionalUnit")),
            _percent(_local(stated, "primaryDataShare")),
        )


def told(row: Document | None) -> Told:
    """What is known of a document; nothing while it is missing, altered or withheld."""
    if row is None or row.status != "ready" or row.event_json is None:
        return Told(readable=False)
    return Told(readable=True, event=_parsed(row.event_json))


def told_notice(row: Document | None) -> Told:
    """What a recall notice says: its bytes are the notice, nothing in it is a disclosure."""
    if row is None or row.payload is None:
        return Told(readable=False)
    return Told(readable=True, event=_parsed(row.payload))


@lru_cache(maxsize=512)
def _parsed(text: str | bytes) -> LexicalObject:
    try:
        value = parse(text)
    except Malformed:
        return {}
    return value if isinstance(value, dict) else {}


def _local(event: LexicalObject, name: str) -> LexicalValue:
    """A member by its local name: `sr360:carbonFootprint` and `carbonFootprint` alike."""
    return next((event[key] for key in event if key.rpartition(":")[2] == name), None)


def _whole(value: LexicalValue) -> int | None:
    try:
        return value.integer() if isinstance(value, Number) else None
    except Malformed:
        return None


def _percent(value: LexicalValue) -> Decimal | None:
    if not isinstance(value, Number) or not _PERCENT.fullmatch(value.lexeme):
        return None
    return found if (found := value.decimal()) <= 100 else None


def _text(value: LexicalValue) -> str:
    return value if isinstance(value, str) else ""
