"""What the web's tests need: the built files, and a browser's results."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

WEB = Path(__file__).resolve().parents[2] / "web"
NODE = shutil.which("node") or "node"
FARM = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"
COOLER = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc"
"""Accounts 1 and 2 of anvil's published mnemonic."""
SALAD = "/01/10860009998039/10/SALAD-20260420-A"
Play = Callable[[str], dict[str, Any]]


@pytest.fixture
def web() -> Path:
    """The web package with its dependencies installed."""
    assert (WEB / "node_modules").is_dir(), "npm ci has not run in web; ./sr360 test does it"
    return WEB


@pytest.fixture
def dist(web: Path) -> Path:
    """The built files."""
    built = web / "dist"
    assert (built / "index.html").is_file(), "the web is not built; ./sr360 test does it"
    return built


@pytest.fixture
def play(stack: Any, dist: Path) -> Play:
    """Runs one scenario of web/e2e in Chromium against the demo; its result as printed."""
    context: dict[str, Any] = {
        "api": stack.api_url,
        "rpc": stack.rpc_url,
        "product": SALAD,
        "accounts": {"farm": FARM, "cooler": COOLER},
    }
    if folder := os.environ.get("SR360_SCREENSHOTS"):
        context["out"] = str(Path(folder).resolve())
        Path(folder).mkdir(parents=True, exist_ok=True)
    env = os.environ | {"SR360_E2E": json.dumps(context)}

    def run(name: str) -> dict[str, Any]:
        ran = subprocess.run(
            [NODE, "e2e/run.mjs", name],
            cwd=dist.parent,
            env=env,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert ran.stdout, ran.stderr
        return dict(json.loads(ran.stdout.splitlines()[-1]))

    return run
