"""The calls that get measured, in the order in which a supply chain makes them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from benchmarks.gas import forecasts
from benchmarks.gas.table import Row
from core.chain.bindings import (
    actor_registry,
    device_registry,
    sensor_oracle,
    supply_chain,
)
from core.chain.client import Rpc, to_bytes, to_int
from core.chain.deployments import Deployment
from core.crypto import Domain, address_of, compact, digest, keccak256, sign, to_hex
from core.crypto.structs import sensor_oracle_domain, supply_chain_domain
from core.types import Address
from scripts.transact import transact

CHAIN_ID = 31337
ADMIN, FARMER, CARRIER, RELAYER = range(4)
NOTICE = keccak256(b"a notice")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@dataclass
class Story:
    """A chain with the contracts and ten funded keys."""

    rpc: Rpc
    deployment: Deployment
    keys: Sequence[bytes]
    _documents: int = field(default=0)

    async def gas(self, who: int, to: bytes, data: bytes) -> int:
        receipt = await transact(self.rpc, self.keys[who], to, data)
        return to_int(receipt["gasUsed"])

    async def call(self, to: bytes, data: bytes, who: int = 0) -> bytes:
        asked = {"from": to_hex(self.address(who)), "to": to_hex(to), "data": to_hex(data)}
        return to_bytes(await self.rpc.call("eth_call", asked, "latest"))

    async def head(self, product: bytes) -> bytes:
        data = supply_chain.encode_head(product)
        return supply_chain.decode_head(await self.call(self.deployment.supply_chain, data))

    def document(self) -> bytes:
        """A hash never used before: a repeated one would be cheaper nowhere, but stay honest."""
        self._documents += 1
        return keccak256(b"document %d" % self._documents)

    def address(self, who: int) -> bytes:
        return address_of(self.keys[who])

    def sign(self, who: int, domain: Domain, struct: Any) -> bytes:
        return sign(self.keys[who], digest(domain, struct.struct_hash()))


async def measure(story: Story) -> list[Row]:
    rows = await _records(story)
    rows += await _custody(story)
    rows += await _registries(story)
    return rows + await _oracle(story)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def deadline() -> int:
    return int(time.time()) + 3600


def product_id_of(name: str) -> bytes:
    return keccak256(f"https://id.gs1.org/01/{name}".encode())


async def _records(story: Story) -> list[Row]:
    at, product = story.deployment.supply_chain, product_id_of("record")
    lots = [product_id_of(f"lot{i}") for i in range(100)]

    def record() -> bytes:
        return supply_chain.encode_record(product, story.document(), now_ms(), 1)

    def batch() -> bytes:
        return supply_chain.encode_record_batch(lots, story.document(), now_ms(), 1)

    first = await story.gas(FARMER, at, record())
    later = await story.gas(FARMER, at, record())
    signed = await story.gas(RELAYER, at, await _signed_record(story, product))
    first_batch = await story.gas(FARMER, at, batch())
    later_batch = await story.gas(FARMER, at, batch())
    signed_batch = await story.gas(RELAYER, at, await _signed_batch(story, lots))
    return [
        Row("record, first event of a product", first),
        Row("record, later event", later, 1, 30_000, 30_980),
        Row("recordSigned, relayed", signed, 1, 39_500, 41_816),
        Row("recordBatch of 100, first events", first_batch, 100),
        Row("recordBatch of 100, later events", later_batch, 100, 9_000, 10_171),
        Row("recordBatchSigned of 100, relayed", signed_batch, 100),
    ]


async def _signed_record(story: Story, product: bytes) -> bytes:
    domain = supply_chain_domain(CHAIN_ID, story.deployment.supply_chain)
    record = supply_chain.Record(
        actor=story.address(FARMER),
        product_id=product,
        prev_head=await story.head(product),
        data_hash=story.document(),
        occurred_at=now_ms(),
        kind=1,
        deadline=deadline(),
    )
    return supply_chain.encode_record_signed(record, story.sign(FARMER, domain, record))


async def _signed_batch(story: Story, products: Sequence[bytes]) -> bytes:
    domain = supply_chain_domain(CHAIN_ID, story.deployment.supply_chain)
    batch = supply_chain.RecordBatch(
        actor=story.address(FARMER),
        product_ids=products,
        prev_heads=[await story.head(product) for product in products],
        data_hash=story.document(),
        occurred_at=now_ms(),
        kind=1,
        deadline=deadline(),
    )
    return supply_chain.encode_record_batch_signed(batch, story.sign(FARMER, domain, batch))


async def _custody(story: Story) -> list[Row]:
    at, product = story.deployment.supply_chain, product_id_of("record")
    domain = supply_chain_domain(CHAIN_ID, at)

    async def handover(giver: int, receiver: int) -> supply_chain.Handover:
        return supply_chain.Handover(
            from_=story.address(giver),
            to=story.address(receiver),
            product_id=product,
            prev_head=await story.head(product),
            data_hash=story.document(),
            occurred_at=now_ms(),
            deadline=deadline(),
        )

    given = await handover(FARMER, CARRIER)
    consent = story.sign(CARRIER, domain, given)
    direct = await story.gas(FARMER, at, supply_chain.encode_handover(given, consent))
    back = await handover(CARRIER, FARMER)
    consents = [story.sign(who, domain, back) for who in (CARRIER, FARMER)]
    relayed = await story.gas(RELAYER, at, supply_chain.encode_handover_signed(back, *consents))
    recall = supply_chain.encode_recall(product, NOTICE, now_ms(), 2)
    return [
        Row("handover with two consents", direct, 1, 44_000, 44_700),
        Row("handoverSigned, both relayed", relayed),
        Row("recall by the custodian", await story.gas(FARMER, at, recall)),
    ]


async def _registries(story: Story) -> list[Row]:
    at = story.deployment
    link = "https://id.gs1.org/417/0860009999918"
    register = actor_registry.encode_register(story.address(FARMER), 1, link, "Green Acres Farm")
    return [
        Row("register an actor", await story.gas(ADMIN, at.actor_registry, register)),
        *await forecasts.measure(story),
    ]


async def _oracle(story: Story) -> list[Row]:
    rows = []
    at = story.deployment.sensor_oracle
    for threshold, signers, goal in ((2, 3, None), (5, 7, 90_000), (11, 31, 120_000)):
        keys = [keccak256(b"worker %d" % number) for number in range(signers)]
        workers = sorted(keys, key=address_of)
        config = sensor_oracle.encode_set_config([address_of(w) for w in workers], threshold)
        configured = await story.gas(ADMIN, at, config)
        gas = await _report(story, workers[:threshold], product_id_of("record"))
        rows.append(Row(f"configure {threshold} of {signers} signers", configured))
        rows.append(Row(f"report, {threshold} of {signers}, 1,000 readings", gas, 1, goal))
        rows.append(Row(f"the same, per reading ({threshold} of {signers})", gas, 1000))
    return rows + await _feed(story, workers) + await _devices(story)


async def _devices(story: Story) -> list[Row]:
    at = story.deployment.device_registry
    probe, now = story.address(CARRIER), int(time.time())
    register = device_registry.encode_register(probe, NOTICE, now - 60, now + 3_600)
    key = ec.derive_private_key(360, ec.SECP256R1())
    point = key.public_key().public_numbers()
    x, y = (value.to_bytes(32, "big") for value in (point.x, point.y))
    chip = Address(keccak256(x + y)[12:])
    register_chip = device_registry.encode_register_p256(x, y, NOTICE, now - 60, now + 3_600)
    r, s = decode_dss_signature(key.sign(NOTICE, ec.ECDSA(Prehashed(SHA256()))))
    lower = min(s, P256_ORDER - s)
    made = r.to_bytes(32, "big") + lower.to_bytes(32, "big")
    plain = sign(story.keys[CARRIER], NOTICE)
    rows = [
        Row("register a device", await story.gas(ADMIN, at, register)),
        Row("register a P-256 device", await story.gas(ADMIN, at, register_chip)),
    ]
    for name, device, signature in (("secp256k1", probe, plain), ("P-256", chip, made)):
        verify = device_registry.encode_is_signed_by(device, NOTICE, signature)
        assert any(await story.call(at, verify)), f"the {name} signature does not verify"
        rows.append(Row(f"verify a {name} signature", await story.gas(RELAYER, at, verify)))
    return rows


async def _feed(story: Story, workers: Sequence[bytes]) -> list[Row]:
    at, feed = story.deployment.sensor_oracle, product_id_of("feed")
    config = sensor_oracle.FeedConfig(-30_000, 60_000, 0, 3_600)
    opened = await story.gas(ADMIN, at, sensor_oracle.encode_set_feed(feed, config))
    five = [address_of(worker) for worker in workers[:7]]
    await story.gas(ADMIN, at, sensor_oracle.encode_set_config(five, 5))
    await _report(story, workers[:5], feed)
    return [
        Row("open a feed", opened),
        Row("report, 5 of 7, a feed's next answer", await _report(story, workers[:5], feed, 100)),
        Row("read", await story.gas(RELAYER, at, sensor_oracle.encode_read(feed))),
    ]


async def _report(
    story: Story, workers: Sequence[bytes], product: bytes, warmer_mc: int = 0
) -> int:
    at = story.deployment.sensor_oracle
    current = await story.call(at, sensor_oracle.encode_config_digest())
    report = sensor_oracle.Report(
        batch_id=story.document(),
        product_id=product,
        device=story.address(CARRIER),
        root=story.document(),
        manifest_hash=story.document(),
        median=3_900 + warmer_mc,
        minimum=2_100,
        maximum=8_700,
        lower_bound=0,
        upper_bound=8_000,
        count=1_000,
        excursions=3,
        from_time=now_ms() - 600_000,
        to_time=now_ms(),
        config_digest=current,
    )
    domain = sensor_oracle_domain(CHAIN_ID, at)
    made = [sign(key, digest(domain, report.struct_hash())) for key in workers]
    signatures = [sensor_oracle.Signature(*compact(one)) for one in made]
    return await story.gas(RELAYER, at, sensor_oracle.encode_report(report, signatures))
