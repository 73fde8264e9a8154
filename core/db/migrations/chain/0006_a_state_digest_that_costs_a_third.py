"""The state digest leaves out of a product what its newest entry says; see docs/decisions/0013.

No table changes. Digests of the older kind cannot be turned into the new, so a filled mirror is
derived anew from its raw logs instead of taking this path (indexer/reindex.py).
"""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing: only an empty mirror comes here."""
