"""Gas of deliveries, certificates and anchors."""

import dataclasses
import json
import time

from benchmarks.gas.calls import (
    ADMIN,
    CARRIER,
    CHAIN_ID,
    FARMER,
    NOTICE,
    RELAYER,
    Story,
)
from benchmarks.gas.table import Row
from core import merkle
from core.chain.bindings import (
    actor_registry,
    anchor_log,
    certificate_registry,
    delivery_escrow,
    sensor_oracle,
    supply_chain,
)
from core.chain.client import to_bytes
from core.crypto import compact, keccak256
from core.crypto.structs import READING, sensor_oracle_domain, supply_chain_domain
from scripts.deploy import PROXY, SALT, Creation
from scripts.tools import ROOT
from scripts.transact import transact

PRICE = 1_000_000_000
READINGS = 1_000
DEVICE = keccak256(b"a truck")[:20]
MANY = 10


async def measure(story: Story) -> list[Row]:
    """Anchors, certificates and deliveries, in a chain that holds nothing of them yet."""
    return [*await _anchors(story), *await _certificates(story), *await _deliveries(story)]


async def _anchors(story: Story) -> list[Row]:
    at = story.deployment.anchor_log

    async def anchor(count: int) -> int:
        call = anchor_log.encode_anchor(story.document(), count, story.document())
        return await story.gas(FARMER, at, call)

    return [
        Row("anchor, first of a publisher", await anchor(100)),
        Row("anchor of 100 events", await anchor(100), 100, 300, 300),
        Row("anchor of 1,000 events", await anchor(1_000), 1_000, 30, 30),
    ]


async def _certificates(story: Story) -> list[Row]:
    at, who = story.deployment.certificate_registry, RELAYER
    link = "https://id.gs1.org/417/0860009999925"
    register = actor_registry.encode_register(story.address(who), 4, link, "Organic inspectors")
    await story.gas(ADMIN, story.deployment.actor_registry, register)
    subject, scheme, document = story.document(), story.document(), story.document()
    begin, end = int(time.time()), int(time.time()) + 31_536_000
    certify = certificate_registry.encode_certify(subject, scheme, document, begin, end)
    certificate = await story.call(at, certify, who)
    gas = await story.gas(who, at, certify)
    revoke = certificate_registry.encode_revoke_certificate(certificate, NOTICE)
    return [
        Row("certify", gas),
        Row("revokeCertificate", await story.gas(who, at, revoke)),
    ]


async def _deliveries(story: Story) -> list[Row]:
    at, token = story.deployment.delivery_escrow, await _token(story)
    settled = await _terms(story, token, keccak256(b"a delivered product"))
    refunded = await _terms(story, token, keccak256(b"a product that stays"))
    batch, readings = await _attested(story, settled.product_id)
    for terms in (settled, refunded):
        record = supply_chain.encode_record(terms.product_id, NOTICE, _now_ms(), 1)
        await story.gas(FARMER, story.deployment.supply_chain, record)
    first = await story.gas(CARRIER, at, delivery_escrow.encode_fund(settled))
    later = await story.gas(CARRIER, at, delivery_escrow.encode_fund(refunded))
    await _hand_over(story, settled.product_id)
    confirm = await story.gas(RELAYER, at, delivery_escrow.encode_confirm(settled))

    excursions = [_excursion(batch, readings, number) for number in range(499, 500 + MANY)]
    prove = delivery_escrow.encode_prove_excursion(settled, excursions[0])
    prove_many = delivery_escrow.encode_prove_excursions(settled, excursions[1:])
    one, many = [await story.gas(CARRIER, at, call) for call in (prove, prove_many)]
    dispute = delivery_escrow.encode_dispute(refunded, NOTICE)
    resolve = delivery_escrow.encode_resolve(refunded, 5_000, NOTICE)
    settle = await story.gas(CARRIER, at, delivery_escrow.encode_settle(settled))
    withdraw = delivery_escrow.encode_withdraw(token, story.address(FARMER))
    return [
        Row("fund, first in a token", first),
        Row("fund", later),
        Row("confirm", confirm),
        Row("excursion proof, batch of 1,000", one, 1, 51_000),
        Row("excursion proofs, 10 at once", many, MANY),
        Row("settle, first of both", settle),
        Row("withdraw", await story.gas(FARMER, at, withdraw)),
        Row("dispute", await story.gas(CARRIER, at, dispute)),
        Row("resolve", await story.gas(RELAYER, at, resolve)),
    ]


