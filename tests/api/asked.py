"""What is asked of a grown mirror beside the lists of GraphQL: traces, recalls, EPCIS queries."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from api.passport.gather import gather
from api.queries import event_listing
from api.queries.event_search import search
from api.queries.master_data import resolved
from api.queries.snapshot import Snapshot
from api.subscriptions.fresh import fresh, settled_block
from core.crypto import to_hex
from core.epcis.query.parameters import read_query
from tests.api.grown import key

PRODUCT: Final = to_hex(key("product", 7))
_GRAPH: Final = (
    "totalNodes nodes{productId holder{name} product{seq}} links{dataHash} balances{state}"
)
_PAST: Final = "asOf:{eventTime:15000,recordTime:15000000}"
_WANTED: Final = f'id:"{PRODUCT}"'
TRACES: Final = {
    "traceBack": f"{{traceBack({_WANTED},depth:3){{{_GRAPH}}}}}",
    "traceBack(asOf)": f"{{traceBack({_WANTED},depth:3,{_PAST}){{{_GRAPH}}}}}",
    "traceForward": f"{{traceForward({_WANTED},depth:3){{{_GRAPH}}}}}",
    "recallScope": f"{{recallScope({_WANTED}){{{_GRAPH}}}}}",
    "recallScope(asOf)": f"{{recallScope({_WANTED},{_PAST}){{{_GRAPH}}}}}",
}
SGTIN: Final = "urn:epc:id:sgtin:0614141.107346.2017"
PLACE: Final = "urn:epc:id:sgln:0614141.07346.1234"
EPCIS: Final[Mapping[str, Sequence[str]]] = {
    "eventType": ["ObjectEvent"],
    "EQ_bizStep": ["shipping", "receiving"],
    "EQ_disposition": ["in_transit"],
    "EQ_readPoint": [PLACE],
    "EQ_bizLocation": [PLACE],
    "EQ_bizTransaction_po": ["http://acme.com/po/1"],
    "EQ_eventID": ["urn:event:a"],
    "MATCH_anyEPC": [SGTIN],
    "MATCH_epc": ["urn:epc:idpat:sgtin:0614141.107346.*"],
    "MATCH_epcClass": ["urn:epc:idpat:sgtin:0614141.*.*"],
    "EQ_quantity": ["200.5"],
    "GT_quantity": ["100"],
    "LE_percRank": ["50"],
    "GE_errorDeclarationTime": ["2026-05-01T00:00:00Z"],
    "EXISTS_errorDeclaration": ["true"],
    "EQ_ILMD_ex:lot": ["00123"],
    "GE_SENSORMETADATA_ex:level": ["3"],
    "GE_eventTime": ["1970-01-01T00:00:19Z"],
    "LT_recordTime": ["1970-01-01T00:01:00Z"],
    "orderBy": ["eventTime"],
}
"""One parameter of each kind that becomes SQL of its own, with a value."""
_LATE: Final = "1970-01-01T04:00:00Z"
TOGETHER: Final = (
    {"eventType": ["ObjectEvent"], "GT_quantity": ["100"], "EQ_bizStep": ["shipping"]},
    {"EQ_bizStep": ["shipping"], "maxEventCount": ["100"]},
    {"eventType": ["ObjectEvent"], "orderBy": ["eventTime"], "GE_recordTime": [_LATE]},
)

Question = Callable[[Snapshot], Awaitable[Any]]


def epcis() -> dict[str, Question]:
    """Name -> what asks it: each kind of parameter, pages, collections, subscriptions."""
    found = {f"EPCIS {name}": _query({name: given}) for name, given in EPCIS.items()}
    found |= {f"EPCIS {' and '.join(one)}": _query(one) for one in TOGETHER}
    pages = {"recordTime": (9_000, b"\7" * 32), "eventTime": (9_000, b"\7" * 32)}
    for order, after in pages.items():
        found[f"EPCIS page by {order}"] = _query({"orderBy": [order]}, after)
    for column in event_listing.COLUMNS[1:]:  # the standard lists the types of events
        found[f"EPCIS /{column}"] = _distinct(column)
    found["EPCIS /epcs"] = lambda snapshot: event_listing.epcs(snapshot, None, 31)
    found["EPCIS subscription"] = _fresh
    return found


def _query(given: Mapping[str, Sequence[str]], after: Any = None) -> Question:
    query = read_query(given, {"ex": "https://example.com/ns/"})
    return lambda snapshot: search(snapshot, query, 31, after)


def _distinct(column: str) -> Question:
    return lambda snapshot: event_listing.distinct(snapshot, column, None, 31)


async def _fresh(snapshot: Snapshot) -> None:
    query = await resolved(snapshot, read_query({"eventType": ["ObjectEvent"]}))
    await fresh(snapshot, query, 15_000_000, await settled_block(snapshot), 31)


async def passport(snapshot: Snapshot) -> None:
    """A product's page."""
    await gather(snapshot, "https://id.gs1.org/01/00000000000007/10/LOT7")
