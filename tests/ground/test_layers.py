"""The house rules that a machine can check."""

import ast
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("core", "indexer", "api", "oracle", "edge", "ml")


def sources(*rooms: str) -> list[Path]:
    return [path for room in rooms for path in sorted((ROOT / room).rglob("*.py"))]


def test_layers_hold(monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    broken = cli.lint_imports(no_logo=True)
    assert broken == 0, capsys.readouterr().out


@pytest.mark.parametrize("room", ROOMS)
def test_only_config_reads_the_environment(room):
    readers = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sources(room)
        if path != ROOT / "core/config.py"
        for line in _reads(ast.parse(path.read_text()))
    ]
    assert readers == []


def _reads(tree: ast.AST) -> list[int]:
    """Lines that read `os.environ` or call `os.getenv`; setting a library's variable is no read."""
    written: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            written |= {id(t.value) for t in node.targets if isinstance(t, ast.Subscript)}
        if isinstance(node, ast.Attribute) and node.attr == "setdefault":
            written.add(id(node.value))
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and id(node) not in written
    ]


def test_every_service_has_one_door():
    for service in ("indexer", "api", "oracle", "edge", "ml"):
        tree = ast.parse((ROOT / service / "main.py").read_text())
        doors = [n for n in tree.body if isinstance(n, ast.AsyncFunctionDef) and n.name == "run"]
        assert len(doors) == 1, f"{service}/main.py needs `async def run(settings)`"


def test_no_package_marker_where_dependencies_ship_the_same_name():
    for folder in ("tests", "docs", "benchmarks"):
        assert not list((ROOT / folder).rglob("__init__.py"))