async def _terms(story: Story, token: bytes, product: bytes) -> delivery_escrow.Terms:
    return delivery_escrow.Terms(
        buyer=story.address(CARRIER),
        seller=story.address(FARMER),
        arbiter=story.address(RELAYER),
        token=token,
        product_id=product,
        amount=PRICE,
        device=DEVICE,
        lower_bound=0,
        upper_bound=8_000,
        transport_from=_now_ms() - 86_400_000,
        transport_to=_now_ms() + 86_400_000,
        penalty=PRICE // 100,
        cut_bps=500,
        cap=PRICE // 2,
        deadline=int(time.time()) + 86_400,
        inspection_time=86_400,
        arbitration_time=604_800,
    )


async def _token(story: Story) -> bytes:
    """The sane ERC-20 of the forge tests, its buyer rich and the escrow allowed."""
    artefact = json.loads((ROOT / "contracts/out/Coins.sol/Coin.json").read_text())
    coin = Creation("Coin", to_bytes(artefact["bytecode"]["object"]))
    await transact(story.rpc, story.keys[ADMIN], PROXY, SALT + coin.init_code)
    rich = _call("mint(address,uint256)", story.address(CARRIER), 10 * PRICE)
    await story.gas(ADMIN, coin.address, rich)
    allow = _call("approve(address,uint256)", story.deployment.delivery_escrow, 10 * PRICE)
    await story.gas(CARRIER, coin.address, allow)
    return coin.address


def _call(signature: str, account: bytes, amount: int) -> bytes:
    selector = keccak256(signature.encode())[:4]
    return selector + account.rjust(32, b"\0") + amount.to_bytes(32, "big")


Reading = tuple[bytes, int, bytes, int, int]
Tree = tuple[list[Reading], merkle.MerkleTree]


async def _attested(story: Story, product: bytes) -> tuple[bytes, Tree]:
    """A batch of readings, all too warm, on the chain."""
    begin = _now_ms() - 60 * READINGS
    readings = [(DEVICE, n, product, 8_100 + n, begin + 60 * n) for n in range(1, READINGS + 1)]
    kinds = [kind for kind, _ in READING.fields]
    leaves = [merkle.leaf_hash(merkle.encode_static(kinds, values)) for values in readings]
    tree = merkle.build(leaves)
    at = story.deployment.sensor_oracle
    # One worker: how many signed makes no difference to who proves a reading later.
    config = sensor_oracle.encode_set_config([story.address(RELAYER)], 1)
    await story.gas(ADMIN, at, config)
    report = dataclasses.replace(await _report(story), product_id=product, root=tree.root)
    signed = compact(story.sign(RELAYER, sensor_oracle_domain(CHAIN_ID, at), report))
    call = sensor_oracle.encode_report(report, [sensor_oracle.Signature(*signed)])
    await story.gas(RELAYER, at, call)
    return report.batch_id, (readings, tree)


async def _report(story: Story) -> sensor_oracle.Report:
    current = sensor_oracle.encode_config_digest()
    return sensor_oracle.Report(
        batch_id=story.document(),
        product_id=bytes(32),
        device=DEVICE,
        root=bytes(32),
        manifest_hash=story.document(),
        median=8_600,
        minimum=8_101,
        maximum=9_100,
        lower_bound=0,
        upper_bound=8_000,
        count=READINGS,
        excursions=READINGS,
        from_time=_now_ms() - 60 * READINGS,
        to_time=_now_ms(),
        config_digest=await story.call(story.deployment.sensor_oracle, current),
    )


def _excursion(batch: bytes, tree: Tree, number: int) -> delivery_escrow.Excursion:
    readings, nodes = tree
    _, seq, _, value, at = readings[number]
    return delivery_escrow.Excursion(batch, seq, value, at, nodes.proof(number))


async def _hand_over(story: Story, product: bytes) -> None:
    at = story.deployment.supply_chain
    given = supply_chain.Handover(
        from_=story.address(FARMER),
        to=story.address(CARRIER),
        product_id=product,
        prev_head=await story.head(product),
        data_hash=NOTICE,
        occurred_at=_now_ms(),
        deadline=int(time.time()) + 3600,
    )
    consent = story.sign(CARRIER, supply_chain_domain(CHAIN_ID, at), given)
    await story.gas(FARMER, at, supply_chain.encode_handover(given, consent))


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
