"""docs/runbook-deployment.md, carried out on anvil as it stands.

runbook
├── every block runs in order and ends with the documented roles
└── given a contract at another address: the verification stops it
"""

import dataclasses
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.chain.deployments import Contract
from core.chain.keys import deployer
from core.config import Settings
from core.crypto import address_of
from core.types import Address
from scripts.anvil import Anvil
from scripts.deploy import deploy_to, differences

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs/runbook-deployment.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _script() -> str:
    """The page's blocks, with the CLI of this environment for `sr360`."""
    begin = f'set -euo pipefail\nsr360() {{ "{sys.executable}" -m scripts.sr360 "$@"; }}\n'
    return begin + "\n".join(BLOCK.findall(PAGE.read_text()))


@pytest.mark.slow
def test_the_runbook_runs(fresh_anvil: Anvil, tmp_path: Path):
    clean = {k: v for k, v in os.environ.items() if not k.startswith("SR360_")}
    state = {"SR360_STATE_DIR": str(tmp_path / "state"), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["bash", "-c", _script()],
        cwd=ROOT,
        env={**clean, **state, "RPC": fresh_anvil.url, "KEYS": str(tmp_path / "keys")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "holds ADMIN, which is not documented" in done.stdout
    assert "the deployer holds no role any more" in done.stderr
    assert "waiting: " in done.stdout
    assert "the guardian cannot resume" in done.stdout
    assert done.stdout.count("as documented") == 3
    assert {path.stat().st_mode & 0o077 for path in (tmp_path / "keys").iterdir()} == {0}


async def test_a_deployment_that_is_not_this_source_is_found(fresh_anvil: Anvil, tmp_path: Path):
    key = deployer(Settings())
    deployment = await deploy_to(fresh_anvil.url, key, tmp_path)
    us = address_of(key)
    assert await differences(fresh_anvil.url, deployment, us) == []
    elsewhere = Contract(Address(b"\x42" * 20), deployment.contracts["SupplyChain"].code_hash)
    moved = dataclasses.replace(
        deployment, contracts={**deployment.contracts, "SupplyChain": elsewhere, "Extra": elsewhere}
    )
    found = await differences(fresh_anvil.url, moved, us)
    assert [line.split(" at ")[0] for line in found] == [
        "SupplyChain should be",
        "Extra is none of this source",
        "the code of SupplyChain is not the one in the deployment file",
        "the code of Extra is not the one in the deployment file",
    ]
    assert len(await differences(fresh_anvil.url, deployment, Address(b"\x01" * 20))) > 5
