"""Raw logs keyed by block number first, so that the table can be split by it, with one index less;
indices for traces, and none for the types of events, which the standard lists.

Only a mirror without blocks takes this path: a filled one is derived anew with the raw logs it has
(indexer/reindex.py), in partitions where SR360_DB__PARTITION_BLOCKS asks for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("log", schema="chain")
    op.create_table(
        "log",
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("topics", sa.LargeBinary(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(), nullable=False),
        sa.Column("orphaned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index", "block_hash"),
        schema="chain",
    )
    op.drop_index("ix_event_index_event_type", table_name="event_index", schema="chain")
    op.create_index("ix_packing_parent", "packing", ["parent_id"], unique=False, schema="chain")
    op.create_index(
        "ix_transformation_document", "transformation", ["data_hash"], unique=False, schema="chain"
    )
