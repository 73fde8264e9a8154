"""Which events are indexed so that they can be sorted by their extensions.

Only a mirror without blocks takes this path: a filled one is derived anew (indexer/reindex.py), its
event index comes along, and the indexer makes its rows anew one by one while they answer.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    version = sa.Column("version", sa.BigInteger(), nullable=False, server_default=sa.text("0"))
    op.add_column("event_index", version, schema="chain")
