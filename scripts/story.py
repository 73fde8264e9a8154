"""The demo's story as data: who takes part, what they record, in which order.

The events are real FSMA 204 examples (scripts/scenario/SOURCES.md); a step names the file, the
event in it, who signs, and for a hand-over who receives which product.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from core.chain.keys import Actor
from core.types import ProductUri, Role

SCENARIO: Final = Path(__file__).parent / "scenario"
_GS1: Final = "https://id.gs1.org"

HARVEST_LOT: Final = ProductUri(f"{_GS1}/01/00860009999923/10/ABC1234")
CASE_LOT: Final = ProductUri(f"{_GS1}/01/10860009999920/10/ABC1234")
SECOND_LOT: Final = ProductUri(f"{_GS1}/01/10860009999920/10/ABC5678")
PALLET: Final = ProductUri(f"{_GS1}/00/008600099999850000")
SALAD_LOT: Final = ProductUri(f"{_GS1}/01/10860009998039/10/SALAD-20260420-A")
TRUCK_SENSOR: Final = f"{_GS1}/8004/0860009996TRUCK01"


@dataclass(frozen=True)
class Party:
    """A demo actor as ActorRegistry shows it."""

    actor: Actor
    role: Role
    gln: str
    name: str

    @property
    def identifier(self) -> str:
        return f"{_GS1}/417/{self.gln}"


PARTIES: Final = (
    Party(Actor.FARM, Role.SUPPLIER, "0860009999060", "Sunrise Valley Farm LLC"),
    Party(Actor.COOLER, Role.SUPPLIER, "0860009999077", "Valley Cooling"),
    Party(Actor.PACKER, Role.SUPPLIER, "0860009999992", "Greenleaf Packing"),
    Party(Actor.CARRIER, Role.CARRIER, "0860009996007", "Northern Reefer Lines"),
    Party(Actor.DISTRIBUTOR, Role.SUPPLIER, "0860009998001", "Fresh Distribution Centre"),
    Party(Actor.PROCESSOR, Role.SUPPLIER, "0860009998018", "Fresh Salad Kitchen"),
)


@dataclass(frozen=True)
class Step:
    """One captured event."""

    key: str
    """Stable name; the demo resumes by it."""
    file: str
    event: int
    """Position in the file's eventList, from 0."""
    actor: Actor
    to: Actor | None = None
    """The receiver, when this is a hand-over."""
    product: ProductUri | None = None
    """Which product changes hands."""


def _handover(key: str, file: str, event: int, parties: tuple[Actor, Actor], product: str) -> Step:
    return Step(key, file, event, parties[0], parties[1], ProductUri(product))


FARM, COOLER, PACKER = Actor.FARM, Actor.COOLER, Actor.PACKER
CARRIER, DISTRIBUTOR, PROCESSOR = Actor.CARRIER, Actor.DISTRIBUTOR, Actor.PROCESSOR

BEFORE_TRANSPORT: Final = (
    Step("harvest", "harvest-cte.jsonld", 0, FARM),
    Step("leaves-farm", "harvest-cte.jsonld", 1, FARM),
    _handover("to-cooler", "cooling-cte.jsonld", 0, (FARM, COOLER), HARVEST_LOT),
    Step("cooling", "cooling-cte.jsonld", 1, COOLER),
    Step("leaves-cooler", "cooling-cte.jsonld", 2, COOLER),
    _handover("to-packer", "initial-packing-cte.jsonld", 2, (COOLER, PACKER), HARVEST_LOT),
    Step("packing", "initial-packing-cte.jsonld", 4, PACKER),
    Step("palletising", "shipping-cte.jsonld", 1, PACKER),
    _handover("to-carrier", "shipping-cte.jsonld", 2, (PACKER, CARRIER), PALLET),
)
"""Up to the moment the pallet is on the truck, whose sensor then reports."""

AFTER_TRANSPORT: Final = (
    _handover("pallet-arrives", "receiving-cte.jsonld", 1, (CARRIER, DISTRIBUTOR), PALLET),
    _handover("lot-arrives", "receiving-cte.jsonld", 1, (PACKER, DISTRIBUTOR), CASE_LOT),
    _handover("to-kitchen", "own/kitchen-receiving.jsonld", 0, (DISTRIBUTOR, PROCESSOR), CASE_LOT),
    Step("salad", "transformation-cte.jsonld", 0, PROCESSOR),
    Step("certificate", "own/certificate.jsonld", 0, PROCESSOR),
    Step("footprint", "own/footprint.jsonld", 0, PROCESSOR),
)

CREDIT_PROJECT: Final = "SAMPLE-REGISTRY-4711"
CREDIT_VINTAGE: Final = 2025
CREDIT_SERIALS: Final = (1, 5001)
"""Serial range in kg, end exclusive: five tonnes."""
CREDIT_BUFFER_SHARE: Final = 1_000
"""Of 1/10,000: 500 kg of the five tonnes are set aside against reversals."""
CREDIT_ORIGIN: Final = 1
"""ICarbonToken.Origin.IMMOBILISED: locked in their registry."""
RETIRED_KG: Final = 1240
"""What the kitchen retires for the salad lot: its whole footprint of 1,240,000 g."""
FOOTPRINT_ID: Final = UUID("6c1bb2f0-5b0a-4f0c-9a54-5f3f2a1d7c11")
"""`id` of the salad lot's PACT footprint; own/footprint.jsonld names it too."""
FOOTPRINT_DOCUMENT: Final = "own/footprint-pact.json"
