"""Where SupplyChain's events carry what is compared: the contract's ABI, read once.

All tools are asked for the same: name, product, actor and data hash of every event that names a
product. A recall's hash is called noticeHash, a handover's actor is who gives.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from core.crypto import keccak256

ABI_FILE: Final = Path(__file__).resolve().parents[2] / "contracts/abi/SupplyChain.json"
ABI: Final[list[dict[str, Any]]] = json.loads(ABI_FILE.read_text())
ACTOR: Final = ("actor", "from")
HASH: Final = ("dataHash", "noticeHash")
Slot = tuple[bool, int]
"""(in the topics, number): a topic, or a word of the data."""


@dataclass(frozen=True)
class Shape:
    """One event with a product."""

    name: str
    topic: str
    """0x-hex."""
    product: Slot
    actor: Slot
    data_hash: Slot | None


def shapes() -> list[Shape]:
    """Events that name a product, by the ABI's order."""
    events = [e for e in ABI if e["type"] == "event"]
    return [_shape(e) for e in events if any(i["name"] == "productId" for i in e["inputs"])]


def _shape(event: dict[str, Any]) -> Shape:
    kinds = ",".join(field["type"] for field in event["inputs"])
    slots: dict[str, Slot] = {}
    topic, word = 1, 0
    for field in event["inputs"]:
        if field["indexed"]:
            slots[field["name"]], topic = (True, topic), topic + 1
        else:
            slots[field["name"]], word = (False, word), word + 1
    return Shape(
        event["name"],
        "0x" + keccak256(f"{event['name']}({kinds})".encode()).hex(),
        slots["productId"],
        next(slots[name] for name in ACTOR if name in slots),
        next((slots[name] for name in HASH if name in slots), None),
    )
