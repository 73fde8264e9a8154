"""The committed vectors: Python says what they say; vitest holds TypeScript to the same files."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.chain.bindings import actor_registry, carbon_token, sensor_oracle, supply_chain
from core.chain.proof import bundle as proofs
from core.chain.proof.model import Contracts, Trusted
from core.chain.proof.verdict import Status
from core.crypto import from_hex
from core.document import open_document, parse
from core.document.event_time import event_time_ms
from core.epcis.timestamps import to_millis
from core.errors import InvalidIdentifier, Malformed
from core.types import Address
from scripts import vectors
from scripts.vectors_proof import Replay, apply, judge

ROOT = Path(__file__).resolve().parent.parent.parent
PROOF = json.loads((vectors.FOLDER / "proof.json").read_text())
CASES = {case["name"]: case for case in PROOF["cases"]}
REFUSED = json.loads((vectors.FOLDER / "refused.json").read_text())


@pytest.fixture(scope="module")
def static() -> dict[str, Any]:
    return vectors.static()


@pytest.mark.parametrize("name", sorted(p.name for p in vectors.FOLDER.glob("*.json")))
def test_committed_vectors_are_current(name: str, static: dict[str, Any]) -> None:
    if name == "proof.json":
        assert name not in static
    else:
        committed = (vectors.FOLDER / name).read_text()
        assert committed == vectors.text_of(static[name]), "run `python -m scripts.vectors`"


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_refused_documents_do_not_open(case: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        open_document(case["payload"].encode(), case["disclosures"])


@pytest.mark.parametrize("text", vectors.vectors_refused.TEXTS.values())
def test_refused_texts_are_not_read(text: str) -> None:
    with pytest.raises(Malformed):
        parse(text)


@pytest.mark.parametrize("name", CASES)
async def test_the_recorded_chain_gives_the_recorded_findings(name: str) -> None:
    case = CASES[name]
    rpc = Replay(PROOF["rpc"]) if case["rpc"] else None
    changes = [(pointer, value) for pointer, value in case["changes"]]
    given = await judge(
        name, (PROOF["bundle"], changes), rpc, trusted() if case["trusted"] else None
    )
    assert json.loads(json.dumps(given)) == case


@pytest.mark.parametrize("name", [n for n, c in CASES.items() if c["changes"]])
def test_no_recorded_tampering_stays_without_a_finding(name: str) -> None:
    case = CASES[name]
    if name == "a disclosure left out":
        assert [f["name"] for f in case["findings"]].count("document.withheld") == 2
    else:
        assert case["status"] in ("bad", "unchecked")
        assert any(finding["status"] != "note" for finding in case["findings"])


@pytest.mark.parametrize("text", vectors.vectors_refused.TIMES)
def test_a_time_the_capture_accepts_is_the_same_time_to_a_verifier(text: str) -> None:
    try:
        captured = to_millis(text)
    except InvalidIdentifier:
        return
    assert event_time_ms(text) == captured


def test_the_typescript_topics_are_those_of_the_abi() -> None:
    source = (ROOT / "web/src/lib/verify/topics.ts").read_text()
    stated = dict(re.findall(r'export const (\w+) = "0x([0-9a-f]{64})";', source))
    events = {
        "EVENT_RECORDED": supply_chain.EventRecorded,
        "CUSTODY_TRANSFERRED": supply_chain.CustodyTransferred,
        "PRODUCT_RECALLED": supply_chain.ProductRecalled,
        "EVENT_CORRECTED": supply_chain.EventCorrected,
        "PRODUCT_PACKED": supply_chain.ProductPacked,
        "PRODUCT_UNPACKED": supply_chain.ProductUnpacked,
        "RECALL_CLOSED": supply_chain.RecallClosed,
        "DELEGATE_SET": supply_chain.DelegateSet,
        "BATCH_ATTESTED": sensor_oracle.BatchAttested,
        "CREDIT_RETIRED": carbon_token.CreditRetired,
        "ACTOR_REGISTERED": actor_registry.ActorRegistered,
        "ACTOR_REVOKED": actor_registry.ActorRevoked,
    }
    assert stated == {name: event.TOPIC0.hex() for name, event in events.items()}


def trusted() -> Trusted:
    stated = PROOF["trusted"]
    at = {name: Address(from_hex(text)) for name, text in stated["contracts"].items()}
    return proofs.Trusted(
        chain_id=stated["chainId"],
        contracts=Contracts(
            supply_chain=at["supplyChain"],
            sensor_oracle=at["sensorOracle"],
            carbon_token=at["carbonToken"],
            actor_registry=at["actorRegistry"],
        ),
        supply_chain_code_hash=from_hex(stated["supplyChainCodeHash"]),
        start_block=stated["startBlock"],
    )


def leaves(value: Any, pointer: str = "") -> Iterator[tuple[str, Any]]:
    """Every scalar of a bundle with its JSON pointer."""
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for name, item in items:
            yield from leaves(item, f"{pointer}/{name}")
    else:
        yield pointer, value


def other(value: Any) -> Any:
    """A value of the same form that is not this one."""
    if isinstance(value, int):
        return value + 1
    if value is None or value == "0x":
        return "0x00"
    return value[:-1] + ("1" if value[-1] == "0" else "0")


async def test_no_value_of_a_bundle_can_be_altered_unnoticed() -> None:
    unnoticed = []
    rpc, known = Replay(PROOF["rpc"]), trusted()
    every = list(leaves(PROOF["bundle"]))
    assert len(every) > 150
    for pointer, value in every:
        changed = apply(PROOF["bundle"], [(pointer, other(value))])
        verdict = await proofs.verify(json.dumps(changed).encode(), rpc, known)
        if verdict.status is Status.OK:
            unnoticed.append(pointer)
    assert unnoticed == []
