"""AnchorLog: many events in one transaction, chained so that no batch can be left out."""

from core.chain.bindings.anchor_log import EventsAnchored
from core.chain.proof.head import grow
from core.crypto import keccak256
from core.crypto.eip712 import encode_value
from core.errors import SourceLied
from core.types import EMPTY_HEAD, Address, Head
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def events_anchored(event: EventsAnchored, at: Place, state: State) -> list[Row]:
    """An anchor and the tip it leads to, which grows as a product's head does.

    Raises:
        SourceLied: it does not follow the publisher's last one we know.
    """
    previous = state.anchors.get(Address(event.publisher))
    index = previous.index if previous else 0
    if event.index != index + 1:
        raise SourceLied(
            f"publisher 0x{event.publisher.hex()}: anchor {event.index} in block "
            f"{at.block_number} follows anchor {index}",
            hint="Anchors are missing: is startBlock in the deployment file the right one?",
        )
    return [
        rows.Anchor(
            **at.key,
            tx_hash=at.tx_hash,
            publisher=event.publisher,
            root=event.root,
            manifest_hash=event.manifest_hash,
            index=event.index,
            count=event.count,
            tip=grow(Head(previous.tip) if previous else EMPTY_HEAD, _leaf(event)),
        ),
        *rows.document(event.manifest_hash, "manifest", at.block_number),
    ]


def _leaf(event: EventsAnchored) -> bytes:
    """keccak256(abi.encode(root, uint32 count, manifestHash))."""
    words = (("bytes32", event.root), ("uint32", event.count), ("bytes32", event.manifest_hash))
    return keccak256(b"".join(encode_value(kind, value) for kind, value in words))
