"""Plays the story against the running API, as its six suppliers would from outside.

Each step is captured under its own idempotency key, so a demo that was interrupted, or is run
again, continues where the chain already is.
"""

import asyncio
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from core.chain.bindings import carbon_token, footprint_registry
from core.chain.client import Rpc
from core.chain.deployments import Deployment
from core.chain.keys import Actor
from core.config import Settings
from core.crypto import keccak256, sha256, to_hex
from core.document import lexical
from core.ipfs.client import Ipfs
from scripts import seed, story
from scripts.capture import ApiClient, prepare, sign_and_submit, wait_for
from scripts.story import SCENARIO, Step
from scripts.transact import transact
from scripts.wallet import Wallet, call, demo_wallet

Progress = Callable[[str], None]
CHOREOGRAPHY: Final = "warn"
"""GS1 US wrote one example for each tracking event, not one continuous record: food is cooled
before it is harvested (scenario/SOURCES.md). We play them as they are."""
PURPOSE: Final = b"Retired for the product carbon footprint of the salad lot"


def step_document(step: Step, certificate_cid: str) -> bytes:
    """The step's one event in an EPCIS document of its own, every number as its author wrote it."""
    source = (SCENARIO / step.file).read_text().replace("{certificate}", certificate_cid)
    document: Any = lexical.parse(source)
    events = document["epcisBody"]["eventList"]
    document["epcisBody"]["eventList"] = [events[step.event]]
    return lexical.canonical(document).encode()


async def play(
    api: ApiClient, settings: Settings, steps: Sequence[Step], certificate: str, progress: Progress
) -> None:
    """Capture, sign and relay each step; the next one builds on its head, so wait until mined."""
    for step in steps:
        signer = demo_wallet(settings, step.actor.name)
        receiver = demo_wallet(settings, step.to.name) if step.to else None
        params = {"actor": to_hex(signer.address)}
        if receiver is not None and step.product is not None:
            params |= {"counterparty": to_hex(receiver.address), "product": step.product}
        document = step_document(step, certificate)
        captures = await prepare(
            api, document, params, key=f"demo-{step.key}", choreography=CHOREOGRAPHY
        )
        for captured in captures:
            progress(f"{step.actor.name}: {captured['sentence']}")
            if captured["state"] == "captured":
                await sign_and_submit(api, captured, signer, receiver)
            await wait_for(api, captured["id"], {"recorded", "final"})


async def publish_documents(ipfs: Ipfs) -> str:
    """Put on IPFS what hashes on chain will stand for; returns the sample certificate's CID."""
    await ipfs.put_block(seed.PROJECT_METADATA)
    await ipfs.put_block(seed.CREDIT_METADATA)
    await ipfs.put_block(_footprint_document())
    await ipfs.put_block(PURPOSE)
    return await ipfs.put_block((SCENARIO / "own/certificate.txt").read_bytes())


async def retire_credits(rpc: Rpc, settings: Settings, deployment: Deployment) -> None:
    """The kitchen publishes its salad lot's footprint and retires all of it, once.

    Returns when that is final.
    """
    kitchen = demo_wallet(settings, Actor.PROCESSOR.name)
    token, product_id = deployment.carbon_token, keccak256(story.SALAD_LOT.encode())
    await _publish_footprint(rpc, kitchen, deployment.footprint_registry, product_id)
    data = carbon_token.encode_retire_against(
        seed.credit_id(),
        story.RETIRED_KG,
        kitchen.address,
        sha256(PURPOSE),
        product_id,
        kitchen.address,
    )
    while not await _retired(rpc, token, "finalized"):
        if not await _retired(rpc, token, "pending"):
            await transact(rpc, kitchen.key, token, data)
        await asyncio.sleep(0.2)


async def _publish_footprint(rpc: Rpc, holder: Wallet, registry: bytes, product_id: bytes) -> None:
    known = footprint_registry.encode_footprint_of(product_id, holder.address)
    if any(await call(rpc, registry, known, "pending")):
        return
    stated = footprint_registry.Publication(
        product_id=product_id,
        pact_id=story.FOOTPRINT_ID.bytes,
        version=1,
        kg=story.RETIRED_KG,
        document_hash=sha256(_footprint_document()),
    )
    await transact(rpc, holder.key, registry, footprint_registry.encode_publish(stated))


def _footprint_document() -> bytes:
    return (SCENARIO / story.FOOTPRINT_DOCUMENT).read_bytes()


async def _retired(rpc: Rpc, token: bytes, block: str) -> int:
    """Kilograms of the demo's credits that are retired as of a block."""
    supply = await call(rpc, token, carbon_token.encode_supply_of(seed.credit_id()), block)
    return words(supply)[2]


def words(data: bytes) -> list[int]:
    """ABI return data as unsigned 32-byte words."""
    return [int.from_bytes(data[i : i + 32], "big") for i in range(0, len(data), 32)]


async def recall_second_lot(
    api: ApiClient, settings: Settings, ipfs: Ipfs, progress: Progress
) -> None:
    """The packer recalls the pallet's other lot; its notice is on IPFS, its hash on chain."""
    notice = json.dumps(
        json.loads((SCENARIO / "own/recall-notice.json").read_text()),
        separators=(",", ":"),
        sort_keys=True,
    ).encode()
    await ipfs.put_block(notice)
    packer = demo_wallet(settings, Actor.PACKER.name)
    body = {
        "actor": to_hex(packer.address),
        "product": story.SECOND_LOT,
        "level": 2,
        "noticeHash": to_hex(sha256(notice)),
    }
    captured = await api.request(
        "POST",
        "/recall",
        body=json.dumps(body).encode(),
        headers={"idempotency-key": "demo-recall"},
    )
    progress(f"PACKER: {captured['sentence']}")
    if captured["state"] == "captured":
        await sign_and_submit(api, captured, packer, None)
    await wait_for(api, captured["id"], {"recorded", "final"})
