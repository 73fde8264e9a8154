"""Critical tracking events and their key data elements, in the order of 21 CFR 1.1325 to 1.1350.

`required` is what the rule asks of every record of that event; the rest is told where it applies.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Cte(StrEnum):
    """A critical tracking event."""

    HARVESTING = "Harvesting"
    COOLING = "Cooling"
    INITIAL_PACKING = "Initial packing"
    FIRST_LAND_BASED_RECEIVER = "First land-based receiver"
    SHIPPING = "Shipping"
    RECEIVING = "Receiving"
    TRANSFORMATION = "Transformation"


@dataclass(frozen=True, slots=True)
class Kde:
    """A key data element: its column and the paragraph that asks for it."""

    title: str
    clause: str
    required: bool = True


def _kdes(section: str, *titles: tuple[str, str], optional: frozenset[str]) -> tuple[Kde, ...]:
    return tuple(
        Kde(title, f"21 CFR {section}{paragraph}", title not in optional)
        for title, paragraph in titles
    )


TLC: Final = "Traceability lot code"
QUANTITY: Final = "Quantity"
UOM: Final = "Unit of measure"
PRODUCT: Final = "Product description"
COMMODITY: Final = "Commodity and variety"
RECIPIENT: Final = "Immediate subsequent recipient"
SOURCE: Final = "Immediate previous source"
FARM: Final = "Farm where harvested"
FIELD: Final = "Field or growing area"
HARVESTED: Final = "Date of harvesting"
COOLED_AT: Final = "Location where cooled"
COOLED: Final = "Date of cooling"
TLC_SOURCE: Final = "Traceability lot code source"
DOCUMENTS: Final = "Reference document type and number"
DATE: Final = "Date"
LOCATION: Final = "Location"
SPECIES: Final = "Species or acceptable market name"
CATCH_DATES: Final = "Harvest date range"
CATCH_ZONES: Final = "Harvest locations"
RECEIVED: Final = "Date received"
QUANTITY_RECEIVED: Final = "Quantity received"
UOM_RECEIVED: Final = "Unit of measure received"
HARVESTER: Final = "Harvester"
USED_TLC: Final = "Food used: traceability lot code"
USED_PRODUCT: Final = "Food used: product description"
USED_QUANTITY: Final = "Food used: quantity"
USED_UOM: Final = "Food used: unit of measure"
_OPTIONAL: Final = frozenset({TLC, FIELD, COOLED_AT, COOLED})
"""A lot code before initial packing, a field of a farm that has one, cooling that took place."""

COLUMNS: Final[dict[Cte, tuple[Kde, ...]]] = {
    Cte.HARVESTING: _kdes(
        "1.1325(a)", (TLC, ""), (RECIPIENT, "(1)(i)"), (COMMODITY, "(1)(ii)"),
        (QUANTITY, "(1)(iii)"), (UOM, "(1)(iii)"), (FARM, "(1)(iv)"), (FIELD, "(1)(v)"),
        (HARVESTED, "(1)(vii)"), (DOCUMENTS, "(1)(viii)"), optional=_OPTIONAL,
    ),
    Cte.COOLING: _kdes(
        "1.1325(b)", (TLC, ""), (RECIPIENT, "(1)(i)"), (COMMODITY, "(1)(ii)"),
        (QUANTITY, "(1)(iii)"), (UOM, "(1)(iii)"), (COOLED_AT, "(1)(iv)"), (COOLED, "(1)(v)"),
        (FARM, "(1)(vi)"), (DOCUMENTS, "(1)(vii)"), optional=frozenset({TLC}),
    ),
    Cte.INITIAL_PACKING: _kdes(
        "1.1330(a)", (COMMODITY, "(1)"), (RECEIVED, "(2)"), (QUANTITY_RECEIVED, "(3)"),
        (UOM_RECEIVED, "(3)"), (FARM, "(4)"), (FIELD, "(5)"), (HARVESTER, "(7)"),
        (HARVESTED, "(8)"), (COOLED_AT, "(9)"), (COOLED, "(10)"), (TLC, "(11)"),
        (PRODUCT, "(12)"), (QUANTITY, "(13)"), (UOM, "(13)"), (TLC_SOURCE, "(14)"),
        (DATE, "(15)"), (DOCUMENTS, "(16)"), optional=_OPTIONAL - {TLC},
    ),
    Cte.FIRST_LAND_BASED_RECEIVER: _kdes(
        "1.1335", (TLC, "(a)"), (SPECIES, "(b)"), (QUANTITY, "(c)"), (UOM, "(c)"),
        (CATCH_DATES, "(d)"), (CATCH_ZONES, "(d)"), (TLC_SOURCE, "(e)"), (DATE, "(f)"),
        (DOCUMENTS, "(g)"), optional=frozenset(),
    ),
    Cte.SHIPPING: _kdes(
        "1.1340(a)", (TLC, "(1)"), (QUANTITY, "(2)"), (UOM, "(2)"), (PRODUCT, "(3)"),
        (RECIPIENT, "(4)"), (LOCATION, "(5)"), (DATE, "(6)"), (TLC_SOURCE, "(7)"),
        (DOCUMENTS, "(8)"), optional=frozenset(),
    ),
    Cte.RECEIVING: _kdes(
        "1.1345(a)", (TLC, "(1)"), (QUANTITY, "(2)"), (UOM, "(2)"), (PRODUCT, "(3)"),
        (SOURCE, "(4)"), (LOCATION, "(5)"), (DATE, "(6)"), (TLC_SOURCE, "(7)"),
        (DOCUMENTS, "(8)"), optional=frozenset(),
    ),
    Cte.TRANSFORMATION: _kdes(
        "1.1350(a)", (USED_TLC, "(1)(i)"), (USED_PRODUCT, "(1)(ii)"), (USED_QUANTITY, "(1)(iii)"),
        (USED_UOM, "(1)(iii)"), (TLC, "(2)(i)"), (TLC_SOURCE, "(2)(ii)"), (DATE, "(2)(iii)"),
        (PRODUCT, "(2)(iv)"), (QUANTITY, "(2)(v)"), (UOM, "(2)(v)"), (DOCUMENTS, "(2)(vi)"),
        optional=frozenset(),
    ),
}  # fmt: skip

LOCATION_COLUMNS: Final = (
    Kde("GLN", "21 CFR 1.1310"),
    Kde("Business name", "21 CFR 1.1310"),
    Kde("Phone number", "21 CFR 1.1310"),
    Kde("Physical address", "21 CFR 1.1310"),
)
"""What a location description must say."""
