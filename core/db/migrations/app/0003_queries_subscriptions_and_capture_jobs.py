"""Named queries, who is told of their events, and documents recorded for partners."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "capture_job",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("finished_at", sa.BigInteger(), nullable=True),
        sa.Column("behaviour", sa.Text(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("job_id"),
        schema="app",
    )
    op.create_index(
        "ix_capture_job_open",
        "capture_job",
        ["finished_at", "created_at"],
        unique=False,
        schema="app",
    )
    op.create_table(
        "capture_job_error",
        sa.Column("job_id", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "position"),
        schema="app",
    )
    op.create_table(
        "named_query",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        schema="app",
    )
    op.create_table(
        "subscription",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("query_name", sa.Text(), nullable=False),
        sa.Column("target", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("schedule", sa.Text(), nullable=True),
        sa.Column("report_if_empty", sa.Boolean(), nullable=False),
        sa.Column("epc_format", sa.Text(), nullable=False),
        sa.Column("initial_record_time", sa.BigInteger(), nullable=False),
        sa.Column("floor_block", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("last_run_at", sa.BigInteger(), nullable=True),
        sa.Column("last_notified_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("subscription_id"),
        schema="app",
    )
    op.create_index(
        op.f("ix_app_subscription_query_name"),
        "subscription",
        ["query_name"],
        unique=False,
        schema="app",
    )
    op.create_index("ix_subscription_due", "subscription", ["due_at"], unique=False, schema="app")
    op.create_table(
        "told_event",
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("data_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("subscription_id", "data_hash"),
        schema="app",
    )
    op.create_table(
        "webhook_message",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("subscription_id", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("message_id"),
        schema="app",
    )
    op.create_index(
        "ix_webhook_message_due",
        "webhook_message",
        ["state", "next_attempt_at"],
        unique=False,
        schema="app",
    )
    op.create_index(
        "ix_webhook_message_subscription",
        "webhook_message",
        ["subscription_id", "created_at"],
        unique=False,
        schema="app",
    )
