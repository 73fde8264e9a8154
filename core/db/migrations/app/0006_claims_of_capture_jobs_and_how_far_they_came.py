"""Who works a capture job off, how far a large one has come, and the cells of a large table."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    zero, no = sa.text("0"), sa.false()
    for column in (
        sa.Column("is_xml", sa.Boolean(), nullable=False, server_default=no),
        sa.Column("judged_at", sa.BigInteger(), nullable=True),
        sa.Column("recorded", sa.BigInteger(), nullable=False, server_default=sa.text("-1")),
        sa.Column("claimed_by", sa.Text(), nullable=True),
        sa.Column("claimed_until", sa.BigInteger(), nullable=False, server_default=zero),
    ):
        op.add_column("capture_job", column, schema="app")
    for column in (
        sa.Column("cells", sa.Text(), nullable=True),
        sa.Column("failed", sa.Boolean(), nullable=False, server_default=no),
    ):
        op.add_column("capture_event", column, schema="app")
