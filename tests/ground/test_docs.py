"""Documentation that cannot rot: pages are compared with what they describe."""

import json
import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from core.config import Settings

ROOT = Path(__file__).resolve().parents[2]


def _first_column(page: Path) -> list[str]:
    rows = re.findall(r"^\| `?([^|`]+?)`? \|", page.read_text(), re.MULTILINE)
    return [row for row in rows if row not in {"package", "---", "setting"}]


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=!~ ]", requirement, maxsplit=1)[0]


def test_every_dependency_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = list(project["project"]["dependencies"])
    for group in project["project"]["optional-dependencies"].values():
        wanted += group
    for group in project["dependency-groups"].values():
        wanted += group
    names = {_name(item) for item in wanted} - {"smartretail360"}
    for package in ("contracts", "web"):
        manifest = json.loads((ROOT / package / "package.json").read_text())
        names |= set(manifest["dependencies"]) | set(manifest.get("devDependencies", {}))
    assert set(_first_column(ROOT / "docs/dependencies.md")) == names


def _variables(model: type[BaseModel], prefix: str, separator: str = "_") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        variable = f"{prefix}{separator}{name.upper()}"
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found |= _variables(kind, variable, "__")
        else:
            found.add(variable)
    return found


def test_every_setting_is_documented():
    page = ROOT / "docs/reference/settings.md"
    assert set(_first_column(page)) == _variables(Settings, "SR360")


def test_no_lock_file_names_an_address():
    for lock in [*(ROOT / "requirements").glob("*.lock"), *ROOT.glob("*/package-lock.json")]:
        assert not re.search(
            r'"resolved"|https?://(?!.*funding)\S*\.(?:whl|tgz|tar)|index-url', lock.read_text()
        ), lock


def test_the_page_of_epcis_is_up_to_date():
    from scripts import epcis_docs

    assert epcis_docs.PAGE.read_text() == epcis_docs.render(), "run python -m scripts.epcis_docs"
