"""A device installs without a database, a chain client or a web framework."""

import subprocess
import sys

FORBIDDEN = "web3", "eth_account", "sqlmodel", "sqlalchemy", "fastapi", "core.chain", "core.db"


def test_edge_imports_nothing_heavy() -> None:
    script = f"import sys, edge.main; print([m for m in {FORBIDDEN} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr
