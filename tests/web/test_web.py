"""What web ships and how it is locked; its types, lint and unit tests are stages of their own."""

import subprocess
from pathlib import Path

from tests.web.conftest import NODE


def _run(folder: Path, *command: str) -> str:
    ran = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_sizes_are_within_budget(dist: Path) -> None:
    said = _run(dist.parent, NODE, "scripts/budgets.mjs")
    assert "app entry" in said
    assert "passport check" in said


def test_passport_check_has_a_stable_name_and_no_react(dist: Path) -> None:
    script = (dist / "assets/passport-check.js").read_text()
    assert "verifyBundle" not in script, "it is minified"
    assert "react" not in script.lower()


def test_offline_page_is_one_file(dist: Path) -> None:
    page = (dist / "verify.html").read_text()
    head = page.split("<script", 1)[0]
    assert '<link rel="stylesheet"' not in head
    assert 'src="/' not in head
    assert "<style>" in head


def test_lock_names_no_registry(web: Path) -> None:
    assert '"resolved"' not in (web / "package-lock.json").read_text()
    assert "omit-lockfile-registry-resolved=true" in (web / ".npmrc").read_text()


def test_versions_are_exact(web: Path) -> None:
    package = (web / "package.json").read_text()
    assert "^" not in package
    assert "~" not in package
