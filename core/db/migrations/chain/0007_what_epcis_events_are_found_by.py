"""What EPCIS events are found by: words, numbers and identifiers of each readable document.

A filled mirror is derived anew beside (indexer/reindex.py); its documents come along and are
indexed by the indexer when it starts (indexer/event_index.py).
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "event_index",
        sa.Column("data_hash", sa.LargeBinary(), nullable=False),
        sa.Column("first_block", sa.BigInteger(), nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("event_type", sa.Text(), nullable=True),
        sa.Column("biz_step", sa.Text(), nullable=True),
        sa.Column("disposition", sa.Text(), nullable=True),
        sa.Column("read_point", sa.Text(), nullable=True),
        sa.Column("biz_location", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("data_hash"),
        schema="chain",
    )
    op.create_index(
        "ix_event_index_biz_location", "event_index", ["biz_location"], unique=False, schema="chain"
    )
    op.create_index(
        "ix_event_index_biz_step", "event_index", ["biz_step"], unique=False, schema="chain"
    )
    op.create_index(
        "ix_event_index_disposition", "event_index", ["disposition"], unique=False, schema="chain"
    )
    op.create_index(
        "ix_event_index_event_time",
        "event_index",
        ["event_time", "data_hash"],
        unique=False,
        schema="chain",
    )
    op.create_index(
        "ix_event_index_event_type", "event_index", ["event_type"], unique=False, schema="chain"
    )
    op.create_index(
        "ix_event_index_read_point", "event_index", ["read_point"], unique=False, schema="chain"
    )
    op.create_index(
        "ix_event_index_record_time",
        "event_index",
        ["first_block", "data_hash"],
        unique=False,
        schema="chain",
    )
    op.create_table(
        "event_value",
        sa.Column("data_hash", sa.LargeBinary(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("data_hash", "field", "value"),
        schema="chain",
    )
    op.create_index(
        "ix_event_value", "event_value", ["field", "value"], unique=False, schema="chain"
    )
    if op.get_bind().dialect.name == "postgresql":
        op.create_index(
            "ix_event_index_words",
            "event_index",
            [sa.literal_column("string_to_array(words, ' ')")],
            unique=False,
            schema="chain",
            postgresql_using="gin",
        )
