"""eth-brownie, in its own environment, compiles our contracts offline and uses them on anvil.

smoke script
├── given no SupplyChain: it deploys one, records, and finds head and event as the rule says
├── given ours: it attaches to it
└── given a contract that is no SupplyChain: it fails
environment
├── is made once for a lock file
└── shares nothing with the services or the user's home
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from core.chain.deployments import Deployment
from core.crypto import to_hex
from scripts import brownie_runner
from scripts.anvil import Anvil

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _smoke(rpc_url: str, **variables: str) -> subprocess.CompletedProcess[str]:
    brownie_runner.install()
    brownie_runner.prepare()
    environment = brownie_runner.environment(rpc_url) | variables
    return subprocess.run(
        [brownie_runner.VENV / "bin/brownie", "run", "brownie_smoke"],
        cwd=brownie_runner.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_brownie_user_deploys_records_and_reads(anvil: Anvil, deployment: Deployment):
    deployed = _smoke(anvil.url)
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    assert re.search(r"recorded 0x[0-9a-f]{64} on sr360: head 0{15}1[0-9a-f]{48}", deployed.stdout)
    attached = _smoke(anvil.url, SUPPLY_CHAIN=to_hex(deployment.supply_chain))
    assert attached.returncode == 0, attached.stdout + attached.stderr
    assert "constructor" not in attached.stdout
    refused = _smoke(anvil.url, SUPPLY_CHAIN=to_hex(deployment.actor_registry))
    assert refused.returncode == 1, refused.stdout


def test_the_environment_is_made_once_and_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    brownie_runner.install()
    assert brownie_runner.install() is False
    assert Path(brownie_runner.environment("http://x")["HOME"]).is_relative_to(brownie_runner.STATE)
    monkeypatch.setattr(brownie_runner, "VENV", tmp_path / "venv")
    broken = tmp_path / "broken.lock"
    broken.write_text("no-such-package-of-ours==1.0 --hash=sha256:" + "0" * 64 + "\n")
    monkeypatch.setattr(brownie_runner, "LOCK", broken)
    with pytest.raises(brownie_runner.BrownieNotInstalled, match="no-such-package-of-ours"):
        brownie_runner.install()
    assert not (tmp_path / "venv/installed").exists()


def test_services_do_not_inherit_brownie():
    found = subprocess.run([sys.executable, "-c", "import brownie"], capture_output=True)
    assert found.returncode == 1
