"""What the web's tests need: the built files, and a browser's results."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
NODE = shutil.which("node") or "node"
FARM = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
COOLER = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc"
"""Accounts 1 and 2 of anvil's published mnemonic."""
SALAD = "/01/10860009998039/10/SALAD-20260420-A"
Results = dict[str, dict[str, Any]]


@pytest.fixture(scope="session")
def web() -> Path:
    """The web package with its dependencies installed."""
    assert (WEB / "node_modules").is_dir(), "npm ci has not run in web; ./sr360 test does it"
    return WEB


@pytest.fixture(scope="session")
def dist(web: Path) -> Path:
    """The built files."""
    built = web / "dist"
    assert (built / "index.html").is_file(), "the web is not built; ./sr360 test does it"
    return built


@pytest.fixture(scope="session")
def played(stack: Any, dist: Path, request: pytest.FixtureRequest) -> Results:
    """Every selected scenario of web/e2e, played once in one Chromium against the demo, by name."""
    ran = subprocess.run(
        [NODE, "e2e/run.mjs", *_selected(request.session)],
        cwd=dist.parent,
        env=os.environ | {"SR360_E2E": json.dumps(_context(stack))},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    results = [json.loads(line) for line in ran.stdout.splitlines()]
    assert results, ran.stderr
    return {result["name"]: result for result in results}


def _selected(session: pytest.Session) -> list[str]:
    items = [item for item in session.items if "played" in getattr(item, "fixturenames", ())]
    return [item.callspec.params["name"] for item in items]  # type: ignore[attr-defined]


def _context(stack: Any) -> dict[str, Any]:
    """What a scenario knows; screenshots go to SR360_SCREENSHOTS if that names a folder."""
    context: dict[str, Any] = {
        "api": stack.api_url,
        "rpc": stack.rpc_url,
        "product": SALAD,
        "accounts": {"farm": FARM, "cooler": COOLER},
    }
    if folder := os.environ.get("SR360_SCREENSHOTS"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        context["out"] = str(Path(folder).resolve())
    return context
