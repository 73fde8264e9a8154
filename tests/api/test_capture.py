"""From an EPCIS document to final, and every way it can be refused before it costs anything."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from eth_account import Account
from eth_account.messages import encode_typed_data

from core.chain import keys
from core.chain.keys import Actor
from core.crypto import address_of, to_hex

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONTEXT = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]
ORDER = int("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141", 16)


def event(lot: str, **changes: Any) -> dict[str, Any]:
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-04-17T09:26:42-04:00",
        "eventTimeZoneOffset": "-04:00",
        "action": "ADD",
        "bizStep": "creating_class_instance",
        "disposition": "active",
        "readPoint": {"id": "https://id.gs1.org/414/0860009999060"},
        "quantityList": [
            {
                "epcClass": f"https://id.gs1.org/01/00860009999923/10/{lot}",
                "quantity": 25000,
                "uom": "LBR",
            }
        ],
    } | changes


def document(*events: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "@context": CONTEXT,
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-04-17T11:26:42-04:00",
            "epcisBody": {"eventList": list(events)},
        }
    ).encode()


def key(who: Actor, running: Running) -> bytes:
    return keys.account(running.settings, who)


def address(who: Actor, running: Running) -> str:
    return to_hex(address_of(key(who, running)))


def signed(captured: dict[str, Any], who: Actor, running: Running) -> str:
    """Signed by an independent implementation of EIP-712, as a wallet would."""
    message = encode_typed_data(full_message=captured["typedData"])
    return str(to_hex(bytes(Account.sign_message(message, key(who, running)).signature)))


async def prepared(
    running: Running, body: bytes, who: Actor = Actor.FARM, **params: str
) -> list[dict[str, Any]]:
    params = {"actor": address(who, running)} | params
    answer = await running.http.post("/capture", content=body, params=params)
    assert answer.status_code == 201, answer.text
    return list(answer.json()["events"])


async def submit(running: Running, captured: dict[str, Any], **body: str) -> Any:
    return await running.http.post(f"/capture/{captured['id']}/signature", json=body)


async def until(running: Running, capture_id: str, *states: str) -> dict[str, Any]:
    while True:
        found = dict((await running.http.get(f"/capture/{capture_id}")).json())
        if found["state"] in states:
            return found
        assert found["state"] != "failed", found
        await asyncio.sleep(0.05)


async def recorded(running: Running, body: bytes, who: Actor = Actor.FARM) -> dict[str, Any]:
    [captured] = await prepared(running, body, who)
    await submit(running, captured, signature=signed(captured, who, running))
    return await until(running, captured["id"], "recorded", "final")


XML = """<?xml version="1.0" encoding="UTF-8"?>
<epcis:EPCISDocument xmlns:epcis="urn:epcglobal:epcis:xsd:1" xmlns:farm="https://farm.example/"
    schemaVersion="1.2" creationDate="2026-04-17T11:26:42-04:00"><EPCISBody><EventList>
<ObjectEvent><eventTime>2026-04-17T09:26:42-04:00</eventTime>
  <eventTimeZoneOffset>-04:00</eventTimeZoneOffset><epcList/><action>ADD</action>
  <bizStep>urn:epcglobal:cbv:bizstep:creating_class_instance</bizStep>
  <readPoint><id>urn:epc:id:sgln:0860009.99906.0</id></readPoint>
  <extension><quantityList><quantityElement>
    <epcClass>urn:epc:class:lgtin:0860009.099992.XML1</epcClass>
    <quantity>25000.50</quantity><uom>LBR</uom>
  </quantityElement></quantityList></extension>
  <farm:field>00123</farm:field>
