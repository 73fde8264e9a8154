"""The script itself leads to the contract tools: a broken set-up step is noticed here.

The set-up runs as for a user; where nothing changed since, its steps are skipped.
"""

import subprocess

import pytest

from scripts.brownie_runner import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]


def sr360(*arguments: str) -> str:
    """What the script printed. Fails with all it said when it ends in another way than well."""
    done = subprocess.run(
        [ROOT / "sr360", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_ape_starts() -> None:
    version = sr360("ape", "--version").strip()
    locked = (ROOT / "requirements/contracts.lock").read_text()
    assert f"eth-ape=={version} " in locked


def test_brownie_compiles() -> None:
    assert "Brownie v" in sr360("brownie", "compile")
