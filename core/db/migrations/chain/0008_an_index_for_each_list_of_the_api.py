"""An index for each list of the API: tests/api/test_indices.py says which serves which query.

A filled mirror is derived anew from its raw logs instead of taking this path (indexer/reindex.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NOT_EVENTS = sa.text("media <> 'event'")
_PLACE = ["block_number", "log_index"]
_SERVED_NOTHING = {
    "ix_packing_parent": "packing",
    "ix_offer_receiver": "handover_offer",
    "ix_skipped_product": "skipped_record",
    "ix_chain_anchor_root": "anchor",
    "ix_chain_forecast_bond_commitment": "forecast_bond",
    "ix_chain_bond_settlement_series_id": "bond_settlement",
    "ix_forecast_outcome": "forecast_outcome",
    "ix_forecast_series": "forecast_commitment",
}


def upgrade() -> None:
    for name, table in _SERVED_NOTHING.items():
        op.drop_index(name, table_name=table, schema="chain")
    op.drop_index("ix_product_uri", table_name="product", schema="chain")
    op.create_index(
        "ix_product_uri",
        "product",
        ["uri"],
        unique=False,
        schema="chain",
        postgresql_ops={"uri": "text_pattern_ops"},
    )
    first = ["first_block", "product_id"]
    _index("ix_product_first_block", "product", first)
    _index("ix_product_custodian", "product", ["custodian", *first])
    _index("ix_product_recall_level", "product", ["recall_level", *first])
    _index("ix_attestation_device", "attestation", ["device", *_PLACE])
    _index("ix_retirement_credit", "credit_retirement", ["credit_id", *_PLACE])
    _index("ix_credit_batch_project", "credit_batch", ["project", *_PLACE])
    _index("ix_document_first_block", "document", ["first_block", "data_hash"])
    op.create_index(
        "ix_document_media",
        "document",
        ["media", "first_block", "data_hash"],
        unique=False,
        schema="chain",
        postgresql_where=_NOT_EVENTS,
        sqlite_where=_NOT_EVENTS,
    )


def _index(name: str, table: str, columns: list[str]) -> None:
    op.create_index(name, table, columns, unique=False, schema="chain")
