"""SupplyChain beyond one entry: runs, many signers, offers, packing and transformation."""

from collections.abc import Sequence

from benchmarks.gas.calls import (
    CARRIER,
    CHAIN_ID,
    FARMER,
    RELAYER,
    Story,
    deadline,
    now_ms,
    product_id_of,
)
from benchmarks.gas.table import Row
from core.chain.bindings import supply_chain as chain
from core.crypto.structs import supply_chain_domain

AGGREGATED = [product_id_of(f"case{i}") for i in range(100)]


async def measure(story: Story) -> list[Row]:
    rows = await _signed(story)
    rows += await _offered(story)
    rows += await _packed(story)
    return rows + await _made(story)


async def _send(story: Story, who: int, data: bytes) -> int:
    return await story.gas(who, story.deployment.supply_chain, data)


async def _record(story: Story, who: int, name: str) -> bytes:
    """A product the actor has recorded before."""
    data = chain.encode_record(product_id_of(name), story.document(), now_ms(), 1)
    await _send(story, who, data)
    return product_id_of(name)


async def _signed(story: Story) -> list[Row]:
    lot = await _record(story, FARMER, "run")
    entries = [chain.Entry(story.document(), now_ms(), 1) for _ in range(100)]
    run = await _send(story, FARMER, chain.encode_record_run(lot, entries))
    await _unordered(story, lot, 0)
    unordered = await _unordered(story, lot, 1)
    many = await _send(story, RELAYER, await _many(story))
    fix = chain.encode_correct(lot, 1, story.document(), now_ms())
    return [
        Row("recordRun of 100", run, 100, 4_500, 4_533),
        Row("recordUnordered, relayed", unordered),
        Row("recordSignedMany of 10, relayed", many, 10),
        Row("correct", await _send(story, FARMER, fix)),
    ]


async def _unordered(story: Story, lot: bytes, nonce: int) -> int:
    domain = supply_chain_domain(CHAIN_ID, story.deployment.supply_chain)
    entry = chain.UnorderedRecord(
        actor=story.address(FARMER),
        product_id=lot,
        nonce=nonce,
        data_hash=story.document(),
        occurred_at=now_ms(),
        kind=1,
        deadline=deadline(),
    )
    data = chain.encode_record_unordered(entry, story.sign(FARMER, domain, entry))
    return await _send(story, RELAYER, data)


async def _many(story: Story) -> bytes:
    """A later entry for each of ten products, by ten signatures."""
    domain = supply_chain_domain(CHAIN_ID, story.deployment.supply_chain)
    records = []
    for number in range(10):
        lot = await _record(story, FARMER, f"many{number}")
        records.append(
            chain.Record(
                actor=story.address(FARMER),
                product_id=lot,
                prev_head=await story.head(lot),
                data_hash=story.document(),
                occurred_at=now_ms(),
                kind=1,
                deadline=deadline(),
            )
        )
    return chain.encode_record_signed_many(
        records, [story.sign(FARMER, domain, record) for record in records]
    )


async def _handover(story: Story, product_id: bytes, giver: int, to: int) -> chain.Handover:
    return chain.Handover(
        from_=story.address(giver),
        to=story.address(to),
        product_id=product_id,
        prev_head=await story.head(product_id),
        data_hash=story.document(),
        occurred_at=now_ms(),
        deadline=deadline(),
    )


async def _offered(story: Story) -> list[Row]:
    lot = await _record(story, FARMER, "offer")
    given = await _handover(story, lot, FARMER, CARRIER)
    return [
        Row("offer", await _send(story, FARMER, chain.encode_offer(given))),
        Row("accept", await _send(story, CARRIER, chain.encode_accept(given))),
    ]


async def _packed(story: Story) -> list[Row]:
    pallet = await _record(story, FARMER, "pallet")
    await _send(story, FARMER, chain.encode_record_batch(AGGREGATED, story.document(), now_ms(), 1))
    pack = chain.encode_pack(pallet, AGGREGATED, story.document(), now_ms())
    packed = await _send(story, FARMER, pack)
    given = await _handover(story, pallet, FARMER, CARRIER)
    domain = supply_chain_domain(CHAIN_ID, story.deployment.supply_chain)
    moved = chain.encode_handover(given, story.sign(CARRIER, domain, given))
    handed = await _send(story, FARMER, moved)
    unpack = chain.encode_unpack(pallet, AGGREGATED, story.document(), now_ms())
    return [
        Row("pack of 100 into a parent", packed, 100),
        Row("handover of a parent with 100 inside", handed, 1, 44_000),
        Row("unpack of 100", await _send(story, CARRIER, unpack), 100),
    ]


async def _made(story: Story) -> list[Row]:
    inputs = [await _record(story, FARMER, name) for name in ("lettuce", "dressing")]
    plain = await _transform(story, inputs, "salad", (), ())
    for lot in inputs:
        await _send(story, FARMER, chain.encode_declare_mass(lot, 5_000))
    massed = await _transform(story, inputs, "more salad", (2_000, 300), (2_300,))
    return [
        Row("transform of 2 into a new one", plain),
        Row("transform of 2 into a new one, with masses", massed),
    ]


async def _transform(
    story: Story, inputs: Sequence[bytes], output: str, used: Sequence[int], made: Sequence[int]
) -> int:
    asked = chain.Transformation(
        inputs, [product_id_of(output)], used, made, story.document(), now_ms()
    )
    return await _send(story, FARMER, chain.encode_transform(asked))
