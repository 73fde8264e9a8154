"""Which capture jobs gave their documents back, and below which block nothing is told any more."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    at = sa.Column("pruned_at", sa.BigInteger(), nullable=True)
    op.add_column("capture_job", at, schema="app")
    op.create_index(
        "ix_capture_job_pruned",
        "capture_job",
        ["pruned_at", "finished_at"],
        unique=False,
        schema="app",
    )
    zero = sa.text("0")
    block = sa.Column("pruned_block", sa.BigInteger(), nullable=False, server_default=zero)
    op.add_column("subscription", block, schema="app")
