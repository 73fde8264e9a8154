"""What the complete contracts tell, read over GraphQL and on the passport, from rows made here.

given a case on a pallet, corrected, recalled and cleared again
├── GraphQL tells container and content, the correction both ways, and the end of the recall
├── the passport says the same in words
├── an offer stands as the chain left it
├── a certificate is valid, expired or revoked
└── mass, lent keys, deliveries and anchors can be read
"""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from api.graphql.context import Context
from api.graphql.schema import schema
from api.passport import page
from api.passport.gather import gather
from api.passport.story import story
from api.queries.snapshot import Snapshot
from core.config import Settings
from core.crypto import keccak256, to_hex
from core.db import Database, Writes, open_database
from core.db import chain_tables as t
from core.types import EventKind

CASE_URI = "https://id.gs1.org/01/10860009999920/10/ABC1234"
PALLET_URI = "https://id.gs1.org/00/008600099999850000"
CASE, PALLET = (keccak256(uri.encode()) for uri in (CASE_URI, PALLET_URI))
CARRIER, FARM, CERTIFIER = (bytes([n]) * 20 for n in (1, 2, 3))
NOBODY, WORD = bytes(20), b"\x07" * 32
NOW_S = 1_776_643_200


def entry(at: int, seq: int, kind: int, *, product: bytes = CASE, **said: Any) -> t.Event:
    given = {"counterparty": NOBODY, "data_hash": keccak256(b"%d" % at)} | said
    return t.Event(
        block_number=at, log_index=0, tx_hash=WORD, product_id=product, seq=seq, kind=kind,
        actor=CARRIER, occurred_at=NOW_S * 1000 + at, head=head(seq), **given,
    )  # fmt: skip


def head(seq: int) -> bytes:
    return seq.to_bytes(8, "big") + b"\x09" * 24


def recall(at: int, seq: int, level: int) -> t.Recall:
    return t.Recall(
        block_number=at, log_index=0, product_id=CASE, seq=seq, actor=FARM, level=level,
        notice_hash=keccak256(b"%d" % at), occurred_at=NOW_S * 1000,
    )  # fmt: skip


def offer(at: int, seq: int, deadline: int = NOW_S + 60) -> t.HandoverOffer:
    return t.HandoverOffer(
        block_number=at, log_index=0, tx_hash=WORD, product_id=PALLET, from_actor=CARRIER,
        to_actor=FARM, data_hash=WORD, occurred_at=0, deadline=deadline, prev_head=head(seq),
    )  # fmt: skip


def certificate(at: int, valid_to: int) -> t.Certificate:
    return t.Certificate(
        block_number=at, log_index=0, tx_hash=WORD, certificate_id=keccak256(b"%d" % at),
        subject=CASE, certifier=CERTIFIER, scheme=WORD, document_hash=WORD,
        valid_from=NOW_S - 100, valid_to=valid_to,
    )  # fmt: skip


def product(product_id: bytes, uri: str, seq: int, parent: bytes | None) -> t.Product:
    return t.Product(
        product_id=product_id, uri=uri, seq=seq, head=head(seq), custodian=CARRIER,
        parent_id=parent, recall_level=0, first_block=1, last_block=6,
    )  # fmt: skip


