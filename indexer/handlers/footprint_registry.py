"""FootprintRegistry: footprints in a publisher's name, and what certifiers say of them."""

from core.chain.bindings.footprint_registry import FootprintPublished, FootprintVerified
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def footprint_published(event: FootprintPublished, at: Place, _state: State) -> list[Row]:
    """A version; it supersedes its publisher's earlier ones of the product."""
    return [
        rows.Footprint(
            **at.key,
            tx_hash=at.tx_hash,
            product_id=event.product_id,
            publisher=event.publisher,
            document_hash=event.document_hash,
            pact_id=event.pact_id,
            version=event.version,
            kg=str(event.kg),
        ),
        *rows.document(event.document_hash, "footprint", at.block_number),
    ]


def footprint_verified(event: FootprintVerified, at: Place, _state: State) -> list[Row]:
    """A certifier's word on one version."""
    return [
        rows.FootprintVerification(
            **at.key,
            product_id=event.product_id,
            publisher=event.publisher,
            verifier=event.verifier,
            version=event.version,
            statement_hash=event.statement_hash,
        ),
        *rows.document(event.statement_hash, "statement", at.block_number),
    ]
