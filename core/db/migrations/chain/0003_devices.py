"""DeviceRegistry's devices, as the oracle judges readings by them.

Rows are derived, and a mirror's digests cover all of them, so what an older indexer wrote is
dropped; the next start builds it anew from the chain.
"""

import sqlalchemy as sa
from alembic import op

from core.db.schema import VERSION_TABLE

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in sa.inspect(op.get_bind()).get_table_names(schema="chain"):
        if table != VERSION_TABLE:
            op.execute(f"DELETE FROM chain.{table}")  # noqa: S608  our own names
    op.create_table(
        "device",
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("calibration_hash", sa.LargeBinary(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("revoked_since", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("registered_block", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
        schema="chain",
    )


def downgrade() -> None:
    op.drop_table("device", schema="chain")