def tables() -> list[Any]:
    packing = {"product_id": CASE, "parent_id": PALLET, "actor": CARRIER, "data_hash": WORD}
    delivery = {"delivery_id": WORD, "tx_hash": WORD, "log_index": 0}
    return [
        t.Checkpoint(
            chain_id=31337, block_number=20, block_hash=WORD, finalized_number=20,
            genesis_hash=WORD, deployment=WORD,
        ),
        t.Block(number=20, hash=WORD, parent_hash=WORD, timestamp=NOW_S, state_digest=WORD),
        t.Actor(
            address=CERTIFIER, role=4, identifier="x", name="Organic Check", registered_block=1
        ),
        product(CASE, CASE_URI, 6, PALLET),
        product(PALLET, PALLET_URI, 1, None),
        entry(1, 1, EventKind.OBJECT),
        entry(2, 2, EventKind.PACKED, counterparty=PALLET[12:]),
        entry(3, 3, EventKind.CORRECTION, counterparty=(1).to_bytes(20, "big")),
        entry(4, 4, EventKind.RECALL_CLASS_2),
        entry(5, 5, EventKind.RECALL_CLOSED),
        entry(6, 1, EventKind.AGGREGATION, product=PALLET),
        t.Packing(block_number=2, log_index=0, seq=2, packed=True, occurred_at=0, **packing),
        recall(4, 4, 2),
        recall(5, 5, 0),
        *(offer(at, seq) for at, seq in ((7, 0), (8, 1), (9, 1), (10, 1))),
        t.OfferEnd(
            block_number=9, log_index=1, product_id=PALLET, from_actor=CARRIER, to_actor=FARM,
            outcome="rejected",
        ),
        certificate(11, NOW_S + 1),
        certificate(12, NOW_S - 1),
        certificate(13, NOW_S + 1),
        t.CertificateRevocation(
            block_number=14, log_index=0, certificate_id=keccak256(b"13"), revoker=CERTIFIER,
            reason_hash=WORD,
        ),
        t.MassDeclaration(
            block_number=15, log_index=0, product_id=CASE, actor=CARRIER, grams=str(1 << 70)
        ),
        t.Transformation(
            block_number=16, log_index=0, position=0, tx_hash=WORD, data_hash=WORD, actor=CARRIER,
            product_id=CASE, role="input", grams="24",
        ),
        t.Delegation(block_number=17, log_index=0, account=CARRIER, delegate=FARM, until=2**63 - 1),
        t.Delivery(
            block_number=18, product_id=PALLET, buyer=FARM, seller=CARRIER, arbiter=CERTIFIER,
            token=FARM, amount="5", device=FARM, lower_bound=-1, upper_bound=8000, deadline=NOW_S,
            **delivery,
        ),
        t.DeliveryStep(block_number=19, step="closed", to_seller="4", to_buyer="1", **delivery),
        t.Anchor(
            block_number=20, log_index=0, tx_hash=WORD, publisher=CARRIER, root=WORD,
            manifest_hash=bytes(32), index=1, count=1000, tip=WORD,
        ),
    ]  # fmt: skip


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    opened = open_database(Settings(state_dir=tmp_path_factory.mktemp("told")), Writes.CHAIN)
    with opened.write_session() as session:
        session.add_all(tables())
    yield opened
    opened.close()


async def ask(database: Database, query: str) -> dict[str, Any]:
    services: Any = SimpleNamespace(database=database, settings=Settings())
    result = await schema.execute(query, context_value=Context(services))
    assert result.errors is None
    assert result.data is not None
    return result.data


async def test_container_and_content(database: Database) -> None:
    data = await ask(
        database,
        f"""{{ product(uri: "{CASE_URI}") {{ parent {{ uri custodian {{ address }}
          children {{ edges {{ node {{ uri }} }} }} }}
          packings {{ edges {{ node {{ packed parent {{ uri }} seq }} }} }} }} }}""",
    )
    assert data["product"] == {
        "parent": {
            "uri": PALLET_URI,
            "custodian": {"address": "0x0101010101010101010101010101010101010101"},
            "children": {"edges": [{"node": {"uri": CASE_URI}}]},
        },
        "packings": {
            "edges": [{"node": {"packed": True, "parent": {"uri": PALLET_URI}, "seq": 2}}]
        },
    }


async def test_entries_in_words(database: Database) -> None:
    data = await ask(
        database,
        f"""{{ product(uri: "{CASE_URI}") {{ recalls {{ edges {{ node {{ level }} }} }}
          events {{ edges {{ node {{ seq kind words corrects counterparty {{ address }}
            correctedBy {{ seq }} }} }} }} }} }}""",
    )
    nodes = [edge["node"] for edge in data["product"]["events"]["edges"]]
    assert [node["words"] for node in nodes] == [
        "observed",
        "packed into pallet 008600099999850000",
        "corrected entry 1",
        "recalled, class II: a possible harm to health",
        "recall lifted",
    ]
    assert [node["corrects"] for node in nodes] == [None, None, 1, None, None]
    assert [node["correctedBy"] for node in nodes] == [{"seq": 3}, None, None, None, None]
    assert {node["counterparty"] for node in nodes} == {None}
    levels = [edge["node"]["level"] for edge in data["product"]["recalls"]["edges"]]
    assert levels == [2, 0]


