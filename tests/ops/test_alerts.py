"""ops/prometheus/alerts.yml and ops/grafana/indexer.json speak only of what is there.

├── each metric in a rule is on the metrics page
├── each metric in a panel is on the metrics page, and panels do not overlap
└── each alert has its chapter in the runbook, and each chapter its alert
"""

import json
import re
from itertools import combinations
from pathlib import Path

import yaml
from prometheus_client.exposition import generate_latest

from core.errors import RpcUnavailable
from indexer.metrics import Metrics

ROOT = Path(__file__).resolve().parents[2]
RUNBOOK = ROOT / "docs/runbook-indexer.md"


def _rules() -> list[dict]:
    groups = yaml.safe_load((ROOT / "ops/prometheus/alerts.yml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def _page() -> set[str]:
    """Names of all samples, with one observation of each kind made."""
    metrics = Metrics()
    metrics.observer("http://node")(["eth_chainId"], 0.1, RpcUnavailable.code)
    metrics.documents.labels("pending").set(0)
    metrics.attempts.labels("ready").inc()
    metrics.digest.labels("1", "0x00").set(1)
    metrics.failures.labels("rpc_unavailable").inc()
    return set(re.findall(r"^(\w+)(?:\{|\s)", generate_latest(metrics.registry).decode(), re.M))


def test_each_metric_in_a_rule_exists():
    page = _page()
    for rule in _rules():
        named = set(re.findall(r"\bsr360_\w+", rule["expr"]))
        assert named <= page, rule["alert"]
        assert named or "up{" in rule["expr"]


def _panels() -> list[dict]:
    return json.loads((ROOT / "ops/grafana/indexer.json").read_text())["panels"]


def test_each_metric_in_a_panel_exists():
    page = _page()
    for panel in _panels():
        for target in panel["targets"]:
            named = set(re.findall(r"\bsr360_\w+", target["expr"]))
            assert named, panel["title"]
            assert named <= page, panel["title"]


def test_panels_stand_beside_each_other():
    for one, other in combinations([panel["gridPos"] for panel in _panels()], 2):
        apart = [
            one[at] + one[size] <= other[at] or other[at] + other[size] <= one[at]
            for at, size in (("x", "w"), ("y", "h"))
        ]
        assert any(apart), (one, other)


def test_each_metric_in_the_runbook_exists():
    named = set(re.findall(r"\bsr360_\w+", RUNBOOK.read_text()))
    assert {name for name in named if f"{name}_count" not in _page()} <= _page()


def test_each_alert_has_its_chapter():
    chapters = re.findall(r"^## (\w+)$", RUNBOOK.read_text(), re.M)
    rules = _rules()
    assert [rule["alert"] for rule in rules] == chapters
    for rule in rules:
        assert rule["annotations"]["runbook"] == f"docs/runbook-indexer.md#{rule['alert'].lower()}"
        assert rule["labels"]["severity"] in {"page", "ticket"}
