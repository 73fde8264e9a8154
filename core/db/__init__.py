"""Two SQL schemas: `chain` is derived and droppable, `app` is ours to back up.

Start at `core.db.engine.open_database`; the tables are in `chain_tables` and `app_tables`.
"""

from core.db.engine import Database, Writes, open_database

__all__ = ["Database", "Writes", "open_database"]
