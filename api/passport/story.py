"""The passport as data: what the page shows and what `application/json` answers."""

from typing import Any, Final

from api import links, words
from api.passport.gather import Gathered
from api.passport.journey import journey
from api.passport.notices import notices
from api.passport.sensors import sensors
from api.passport.told import Footprint, told, told_notice
from api.queries.certificates import Held
from core.crypto import cid_v1_raw, to_hex
from core.db.chain_tables import Recall
from core.epcis import identifiers
from core.errors import SmartRetailError


def story(gathered: Gathered, public_url: str) -> dict[str, Any]:
    """Everything, JSON-ready; quantities keep their author's letters."""
    steps = journey(gathered)
    return {
        "product": _product(gathered),
        "journey": steps,
        "sources": _sources(gathered),
        "certificates": _certificates(gathered),
        "issued": [_issued(gathered, held) for held in gathered.certificates],
        "carbon": _carbon(gathered),
        "recalls": _recalls(gathered),
        "sensors": sensors(gathered),
        "notices": notices(gathered, steps),
        "links": {
            "self": links.passport(public_url, gathered.uri),
            "proof": links.proof(public_url, gathered.uri),
            "qr": links.qr(public_url, gathered.uri),
            "events": links.events(public_url, gathered.uri),
        },
    }


def _product(gathered: Gathered) -> dict[str, Any]:
    row = gathered.product
    parts = _parts(gathered.uri)
    return {
        "uri": gathered.uri,
        "productId": to_hex(row.product_id),
        "title": words.thing(gathered.uri),
        **parts,
        "events": row.seq,
        "head": to_hex(row.head),
        "recallLevel": row.recall_level,
        "custodian": gathered.names.party(row.custodian),
        "parent": _parent(gathered),
        "state": "final" if gathered.meta.is_final(row.last_block) else "recorded",
    }


def _parent(gathered: Gathered) -> dict[str, str | None] | None:
    parent = gathered.product.parent_id
    if parent is None:
        return None
    uri = gathered.uris.get(parent)
    return {
        "productId": to_hex(parent),
        "uri": uri,
        "words": words.thing(uri) if uri else to_hex(parent),
    }


def _parts(uri: str) -> dict[str, str | None]:
    try:
        link = identifiers.parse(uri)
    except SmartRetailError:
        return dict.fromkeys(("gtin", "lot", "serial", "sscc"))
    return {
        "gtin": link.value if link.key == "01" else None,
        "lot": link.qualifier("10"),
        "serial": link.qualifier("21"),
        "sscc": link.value if link.key == "00" else None,
    }


def _sources(gathered: Gathered) -> list[dict[str, Any]]:
    recalled = {row.product_id: row.level for row in gathered.recalls}  # the last word counts
    return [
        {
            "uri": edge.source_uri,
            "words": words.thing(edge.source_uri),
            "of": gathered.uris.get(edge.product_id),
            "relation": "ingredient" if edge.relation == "input" else "container",
            "amount": words.amount(edge.quantity, edge.uom),
            "quantity": edge.quantity,
            "uom": edge.uom,
            "depth": edge.depth,
            "confirmed": edge.confirmed,
            "recallLevel": recalled.get(edge.source_id, 0),
        }
        for edge in gathered.links_back()
    ]


def _certificates(gathered: Gathered) -> list[dict[str, Any]]:
    found = []
    for event in gathered.events:
        if event.product_id != gathered.product.product_id:
            continue
        for reference in told(gathered.documents.get(event.data_hash)).certificates:
            found.append(
                {
                    "reference": reference,
                    "by": gathered.names.of(event.actor),
                    "dataHash": to_hex(event.data_hash),
                }
            )
    return found


_VALIDITY: Final = {
    "valid": "valid",
    "not_yet_valid": "not valid yet",
    "expired": "expired",
    "revoked": "revoked",
}


def _issued(gathered: Gathered, held: Held) -> dict[str, Any]:
    """A certificate that a registered certifier put on chain."""
    row, revoked = held.certificate, held.revocation
    return {
        "certificateId": to_hex(row.certificate_id),
        "by": gathered.names.of(row.certifier),
        "state": held.state,
        "words": _VALIDITY[held.state],
        "validFrom": words.moment(row.valid_from * 1000),
        "validTo": words.moment(row.valid_to * 1000),
        "documentCid": cid_v1_raw(row.document_hash),
        "blockNumber": row.block_number,
        "revokedInBlock": revoked.block_number if revoked else None,
    }


def _carbon(gathered: Gathered) -> dict[str, Any]:
    """The latest stated footprint beside what was retired for it; grams against kilograms."""
    footprint = _latest_footprint(gathered)
    retired = sum(int(row.amount) for row in gathered.retirements)
    grams = footprint.grams if footprint else None
    return {
        "footprint": footprint
        and {
            "co2eGrams": grams,
            "standard": footprint.standard,
            "functionalUnit": footprint.functional_unit,
            "primaryDataShare": None
            if footprint.primary_share is None
            else format(footprint.primary_share, "f"),
        },
        "retiredKg": str(retired),
        "covered": grams is not None and retired > 0 and retired * 1000 >= grams,
        "retirements": [
            {
                "retirementId": row.retirement_id,
                "creditId": to_hex(row.credit_id),
                "amountKg": row.amount,
                "beneficiary": to_hex(row.beneficiary),
                "blockNumber": row.block_number,
                "transactionHash": to_hex(row.tx_hash),
                "state": "final" if gathered.meta.is_final(row.block_number) else "recorded",
            }
            for row in gathered.retirements
        ],
    }


def _latest_footprint(gathered: Gathered) -> Footprint | None:
    mine = [e for e in gathered.events if e.product_id == gathered.product.product_id]
    stated = (told(gathered.documents.get(event.data_hash)).footprint for event in reversed(mine))
    return next((found for found in stated if found), None)


def _recalls(gathered: Gathered) -> list[dict[str, Any]]:
    """Each recall, with what lifted it or made it more severe; a lifting is no recall itself."""
    found: list[dict[str, Any]] = []
    open_: dict[bytes, dict[str, Any]] = {}
    for row in gathered.recalls:
        before = open_.pop(row.product_id, None)
        if row.level == 0:
            if before is not None:
                before["lifted"] = _lifted(gathered, row)
            continue
        if before is not None:
            before["replaced"] = True
        open_[row.product_id] = _recall(gathered, row)
        found.append(open_[row.product_id])
    return found


def _lifted(gathered: Gathered, row: Recall) -> dict[str, Any]:
    notice = told_notice(gathered.documents.get(row.notice_hash))
    return {
        "reason": notice.text("reason"),
        "by": gathered.names.of(row.actor),
        "when": words.local_time(row.occurred_at, None),
        "blockNumber": row.block_number,
        "noticeCid": cid_v1_raw(row.notice_hash),
    }


def _recall(gathered: Gathered, row: Recall) -> dict[str, Any]:
    notice = told_notice(gathered.documents.get(row.notice_hash))
    uri = gathered.uris.get(row.product_id)
    return {
        "product": uri,
        "words": words.thing(uri) if uri else to_hex(row.product_id),
        "ofThisProduct": row.product_id == gathered.product.product_id,
        "level": row.level,
        "reason": notice.text("reason"),
        "action": notice.text("action"),
        "by": gathered.names.of(row.actor),
        "when": words.local_time(row.occurred_at, None),
        "blockNumber": row.block_number,
        "noticeCid": cid_v1_raw(row.notice_hash),
        "lifted": None,
        "replaced": False,
    }
