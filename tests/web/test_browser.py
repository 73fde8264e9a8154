"""The three pages in Chromium, against the running demo and wallets backed by anvil keys.

The scenarios are in web/e2e; each runs in a browser of its own and checks with axe on the way.
"""

import json
import subprocess

import pytest

from tests.web.conftest import NODE, WEB, Play

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(400),  # the first one waits for the demo to be played
    pytest.mark.xdist_group("stack"),
]


def _scenarios() -> list[str]:
    listed = subprocess.run(
        [NODE, "e2e/run.mjs", "--list"], cwd=WEB, capture_output=True, text=True, check=False
    )
    return list(json.loads(listed.stdout)) if listed.returncode == 0 else []


SCENARIOS = _scenarios()


def test_scenarios_are_found() -> None:
    assert {name.split()[0] for name in SCENARIOS} >= {"passport", "supplier", "verify"}


@pytest.mark.parametrize("name", SCENARIOS)
def test_scenario(name: str, play: Play) -> None:
    result = play(name)
    assert result["ok"], result["detail"]