</ObjectEvent></EventList></EPCISBody></epcis:EPCISDocument>"""


async def test_xml_of_1_2_comes_back_without_loss(running: Running) -> None:
    await recorded(running, XML.encode())
    lot = {"MATCH_anyEPCClass": "urn:epc:class:lgtin:0860009.099992.XML1"}
    async with asyncio.timeout(20):
        while "XML1" not in (found := (await running.http.get("/events", params=lot)).text):
            await asyncio.sleep(0.1)
    assert '"quantity":25000.50' in found
    assert '"farm:field":"00123"' in found


async def test_the_sentence_says_what_is_signed(running: Running) -> None:
    [captured] = await prepared(running, document(event("WORDS1")))
    assert captured["sentence"] == (
        "You, Sunrise Valley Farm LLC, record: created as a lot 25000 lb of lot WORDS1 "
        "(GTIN 00860009999923) at Sunrise Valley Farm LLC (0860009999060), "
        "17 April 2026, 09:26 (UTC-04:00)."
    )
    assert captured["state"] == "captured"
    assert captured["typedData"]["primaryType"] == "Record"


async def test_the_sentence_hides_no_claim(running: Running) -> None:
    claims = {
        "certificationInfo": ["https://certifier.example/7"],
        "sr360:carbonFootprint": {"sr360:co2eGrams": 1240},
    }
    body = json.loads(document(event("CLAIM1") | claims))
    body["@context"].append({"sr360": "https://smartretail360.example/voc/"})
    [captured] = await prepared(running, json.dumps(body).encode())
    assert "; naming the certificate https://certifier.example/7" in captured["sentence"]
    assert "; stating a carbon footprint of 1240 g CO2e." in captured["sentence"]


async def test_from_captured_to_final(running: Running) -> None:
    [captured] = await prepared(running, document(event("FINAL1")))
    answer = await submit(running, captured, signature=signed(captured, Actor.FARM, running))
    assert answer.json()["state"] in ("signed", "recorded")
    found = await until(running, captured["id"], "recorded", "final")
    receipt = await running.rpc.call("eth_getTransactionReceipt", found["transactionHash"])
    assert int(receipt["blockNumber"], 16) == found["blockNumber"]
    assert captured["dataHash"] in [topic for log in receipt["logs"] for topic in log["topics"]]
    await running.rpc.call("anvil_mine", "0x3")
    await until(running, captured["id"], "final")
    payload = await running.ipfs.get_block(captured["cid"])
    assert json.loads(payload)["bundles"]["public"]


async def test_stream_ends_with_final(running: Running) -> None:
    [captured] = await prepared(running, document(event("STREAM1")))
    states = []
    async with running.http.stream("GET", f"/capture/{captured['id']}/events") as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                states.append(json.loads(line[6:])["state"])
                if states == ["captured"]:
                    signature = signed(captured, Actor.FARM, running)
                    await submit(running, captured, signature=signature)
                if states[-1] == "recorded":
                    await running.rpc.call("anvil_mine", "0x3")
    assert states[0] == "captured"
    assert states[-1] == "final"


async def test_two_events_of_one_lot_are_signed_in_one_sitting(running: Running) -> None:
    later = event("CHAIN1", action="OBSERVE", bizStep="transporting", disposition="in_transit")
    first, second = await prepared(running, document(event("CHAIN1"), later))
    answers = [
        await submit(running, captured, signature=signed(captured, Actor.FARM, running))
        for captured in (first, second)
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    await until(running, second["id"], "recorded", "final")


async def test_handover_needs_both_signatures_in_any_order(running: Running) -> None:
    await recorded(running, document(event("HAND1")))
    observed = event("HAND1", action="OBSERVE", bizStep="receiving", disposition="in_progress")
    [captured] = await prepared(
        running, document(observed), counterparty=address(Actor.COOLER, running)
    )
    assert captured["sentence"].startswith(
        "You, Sunrise Valley Farm LLC, hand lot HAND1 (GTIN 00860009999923) over to "
        "Valley Cooling, who signs too: received 25000 lb"
    )
    answer = await submit(
        running, captured, counterSignature=signed(captured, Actor.COOLER, running)
    )
    assert answer.json()["state"] == "captured"
    assert answer.json()["counterparty"]["signed"]
    answer = await submit(running, captured, signature=signed(captured, Actor.FARM, running))
    await until(running, captured["id"], "recorded", "final")
    refused = await running.http.post(
        "/capture", content=document(observed), params={"actor": address(Actor.FARM, running)}
    )
    assert (refused.status_code, refused.json()["code"]) == (403, "not_custodian")
    assert "0x" in refused.json()["detail"]


async def test_not_custodian_is_said_before_signing(running: Running) -> None:
    await recorded(running, document(event("OTHER1")))
    answer = await running.http.post(
        "/capture",
        content=document(event("OTHER1", action="OBSERVE")),
        params={"actor": address(Actor.PACKER, running)},
    )
    assert answer.status_code == 403
    problem = answer.json()
    assert problem["code"] == "not_custodian"
    assert problem["pointer"] == "/epcisBody/eventList/0"
    assert "handover" in problem["hint"]


async def test_stale_head_is_said_before_relaying(running: Running) -> None:
    [one] = await prepared(running, document(event("STALE1")))
    [two] = await prepared(running, document(event("STALE1")))
    await submit(running, one, signature=signed(one, Actor.FARM, running))
    await until(running, one["id"], "recorded", "final")
    answer = await submit(running, two, signature=signed(two, Actor.FARM, running))
    assert (answer.status_code, answer.json()["code"]) == (409, "stale_head")
    assert (await running.http.get(f"/capture/{two['id']}")).json()["state"] == "captured"


async def test_expired(running: Running) -> None:
    [captured] = await prepared(running, document(event("LATE1")))
    signature = signed(captured, Actor.FARM, running)
    snapshot = await running.rpc.call("evm_snapshot")
    try:
        await running.rpc.call("evm_increaseTime", 7200)
        await running.rpc.call("anvil_mine", "0x1")
        answer = await submit(running, captured, signature=signature)
        assert (answer.status_code, answer.json()["code"]) == (400, "expired")
    finally:
        await running.rpc.call("evm_revert", snapshot)


async def test_wrong_and_malleable_signatures(running: Running) -> None:
    [captured] = await prepared(running, document(event("SIG1")))
    good = bytes.fromhex(signed(captured, Actor.FARM, running)[2:])
    high_s = (ORDER - int.from_bytes(good[32:64], "big")).to_bytes(32, "big")
    wrong = [
        signed(captured, Actor.PACKER, running),
        to_hex(good[:32] + high_s + bytes([55 - good[64]])),
        to_hex(good[:-1]),
        "0x" + "00" * 65,
        "not hex",
    ]
    for signature in wrong:
        answer = await submit(running, captured, signature=signature)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_signature"), signature
        assert answer.json()["pointer"] == "/signature"
    other = await submit(running, captured, counterSignature=to_hex(good))
    assert other.json()["code"] == "invalid_signature"
    recovery_zero = to_hex(good[:64] + bytes([good[64] - 27]))
    assert (await submit(running, captured, signature=recovery_zero)).status_code == 200


async def test_a_replayed_signature_changes_nothing(running: Running) -> None:
    found = await recorded(running, document(event("REPLAY1")))
    again = await submit(running, found, signature=signed(found, Actor.FARM, running))
    assert again.status_code == 200
    assert again.json()["transactionHash"] == found["transactionHash"]
    [fresh] = await prepared(running, document(event("REPLAY1", action="OBSERVE")))
    answer = await submit(running, fresh, signature=signed(found, Actor.FARM, running))
    assert answer.json()["code"] == "invalid_signature"


async def test_idempotency_key(running: Running) -> None:
    async def post(body: bytes, name: str) -> Any:
        return await running.http.post(
            "/capture",
            content=body,
            params={"actor": address(Actor.FARM, running)},
            headers={"idempotency-key": name},
        )

    body = document(event("IDEM1"), event("IDEM2"))
    answers = await asyncio.gather(*(post(body, "k1") for _ in range(5)))
    ids = [[captured["id"] for captured in answer.json()["events"]] for answer in answers]
    assert len(ids[0]) == 2
    assert all(found == ids[0] for found in ids)
    other = await post(document(event("IDEM3")), "k1")
    assert (other.status_code, other.json()["code"]) == (409, "already_exists")
    assert (await post(document(event("IDEM3")), "k2")).status_code == 201


async def test_all_issues_at_once(running: Running) -> None:
    bad = event("X", eventTime="yesterday", bizStep="teleporting")
    bad["quantityList"][0]["epcClass"] = "https://id.gs1.org/01/00860009999924/10/X"
    answer = await running.http.post(
        "/capture", content=document(bad), params={"actor": address(Actor.FARM, running)}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_document")
    pointers = {issue["pointer"] for issue in answer.json()["issues"]}
    assert "/epcisBody/eventList/0/eventTime" in pointers
    assert "/epcisBody/eventList/0/quantityList/0/epcClass" in pointers
    assert all(issue["hint"] for issue in answer.json()["issues"])


@pytest.mark.parametrize("time", ["2199-01-01T00:00:00Z", "9999-12-31T23:59:59-12:00"])
async def test_future_event(running: Running, time: str) -> None:
    answer = await running.http.post(
        "/capture",
        content=document(event("SOON1", eventTime=time)),
        params={"actor": address(Actor.FARM, running)},
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_input")
    assert answer.json()["pointer"] == "/epcisBody/eventList/0/eventTime"


async def test_recall_by_its_holder_only(running: Running) -> None:
    await recorded(running, document(event("RECALL1")))
    body = {
        "product": "https://id.gs1.org/01/00860009999923/10/RECALL1",
        "level": 1,
        "notice": {"reason": "Glass"},
    }
    stranger = {"actor": address(Actor.PACKER, running)}
    refused = await running.http.post("/recall", json=body | stranger)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_custodian")
    answer = await running.http.post("/recall", json=body | {"actor": address(Actor.FARM, running)})
    captured = answer.json()
    assert "class I" in captured["sentence"]
    assert "Glass" in captured["sentence"]
    await submit(running, captured, signature=signed(captured, Actor.FARM, running))
    await until(running, captured["id"], "recorded", "final")
    observed = event("RECALL1", action="OBSERVE", bizStep="receiving", disposition="in_progress")
    answer = await running.http.post(
        "/capture",
        content=document(observed),
        params={
            "actor": address(Actor.FARM, running),
            "counterparty": address(Actor.COOLER, running),
        },
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "product_recalled")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"level": 4}, 400),
        ({"level": "1"}, 400),
        ({"product": "https://id.gs1.org/01/00860009999924/10/X"}, 400),
        ({"product": "https://id.gs1.org/01/00860009999923/10/NEVER"}, 404),
        ({"notice": None}, 400),
        ({"notice": {"share": 0.5}}, 400),
        ({"actor": "0x12"}, 400),
        ({"unknown": 1}, 400),
    ],
)
async def test_bad_recalls(running: Running, change: dict[str, Any], status: int) -> None:
    body = {
        "actor": address(Actor.FARM, running),
        "product": "https://id.gs1.org/01/00860009999923/10/NEVER",
        "level": 1,
        "notice": {"reason": "Glass"},
    }
    answer = await running.http.post("/recall", json=body | change)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_by_graphql_too(running: Running) -> None:
    prepare = """mutation($d:String!,$a:Address!){prepareCapture(document:$d,actor:$a){__typename
        ...on Captures{events{id sentence typedData}} ...on Problem{code message hint}}}"""
    variables = {"d": document(event("GQL1")).decode(), "a": address(Actor.FARM, running)}
    answer = await running.http.post("/graphql", json={"query": prepare, "variables": variables})
    [captured] = answer.json()["data"]["prepareCapture"]["events"]
    captured["typedData"] = json.loads(captured["typedData"])
    query = """mutation($i:ID!,$s:String){submitSignature(id:$i,signature:$s){__typename
        ...on Capture{state} ...on Problem{code pointer}}}"""
    for signature, expected in (
        ("0x00", {"__typename": "Problem", "code": "invalid_signature", "pointer": "/signature"}),
        (signed(captured, Actor.FARM, running), None),
    ):
        answer = await running.http.post(
            "/graphql",
            json={"query": query, "variables": {"i": captured["id"], "s": signature}},
        )
        found = answer.json()["data"]["submitSignature"]
        assert expected is None or found == expected
    assert found["__typename"] == "Capture"
    await until(running, captured["id"], "recorded", "final")


async def test_signed_before_a_crash_is_relayed_after_it(running: Running) -> None:
    """A capture that was released, but whose transaction was never queued."""
    from api.capture.store import Captures
    from core.crypto.structs import supply_chain_domain

    [captured] = await prepared(running, document(event("CRASH1")))
    domain = supply_chain_domain(31337, running.deployment.supply_chain)
    captures = Captures(running.database, domain)
    signature = bytes.fromhex(signed(captured, Actor.FARM, running)[2:])
    await captures.sign(captured["id"], signature, None)
    await captures.release(captured["id"], f"capture:{captured['id']}")
    assert (await running.http.get(f"/capture/{captured['id']}")).json()["state"] == "signed"
    import api.main

    rpc, ipfs = running.rpc, running.ipfs
    sender = api.main._sender(running.settings, rpc, running.database)
    services = api.main.assemble(
        running.settings, running.deployment, running.database, rpc, ipfs, sender
    )
    assert await services.captures.resume() == 1
    await until(running, captured["id"], "recorded", "final")
    assert await services.captures.resume() == 0
