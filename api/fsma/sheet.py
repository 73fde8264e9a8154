"""The rows of the spreadsheet: which critical tracking event each record is, and what it tells.

Nothing is guessed: a key data element that no record holds is missing, and listed as such. Events
carry no mark of their critical tracking event; the rules below read GS1 US "EPCIS Recommendations
for FSMA 204" R2.0 backwards.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from api.fsma import columns as c
from api.fsma.columns import Cte
from api.fsma.records import Portion, Record
from api.fsma.rows import Row, Stay, lot_code
from core.epcis.model import ProductRole

_BIRTHS: Final = frozenset({"creating_class_instance", "commissioning"})
_SHIPS: Final = frozenset({"shipping", "departing", "transporting"})
_RECEIVES: Final = frozenset({"receiving", "arriving", "accepting"})
_HELD: Final = (ProductRole.OBJECT, ProductRole.CHILD, ProductRole.PARENT)


@dataclass
class Sheet:
    """Records and what was packed where, turned into rows."""

    records: Sequence[Record]
    stays: Sequence[Stay] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Business names by GLN, as the registrar vouches for them."""
    glns: dict[str, None] = field(default_factory=dict)
    """Every location the rows speak of, in their order."""

    def rows(self) -> list[Row]:
        """All rows, in the order of the events."""
        ordered = sorted(self.records, key=lambda record: (record.at, record.data_hash))
        return [row for record in ordered for row in self._rows(record)]

    def _rows(self, record: Record) -> Iterator[Row]:
        if record.type == "TransformationEvent":
            yield from self._made(record)
        elif _is_birth(record):
            yield from self._born(record)
        elif _is_cooling(record):
            yield from self._cooled(record)
        elif record.step in _SHIPS:
            yield from self._moved(record, Cte.SHIPPING)
        elif record.step in _RECEIVES:
            yield from self._moved(record, Cte.RECEIVING)

    @cached_property
    def _sources(self) -> dict[str, Record]:
        """Where each lot code was assigned: by packing, landing or transforming."""
        found: dict[str, Record] = {}
        for record in sorted(self.records, key=lambda record: record.at):
            if record.type == "TransformationEvent":
                lots = record.portions(ProductRole.OUTPUT)
            elif _is_birth(record) and _is_landed(record):
                lots = record.portions(ProductRole.OBJECT)
            else:
                continue
            for lot in lots:
                found.setdefault(lot.uri, record)
        return found

    @cached_property
    def _raw(self) -> set[str]:
        """Lots that were harvested or cooled and have no lot code yet: commodities."""
        harvested = {
            lot.uri
            for record in self.records
            if _is_cooling(record) or (_is_birth(record) and not _is_landed(record))
            for lot in record.portions(ProductRole.OBJECT)
        }
        return harvested - set(self._sources)

    def _born(self, record: Record) -> Iterator[Row]:
        for lot in record.portions(ProductRole.OBJECT):
            if _is_landed(record):
                yield Row(Cte.FIRST_LAND_BASED_RECEIVER, self._landed(record, lot))
            else:
                yield Row(Cte.HARVESTING, self._lot(lot) | self._harvest(record, lot))

    def _landed(self, record: Record, lot: Portion) -> dict[str, str]:
        dates = (record.master("harvestDateStart"), record.master("harvestDateEnd"))
        return self._lot(lot) | {
            c.SPECIES: record.master("fishType", "speciesForFisheryStatisticsPurposesName") or "",
            c.CATCH_DATES: " to ".join(filter(None, dates)),
            c.CATCH_ZONES: record.master("catchZone", "catchArea") or "",
            c.TLC_SOURCE: self._place(record.place("readPoint")),
            c.DATE: record.date,
            c.DOCUMENTS: record.documents,
        }

    def _harvest(self, record: Record, lot: Portion) -> dict[str, str]:
        onward = self._next(record, lot)
        return {
            c.RECIPIENT: self._place(onward.partner("destination") if onward else None),
            c.COMMODITY: self._description(lot.uri),
            c.FARM: self._place(record.place("readPoint")),
            c.FIELD: self._place(record.place("bizLocation")),
            c.HARVESTED: record.date,
            c.DOCUMENTS: record.documents,
        }

    def _cooled(self, record: Record) -> Iterator[Row]:
        for lot in record.portions(ProductRole.OBJECT):
            onward, before = self._next(record, lot), self._before(record, lot)
            harvest = self._harvested(lot.uri)
            farm = harvest.place("readPoint") if harvest else None
            farm = farm or (before.partner("source") if before else None)
            documents = [found.documents for found in (before, record) if found]
            yield Row(Cte.COOLING, self._lot(lot) | {
                c.RECIPIENT: self._place(onward.partner("destination") if onward else None),
                c.COMMODITY: self._description(lot.uri),
                c.COOLED_AT: self._place(record.place("bizLocation", "readPoint")),
                c.COOLED: record.date,
                c.FARM: self._place(farm),
                c.DOCUMENTS: "; ".join(filter(None, documents)),
            })  # fmt: skip

    def _made(self, record: Record) -> Iterator[Row]:
        used, made = record.portions(ProductRole.INPUT), record.portions(ProductRole.OUTPUT)
        packs = bool(used) and all(lot.uri in self._raw for lot in used)
        place = self._place(record.place("readPoint", "bizLocation"))
        sources: list[Portion | None] = [*used] or [None]
        for output in made:
            common = self._lot(output) | {
                c.PRODUCT: self._description(output.uri), c.TLC_SOURCE: place,
                c.DATE: record.date, c.DOCUMENTS: record.documents,
            }  # fmt: skip
            for source in sources:
                if packs and source is not None:
                    yield Row(Cte.INITIAL_PACKING, common | self._packed(record, source))
                else:
                    yield Row(Cte.TRANSFORMATION, common | self._used(source))

    def _packed(self, record: Record, source: Portion) -> dict[str, str]:
        harvest, received = self._harvested(source.uri), self._before(record, source)
        cooling = [one for one in self.records if _is_cooling(one) and one.at <= record.at
                   and source.uri in _lots(one)]  # fmt: skip
        cooled = cooling[-1] if cooling else None
        arrived = next(
            (lot for lot in received.portions(*_HELD) if lot.uri == source.uri), None
        ) if received else None  # fmt: skip
        onward = self._next(harvest, source) if harvest else None
        return {
            c.COMMODITY: self._description(source.uri),
            c.RECEIVED: received.date if received else "",
            c.QUANTITY_RECEIVED: (arrived.quantity or "") if arrived else "",
            c.UOM_RECEIVED: (arrived.uom or "") if arrived else "",
            c.FARM: self._place(harvest.place("readPoint") if harvest else None),
            c.FIELD: self._place(harvest.place("bizLocation") if harvest else None),
            c.HARVESTER: self._place(onward.partner("source") if onward else None),
            c.HARVESTED: harvest.date if harvest else "",
            c.COOLED_AT: self._place(cooled.place("bizLocation", "readPoint") if cooled else None),
            c.COOLED: cooled.date if cooled else "",
        }

    def _used(self, source: Portion | None) -> dict[str, str]:
        if source is None:
            return {}
        return {
            c.USED_TLC: lot_code(source.uri), c.USED_PRODUCT: self._description(source.uri),
            c.USED_QUANTITY: source.quantity or "", c.USED_UOM: source.uom or "",
        }  # fmt: skip

    def _moved(self, record: Record, cte: Cte) -> Iterator[Row]:
        for lot in self._contained(record):
            if lot.uri in self._raw:
                continue  # before initial packing it is no tracking event of its own
            source = self._sources.get(lot.uri)
            yield Row(cte, self._lot(lot) | {
                c.PRODUCT: self._description(lot.uri),
                c.RECIPIENT: self._place(record.partner("destination")),
                c.SOURCE: self._place(record.partner("source")),
                c.LOCATION: self._place(record.place("readPoint", "bizLocation")),
                c.DATE: record.date,
                c.TLC_SOURCE: self._place(source.place("readPoint") if source else None),
                c.DOCUMENTS: record.documents,
            })  # fmt: skip

    def _contained(self, record: Record) -> list[Portion]:
        """The lots of an event: named, or inside a unit it names."""
        named = record.portions(*_HELD)
        lots = [portion for portion in named if not _is_unit(portion.uri)]
        told = {portion.uri for portion in lots}
        units = {portion.uri for portion in named if _is_unit(portion.uri)}
        inside = [
            stay.portion
            for stay in self.stays
            if stay.unit in units and stay.since <= record.at <= stay.until
        ]
        return lots + [portion for portion in inside if portion.uri not in told]

    def _next(self, record: Record, lot: Portion) -> Record | None:
        """The first departure of a lot after a record."""
        found = [one for one in self.records if one.step in _SHIPS and one.at >= record.at
                 and lot.uri in _lots(one)]  # fmt: skip
        return min(found, key=lambda one: one.at, default=None)

    def _before(self, record: Record, lot: Portion) -> Record | None:
        """The last arrival of a lot before a record."""
        found = [one for one in self.records if one.step in _RECEIVES and one.at <= record.at
                 and lot.uri in _lots(one)]  # fmt: skip
        return max(found, key=lambda one: one.at, default=None)

    def _harvested(self, uri: str) -> Record | None:
        return next(
            (one for one in self.records
             if _is_birth(one) and uri in _lots(one)), None
        )  # fmt: skip

    def _lot(self, lot: Portion) -> dict[str, str]:
        return {c.TLC: lot_code(lot.uri), c.QUANTITY: lot.quantity or "", c.UOM: lot.uom or ""}

    def _description(self, uri: str) -> str:
        names = ("descriptionShort", "functionalName", "productName", "tradeItemDescription")
        told = (one.master(*names) for one in self.records if uri in _lots(one))
        return next(filter(None, told), "")

    def _place(self, uri: str | None) -> str:
        if uri is None:
            return ""
        gln = uri.rstrip("/").rsplit("/", 1)[-1]
        self.glns.setdefault(gln)
        return f"{self.names[gln]} (GLN {gln})" if gln in self.names else f"GLN {gln}"


def _is_birth(record: Record) -> bool:
    return record.type == "ObjectEvent" and record.action == "ADD" and record.step in _BIRTHS


def _is_cooling(record: Record) -> bool:
    # CBV has no step of its own for it; "other" with a thermometer is what GS1 US asks for
    return record.step == "other" and record.has_temperature


def _lots(record: Record) -> set[str]:
    return {portion.uri for portion in record.portions(*ProductRole)}


def _is_landed(record: Record) -> bool:
    return bool(record.master("catchZone", "catchArea", "fishType", "vesselID", "vesselName"))


def _is_unit(uri: str) -> bool:
    return "/00/" in uri
