"""The calls about carbon credits that get measured."""

import time
from collections.abc import Sequence

from benchmarks.gas.calls import ADMIN, CARRIER, CHAIN_ID, FARMER, NOTICE, RELAYER, Story
from benchmarks.gas.table import Row
from core.chain.bindings import (
    carbon_token,
    footprint_registry,
    serial_registry,
    supply_chain,
)
from core.crypto import keccak256
from core.crypto.structs import carbon_token_domain

PROJECT = keccak256(b"a project")
OTHER_PROJECT = keccak256(b"another project")
PRODUCTS = [keccak256(b"https://id.gs1.org/01/carbon%d" % n) for n in range(100)]
IMMOBILISED = 1
BUFFER_SHARE = 1_000
RETIRE_GOAL, AGAINST_GOAL, BATCH_GOAL, CLAIM_GOAL = 40_000, 62_000, 10_500, 53_000


async def measure(story: Story) -> list[Row]:
    """Needs the farmer to be a registered supplier."""
    rows = await _claims(story)
    rows += await _issues(story)
    rows += await _retirements(story)
    return rows + await _against_footprints(story)


async def _claims(story: Story) -> list[Row]:
    """One account claims without a token in between."""
    at = story.deployment.serial_registry
    assign = serial_registry.encode_assign(OTHER_PROJECT, story.address(FARMER))

    async def claim(start: int, end: int, hint: int = 0) -> int:
        data = serial_registry.encode_claim(OTHER_PROJECT, start, end, hint)
        return await story.gas(FARMER, at, data)

    assigned = await story.gas(ADMIN, at, assign)
    first = await claim(100_001, 110_001)
    on_top = await claim(200_001, 210_001)
    between = await claim(150_001, 160_001, 210_001)
    return [
        Row("assign a project's serials to a token", assigned),
        Row("claim a serial range, a project's first", first, 1, CLAIM_GOAL, 52_841),
        Row("claim a serial range above all others", on_top, 1, CLAIM_GOAL, 52_841),
        Row("claim a serial range between others, with hint", between, 1, CLAIM_GOAL, 52_841),
    ]


async def _issues(story: Story) -> list[Row]:
    at = story.deployment
    assign = serial_registry.encode_assign(PROJECT, at.carbon_token)
    await story.gas(ADMIN, at.serial_registry, assign)
    register = carbon_token.encode_register_project(PROJECT, NOTICE, BUFFER_SHARE)
    registered = await story.gas(ADMIN, at.carbon_token, register)
    first = await story.gas(ADMIN, at.carbon_token, _issue(story, 1, 1_000_001))
    more = await story.gas(ADMIN, at.carbon_token, _issue(story, 1_000_001, 2_000_001))
    return [
        Row("register a project", registered),
        Row("issue, first of a credit, with a buffer", first),
        Row("issue, more of a credit", more),
    ]


async def _retirements(story: Story) -> list[Row]:
    at = story.deployment.carbon_token
    who = story.address(FARMER)
    transfer = carbon_token.encode_safe_transfer_from(
        who, story.address(CARRIER), _credit(), 9, b""
    )
    retire = carbon_token.encode_retire(_credit(), 25, who, NOTICE)
    moved = await story.gas(FARMER, at, transfer)
    first = await story.gas(FARMER, at, retire)
    again = await story.gas(FARMER, at, retire)
    many = [_portion(story, bytes(32)) for _ in range(100)]
    batch = await story.gas(FARMER, at, carbon_token.encode_retire_many(_credit(), many))
    signed = [await story.gas(RELAYER, at, _signed(story, nonce)) for nonce in range(2)]
    return [
        Row("transfer a credit", moved),
        Row("retire, first of a credit", first, 1, RETIRE_GOAL),
        Row("retire", again, 1, RETIRE_GOAL),
        Row("retireMany of 100", batch, 100, BATCH_GOAL),
        Row("retireFor, relayed, a signer's first", signed[0]),
        Row("retireFor, relayed", signed[1]),
    ]


async def _against_footprints(story: Story) -> list[Row]:
    at, who = story.deployment, story.address(FARMER)
    let_in = footprint_registry.encode_set_retirer(at.carbon_token, True)
    await story.gas(ADMIN, at.footprint_registry, let_in)
    await story.gas(
        FARMER,
        at.supply_chain,
        supply_chain.encode_record_batch(PRODUCTS, NOTICE, time.time_ns() // 1_000_000, 1),
    )
    published = [await _publish(story, product, 1) for product in PRODUCTS]
    replaced = await _publish(story, PRODUCTS[0], 2)
    retire = carbon_token.encode_retire_against(_credit(), 25, who, NOTICE, PRODUCTS[0], who)
    first = await story.gas(FARMER, at.carbon_token, retire)
    again = await story.gas(FARMER, at.carbon_token, retire)
    many = carbon_token.encode_retire_many(_credit(), [_portion(story, p) for p in PRODUCTS])
    batch = await story.gas(FARMER, at.carbon_token, many)
    return [
        Row("publish a footprint", published[0]),
        Row("publish its next version", replaced),
        Row("retireAgainst, a footprint's first", first, 1, AGAINST_GOAL),
        Row("retireAgainst", again, 1, AGAINST_GOAL),
        Row("retireMany of 100, each against a footprint of its own", batch, 100, BATCH_GOAL),
    ]


async def _publish(story: Story, product: bytes, version: int) -> int:
    stated = footprint_registry.Publication(product, NOTICE[:16], version, 1_240, story.document())
    call = footprint_registry.encode_publish(stated)
    return await story.gas(FARMER, story.deployment.footprint_registry, call)


def _issue(story: Story, start: int, end: int) -> bytes:
    issue = carbon_token.Issue(
        story.address(FARMER), PROJECT, 2026, 1, IMMOBILISED, start, end, 0, NOTICE
    )
    return carbon_token.encode_issue(issue)


def _credit() -> int:
    words: Sequence[bytes] = (PROJECT, (2026).to_bytes(32, "big"), (1).to_bytes(32, "big"))
    return int.from_bytes(keccak256(b"".join(words)), "big")


def _portion(story: Story, product: bytes) -> carbon_token.Portion:
    publisher = story.address(FARMER) if any(product) else bytes(20)
    return carbon_token.Portion(25, story.address(RELAYER), story.document(), product, publisher)


def _signed(story: Story, nonce: int) -> bytes:
    consent = carbon_token.Retirement(
        holder=story.address(FARMER),
        id=_credit(),
        amount=25,
        beneficiary=story.address(FARMER),
        purpose_hash=NOTICE,
        product_id=bytes(32),
        publisher=bytes(20),
        nonce=nonce,
        deadline=int(time.time()) + 3600,
    )
    domain = carbon_token_domain(CHAIN_ID, story.deployment.carbon_token)
    return carbon_token.encode_retire_for(consent, story.sign(FARMER, domain, consent))
