"""EPCIS events as UNTP 0.6.1 tells them.

given the salad's recorded events
└── each has the members that UNTP's data model gives its kind, and no others
given an event
├── actions are lower case, steps and dispositions URIs of CBV, in any spelling
├── its things stand in UNTP's lists, one by one or as quantities in their author's spelling
├── a parent is an item of its own
└── a transaction is one only between two named parties
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from api.exports import untp_events
from core.document.lexical import canonical, from_plain, parse
from scripts import story
from tests.api.exports.test_exports import SALAD, credential

if TYPE_CHECKING:
    from tests.api.conftest import Running

COMMON = {
    "type", "id", "processType", "eventTime", "action", "disposition", "bizStep", "bizLocation",
}  # fmt: skip
MEMBERS = {
    "ObjectEvent": {"epcList", "quantityList"},
    "AggregationEvent": {"parentEPC", "childEPCList", "childQuantityList"},
    "AssociationEvent": {"parentEPC", "childEPCList", "childQuantityList"},
    "TransactionEvent": {
        "sourceParty", "destinationParty", "bizTransaction", "epcList", "quantityList",
    },
    "TransformationEvent": {
        "inputEPCList", "outputEPCList", "inputQuantityList", "outputQuantityList",
    },
}  # fmt: skip
PALLET = "https://id.gs1.org/00/008600099999850000"
ITEM = "https://id.gs1.org/01/10860009998039/21/1"
CLASS = "https://id.gs1.org/01/10860009998039/10/L"


def told(**members: Any) -> dict[str, Any]:
    raw = from_plain({"type": "ObjectEvent", **members})
    assert isinstance(raw, dict)
    return untp_events.event(raw, "0x00", 0)


@pytest.mark.asyncio(loop_scope="session")
async def test_the_salads_events(salad: Running) -> None:
    found, text = await credential(salad, f"/credentials/dte{SALAD}")
    events = found["credentialSubject"]
    kinds = {event["type"][0] for event in events}
    assert kinds == {"ObjectEvent", "AggregationEvent", "TransformationEvent"}
    for event in events:
        assert set(event) <= COMMON | MEMBERS[event["type"][0]]
        assert set(event) & MEMBERS[event["type"][0]]
        assert event.get("action", "add") in {"add", "observe", "delete"}
    [made] = [
        e for e in events
        if e.get("outputQuantityList", [{}])[0].get("productId") == story.SALAD_LOT
    ]  # fmt: skip
    assert [one["quantity"] for one in made["inputQuantityList"]] == [100, 50]
    assert '"quantity":2000,' in text


def test_quantities_keep_their_spelling() -> None:
    raw = parse(
        f'{{"type":"ObjectEvent","quantityList":[{{"epcClass":"{CLASS}","quantity":2.50}}]}}'
    )
    assert isinstance(raw, dict)
    assert '"quantity":2.50' in canonical(untp_events.event(raw, "0x00", 0))


@pytest.mark.parametrize(
    "step",
    ["packing", "https://ref.gs1.org/cbv/BizStep-packing", "urn:epcglobal:cbv:bizstep:packing"],
)
def test_terms_are_uris_in_any_spelling(step: str) -> None:
    found = told(action="OBSERVE", bizStep=step, disposition="active")
    assert found["action"] == "observe"
    assert found["bizStep"] == "https://ref.gs1.org/cbv/BizStep-packing"
    assert found["disposition"] == "https://ref.gs1.org/cbv/Disp-active"
    assert found["processType"] == "packing"


def test_an_authors_own_step_stays() -> None:
    assert told(bizStep="https://example.org/steps/washing")["bizStep"].endswith("/washing")


def test_a_parent_is_an_item() -> None:
    packed = told(type="AggregationEvent", action="ADD", parentID=PALLET, childEPCs=[ITEM])
    assert packed["parentEPC"]["id"] == PALLET
    assert [one["id"] for one in packed["childEPCList"]] == [ITEM]


def ends(*kinds: str) -> dict[str, Any]:
    return {
        f"{end}List": [{"type": kind, end: f"https://id.gs1.org/417/{n}"} for kind in kinds]
        for n, end in enumerate(("source", "destination"))
    }


def test_a_transaction_names_two_parties() -> None:
    bill = [{"type": "inv", "bizTransaction": "urn:x:1"}]
    found = told(
        type="TransactionEvent", parentID=PALLET, epcList=[ITEM], bizTransactionList=bill,
        **ends("owning_party", "possessing_party"),
    )  # fmt: skip
    assert found["type"] == ["TransactionEvent", "Event"]
    assert (found["sourceParty"], found["destinationParty"]) == (
        "https://id.gs1.org/417/0", "https://id.gs1.org/417/1",
    )  # fmt: skip
    assert found["bizTransaction"] == "urn:x:1"
    assert [one["id"] for one in found["epcList"]] == [PALLET, ITEM]


def test_without_parties_it_is_what_happened_to_its_objects() -> None:
    bill = [{"type": "inv", "bizTransaction": "urn:x:1"}]
    found = told(type="TransactionEvent", epcList=[ITEM], bizTransactionList=bill)
    assert found["type"] == ["ObjectEvent", "Event"]
    assert set(found) <= COMMON | MEMBERS["ObjectEvent"]
