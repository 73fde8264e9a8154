"""Bonds, reveals, outcomes and scores of forecasts.

New tables for new events: a contract that could log them was not deployed before, so what an older
indexer wrote stays as it is.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bond_settlement",
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(), nullable=False),
        sa.Column("series_id", sa.LargeBinary(), nullable=False),
        sa.Column("forecaster", sa.LargeBinary(), nullable=False),
        sa.Column("account", sa.LargeBinary(), nullable=False),
        sa.Column("cutoff", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
        schema="chain",
    )
    op.create_index(
        op.f("ix_chain_bond_settlement_series_id"),
        "bond_settlement",
        ["series_id"],
        unique=False,
        schema="chain",
    )
    op.create_table(
        "forecast_bond",
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(), nullable=False),
        sa.Column("series_id", sa.LargeBinary(), nullable=False),
        sa.Column("forecaster", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("cutoff", sa.BigInteger(), nullable=False),
        sa.Column("beneficiary", sa.LargeBinary(), nullable=False),
        sa.Column("amount", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
        schema="chain",
    )
    op.create_index(
        op.f("ix_chain_forecast_bond_commitment"),
        "forecast_bond",
        ["commitment"],
        unique=False,
        schema="chain",
    )
    op.create_table(
        "forecast_outcome",
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(), nullable=False),
        sa.Column("series_id", sa.LargeBinary(), nullable=False),
        sa.Column("observer", sa.LargeBinary(), nullable=False),
        sa.Column("period", sa.BigInteger(), nullable=False),
        sa.Column("name_hash", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
        schema="chain",
    )
    op.create_index(
        "ix_forecast_outcome",
        "forecast_outcome",
        ["series_id", "period"],
        unique=False,
        schema="chain",
    )
    op.create_table(
        "forecast_reveal",
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(), nullable=False),
        sa.Column("series_id", sa.LargeBinary(), nullable=False),
        sa.Column("forecaster", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("cutoff", sa.BigInteger(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
        schema="chain",
    )
    op.create_index(
        op.f("ix_chain_forecast_reveal_commitment"),
        "forecast_reveal",
        ["commitment"],
        unique=False,
        schema="chain",
    )
    op.create_table(
        "forecast_score",
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("tx_hash", sa.LargeBinary(), nullable=False),
        sa.Column("series_id", sa.LargeBinary(), nullable=False),
        sa.Column("forecaster", sa.LargeBinary(), nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column("cutoff", sa.BigInteger(), nullable=False),
        sa.Column("loss", sa.Text(), nullable=False),
        sa.Column("steps", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("block_number", "log_index"),
        schema="chain",
    )
    op.create_index(
        op.f("ix_chain_forecast_score_commitment"),
        "forecast_score",
        ["commitment"],
        unique=False,
        schema="chain",
    )


def downgrade() -> None:
    for table in (
        "forecast_score",
        "forecast_reveal",
        "forecast_outcome",
        "forecast_bond",
        "bond_settlement",
    ):
        op.drop_table(table, schema="chain")
