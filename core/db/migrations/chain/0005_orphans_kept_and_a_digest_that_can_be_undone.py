"""Orphaned blocks are kept with their rows, and the state digest is a sum that can be undone.

Digests of the older kind cannot be turned into the new, so what an older indexer wrote is dropped;
a filled mirror is derived anew from its raw logs instead of taking this path (indexer/reindex.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _empty()
    column = sa.Column("digest_sum", sa.LargeBinary(), nullable=False)
    op.add_column("checkpoint", column, schema="chain")
    op.create_table(
        "orphaned_block",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("parent_hash", sa.LargeBinary(), nullable=False),
        sa.Column("timestamp", sa.BigInteger(), nullable=False),
        sa.Column("state_digest", sa.LargeBinary(), nullable=False),
        sa.Column("orphaned_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("hash"),
        schema="chain",
    )
    op.create_index(
        "ix_orphaned_block_number",
        "orphaned_block",
        ["number", "hash"],
        unique=False,
        schema="chain",
    )
    op.create_table(
        "orphaned_row",
        sa.Column("block_hash", sa.LargeBinary(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("table_name", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("block_hash", "position"),
        schema="chain",
    )


def _empty() -> None:
    inspector = sa.inspect(op.get_bind())
    for table in inspector.get_table_names(schema="chain"):
        if table != "schema_version":
            op.execute(f'DELETE FROM chain."{table}"')  # noqa: S608  our own names
