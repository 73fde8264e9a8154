"""What an event does to the things it names: all that the rules about order need to know of it.

Source: EPCIS 2.0 section 7.4 (event types, actions), CBV 2.0 sections 7.1 (business steps) and
7.2 (dispositions).
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from core.document.lexical import Number
from core.epcis import digital_link, vocab
from core.epcis.hash import event_hash
from core.epcis.model import EpcisEvent, ProductRole, located_products, mentions
from core.epcis.query import namespaces
from core.epcis.units import Measure, measure

LEAVING: Final = ("shipping", "retail_selling", "dispensing")
"""Steps that give a thing to somebody who then relies on it."""
WITHDRAWN: Final = ("recalled", "returned", "destroyed", "disposed", "non_sellable_other")
"""Dispositions under which a recalled thing may travel: back, or to its end."""
_WRONG: Final = "errorDeclaration"
_LOT: Final = namespaces.expanded("cbvmda:lotNumber", namespaces.KNOWN)
_OF_CLASS: Final = "/epcClass"
_CLASS: Final = re.compile(r"https://id\.gs1\.org/(?:01/\d{14}|8006/\d{18}|8003/\d{14})")
"""GTIN, ITIP and GRAI: the keys that name a class until a qualifier or serial is added."""


@dataclass(frozen=True, slots=True)
class Named:
    """A thing as one event names it."""

    pointer: str
    """Inside the event."""
    uri: str
    role: ProductRole
    single: bool
    """An instance (an EPC), not an amount of a class or lot."""
    amount: Measure | None = None
    """None for single things, and for 'some'."""
    told: str = ""
    """The amount in words, as its author wrote it."""


@dataclass(frozen=True, slots=True)
class Telling:
    """One event."""

    key: str
    """Its eventID, or its CBV event hash: two tellings of one key are the same event."""
    time_ms: int
    type: str
    action: str | None
    biz_step: str | None
    disposition: str | None
    named: tuple[Named, ...]
    wrong: bool = False
    """It declares the event of its key to be an error (EPCIS 2.0 section 7.4.1.4)."""
    recalls: bool = False
    lifts: bool = False
    """It unsets a persistent disposition `recalled`."""
    lots: tuple[str, ...] = ()
    """Lot numbers that its ILMD gives to what it begins (CBV 2.0 section 9.2)."""
    pointer: str = ""
    """Of the event in its document."""
    place: int | None = None
    """Position among the events to be judged; None for what is known already."""

    @property
    def parent(self) -> str | None:
        return next((one.uri for one in self.named if one.role is ProductRole.PARENT), None)

    @property
    def packs(self) -> bool:
        """It is about what is inside what; an association is looser and binds nothing."""
        return self.type == "AggregationEvent"

    @property
    def leaves(self) -> bool:
        return self.biz_step in LEAVING and self.disposition not in WITHDRAWN

    def lots_of(self, one: Named) -> Iterator[str]:
        """The lots that this event says a serial is of."""
        of = wider(one.uri)
        if self.lots and self.begins(one) and of and one.uri.startswith(f"{of}/21/"):
            yield from (f"{of}/10/{digital_link.escape(lot)}" for lot in self.lots)

    def begins(self, one: Named) -> bool:
        """Whether this event brings the thing into being, or more of the lot."""
        if self.type == "ObjectEvent":
            return self.action == "ADD"
        return one.role is ProductRole.OUTPUT

    def ends(self, one: Named) -> bool:
        """Whether it is gone, or used up, after this event."""
        if self.type == "ObjectEvent":
            return self.action == "DELETE"
        return one.role is ProductRole.INPUT


@dataclass(frozen=True, slots=True)
class Notice:
    """A recall that stands on chain, or its end."""

    uri: str
    time_ms: int
    recalled: bool


class Row(Protocol):
    """A thing as the mirror lists it of an event: `core.db.chain_tables.DocumentProduct`."""

    product_id: bytes
    uri: str
    role: str
    quantity: str | None
    uom: str | None


def telling(event: EpcisEvent, place: int) -> Telling:
    """What a validated event does."""
    named = tuple(
        _thing(pointer, ref.uri, ref.role, not pointer.endswith(_OF_CLASS), ref.quantity, ref.uom)
        for pointer, ref in located_products(event.raw)
    )
    return Telling(
        key=event.event_id or event_hash(event),
        time_ms=event.event_time_ms,
        type=event.type,
        action=event.action,
        biz_step=event.biz_step,
        disposition=event.disposition,
        named=named,
        wrong=_WRONG in event.raw,
        recalls=_recalls(event.raw, event.disposition),
        lifts=_recalled(event.raw, "unset"),
        lots=tuple(_lots(event.raw, event.context)),
        pointer=event.pointer,
        place=place,
    )


def retold(
    raw: Mapping[str, Any],
    key: str,
    time_ms: int,
    rows: Sequence[Row],
    believed: Callable[[Row], bool] = lambda _: True,
) -> Telling:
    """The same of a recorded event: its plain JSON, and what the mirror lists of its things.

    `believed` keeps the rows of things in whose own history the event is recorded; a container is
    a name that its content gives.
    """
    singles = [not one.pointer.endswith(_OF_CLASS) for one in mentions(dict(raw))]
    if len(singles) != len(rows):  # part of it is withheld
        singles = [row.quantity is None and not is_class(row.uri) for row in rows]
    disposition = vocab.bare("disposition", _text(raw, "disposition"))
    return Telling(
        key=key,
        time_ms=time_ms,
        type=str(raw.get("type")),
        action=_text(raw, "action"),
        biz_step=vocab.bare("bizStep", _text(raw, "bizStep")),
        disposition=disposition,
        named=tuple(
            _thing("", row.uri, ProductRole(row.role), single, row.quantity, row.uom)
            for row, single in zip(rows, singles, strict=True)
            if row.role == ProductRole.PARENT or believed(row)
        ),
        wrong=_WRONG in raw,
        recalls=_recalls(raw, disposition),
        lifts=_recalled(raw, "unset"),
        lots=tuple(_lots(raw)),
    )


def is_class(uri: str) -> bool:
    """Whether a GS1 URI names a class or a lot of it rather than one thing."""
    found = _CLASS.match(uri)
    rest = uri[found.end() :] if found else None
    return rest == "" or (rest is not None and rest.startswith(("/10/", "/22/")))


def is_unlimited(uri: str) -> bool:
    """A class without a lot: anyone may make more of it at any time."""
    return bool(_CLASS.fullmatch(uri))


def wider(uri: str) -> str | None:
    """The class that a lot or serial belongs to: its recall holds for them too."""
    found = _CLASS.match(uri)
    return found[0] if found and found[0] != uri else None


def mentioned(telling: Telling) -> Iterator[str]:
    """Every thing an event names, and the classes they are of."""
    for one in telling.named:
        yield one.uri
        if (of := wider(one.uri)) is not None:
            yield of


def _recalls(raw: Mapping[str, Any], disposition: str | None) -> bool:
    return disposition == "recalled" or _recalled(raw, "set")


def _recalled(raw: Mapping[str, Any], member: str) -> bool:
    """Whether the persistent disposition `recalled` is set, or unset."""
    persistent = raw.get("persistentDisposition")
    words = persistent.get(member) if isinstance(persistent, dict) else None
    given = words if isinstance(words, list) else [words]
    return any(isinstance(w, str) and vocab.bare("disposition", w) == "recalled" for w in given)


def _lots(raw: Mapping[str, Any], context: Sequence[Any] = ()) -> Iterator[str]:
    """The lot numbers in the ILMD of an event, whose own context counts beside its document's."""
    ilmd, own = raw.get("ilmd"), raw.get("@context", [])
    if not isinstance(ilmd, dict):
        return
    prefixes = namespaces.of_context([*context, *(own if isinstance(own, list) else [own])])
    for name, value in ilmd.items():
        if namespaces.expanded(name, prefixes) == _LOT:
            yield from filter(None, map(_scalar, value if isinstance(value, list) else [value]))


def _scalar(value: Any) -> str:
    if isinstance(value, dict):  # XML text beside attributes
        value = value.get("rdf:value")
    if isinstance(value, Number):
        return value.lexeme
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _text(raw: Mapping[str, Any], name: str) -> str | None:
    value = raw.get(name)
    return value if isinstance(value, str) else None


def _thing(
    pointer: str, uri: str, role: ProductRole, single: bool, quantity: str | None, uom: str | None
) -> Named:
    if single or quantity is None:
        return Named(pointer, uri, role, single)
    amount = measure(quantity, uom)
    return Named(pointer, uri, role, False, amount, f"{quantity} {uom or 'pieces'}")
