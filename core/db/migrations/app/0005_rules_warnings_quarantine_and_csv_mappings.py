"""What capture jobs are asked, what they warn of and hold back, and saved column mappings."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capture_job_rules",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("owner", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("job_id"),
        schema="app",
    )
    op.create_table(
        "capture_job_warning",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("issue", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "position"),
        schema="app",
    )
    op.create_table(
        "quarantined_event",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("pointer", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("released_as", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "position"),
        schema="app",
    )
    op.create_table(
        "csv_mapping",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mapping", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="app",
    )
