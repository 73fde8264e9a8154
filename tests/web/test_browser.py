"""The three pages in Chromium, against the running demo and wallets backed by anvil keys.

The scenarios are in web/e2e; each has a fresh browser context and checks with axe on the way.
"""

import json
import subprocess

import pytest

from tests.web.conftest import NODE, WEB, Results

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(600),  # the first one waits for the demo and for all scenarios
]


def _scenarios() -> list[str]:
    listed = subprocess.run(
        [NODE, "e2e/run.mjs", "--list"], cwd=WEB, capture_output=True, text=True, check=False
    )
    return list(json.loads(listed.stdout)) if listed.returncode == 0 else []


SCENARIOS = _scenarios()


def test_scenarios_are_found() -> None:
    assert {name.split()[0] for name in SCENARIOS} >= {
        "passport",
        "recall",
        "supplier",
        "tools",
        "trace",
        "verify",
    }


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, played: Results) -> None:
    result = played[name]
    assert result["ok"], result["detail"]