async def test_an_offer_stands_as_the_chain_left_it(database: Database) -> None:
    data = await ask(
        database,
        f'{{ product(uri: "{PALLET_URI}") {{ offers {{ edges {{ node {{ outcome }} }} }} }} }}',
    )
    outcomes = [edge["node"]["outcome"] for edge in data["product"]["offers"]["edges"]]
    assert outcomes == ["REPLACED", "REPLACED", "REJECTED", "PENDING"]


async def test_certificates_masses_keys_deliveries_and_anchors(database: Database) -> None:
    data = await ask(
        database,
        f"""{{ case: product(uri: "{CASE_URI}") {{ mass {{ madeGrams leftGrams }}
            transformations {{ edges {{ node {{ role grams }} }} }}
            certificates {{ edges {{ node {{ validity certifier {{ name }} }} }} }} }}
          pallet: product(uri: "{PALLET_URI}") {{ deliveries {{ edges {{ node {{ amount
            steps {{ edges {{ node {{ step toSeller toBuyer }} }} }} }} }} }} }}
          actor(address: "{to_hex(CARRIER)}") {{
            delegations {{ edges {{ node {{ until delegate {{ address }} }} }} }}
            anchors {{ edges {{ node {{ index count manifestCid }} }} }} }} }}""",
    )
    assert data["case"]["mass"] == {"madeGrams": str(1 << 70), "leftGrams": str((1 << 70) - 24)}
    assert data["case"]["transformations"]["edges"][0]["node"] == {"role": "INPUT", "grams": "24"}
    certificates = [edge["node"] for edge in data["case"]["certificates"]["edges"]]
    assert [c["validity"] for c in certificates] == ["VALID", "EXPIRED", "REVOKED"]
    assert {c["certifier"]["name"] for c in certificates} == {"Organic Check"}
    (delivery,) = [edge["node"] for edge in data["pallet"]["deliveries"]["edges"]]
    step = {"step": "CLOSED", "toSeller": "4", "toBuyer": "1"}
    assert delivery == {"amount": "5", "steps": {"edges": [{"node": step}]}}
    (lent,) = [edge["node"] for edge in data["actor"]["delegations"]["edges"]]
    assert lent["until"] == str(2**63 - 1)
    anchors = [edge["node"] for edge in data["actor"]["anchors"]["edges"]]
    assert anchors == [{"index": 1, "count": 1000, "manifestCid": None}]


async def test_every_new_node_is_fetched_again_by_its_id(database: Database) -> None:
    lists = await ask(
        database,
        f"""{{ product(uri: "{CASE_URI}") {{ packings {{ edges {{ node {{ id }} }} }}
            certificates {{ edges {{ node {{ id }} }} }} }}
          pallet: product(uri: "{PALLET_URI}") {{ offers {{ edges {{ node {{ id }} }} }}
            deliveries {{ edges {{ node {{ id steps {{ edges {{ node {{ id }} }} }} }} }} }} }}
          actor(address: "{to_hex(CARRIER)}") {{ anchors {{ edges {{ node {{ id }} }} }}
            delegations {{ edges {{ node {{ id }} }} }} }} }}""",
    )
    found = list(ids(lists))
    assert len(found) == 4 + 4 + 4
    for one in found:
        assert (await ask(database, f'{{ node(id: "{one}") {{ id }} }}'))["node"] == {"id": one}


def ids(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            if name == "id":
                yield item
            else:
                yield from ids(item)
    elif isinstance(value, list):
        for item in value:
            yield from ids(item)


async def test_the_passport_says_it_in_words(database: Database, tmp_path: Path) -> None:
    async with Snapshot(database) as snapshot:
        gathered = await gather(snapshot, CASE_URI)
    assert gathered is not None
    told = story(gathered, "http://here")
    assert told["product"]["parent"]["words"] == "pallet 008600099999850000"
    (lifted,) = told["recalls"]
    assert (lifted["level"], lifted["lifted"]["blockNumber"]) == (2, 5)
    assert told["journey"][0]["corrected"] == ["entry 1 was corrected by entry 3"]
    assert [one["words"] for one in told["issued"]] == ["valid", "expired", "revoked"]
    html = page.passport(told, Settings(state_dir=tmp_path), told["links"])
    assert "Packed in" in html
    assert "entry 1 was corrected by entry 3" in html
    assert "Recall class II, lifted by" in html
    assert "On chain, by Organic Check: <strong>valid</strong>" in html
    assert 'role="alert"' not in html
