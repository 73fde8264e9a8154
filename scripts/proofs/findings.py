"""Runs slither: `python -m scripts.proofs.findings`.

A finding of high or medium impact needs a reason in contracts/slither-triage.toml, and a reason
there needs a finding; this fails otherwise.
"""

import json
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from core.errors import SmartRetailError
from scripts.proofs.tools import CONTRACTS, ProofFailed, analyser, environment, run, table
from scripts.tools import tool_path

TRIAGE: Final = CONTRACTS / "slither-triage.toml"
MUST_BE_EXPLAINED: Final = ("High", "Medium")
_BUILD: Final = "cache/slither"


@dataclass(frozen=True)
class Finding:
    """What slither reports, named so that it survives moved lines."""

    check: str
    where: str
    impact: str
    text: str

    @property
    def key(self) -> tuple[str, str]:
        return self.check, self.where


def analyse() -> list[Finding]:
    """All findings in our own contracts, from a clean build. Raises ProofFailed."""
    env = environment(out=f"{_BUILD}/out", cache_path=_BUILD)
    build = ("--build-info", "--build-info-path", f"{_BUILD}/out/build-info", "--skip", "test")
    run([str(tool_path("forge")), "build", "--force", *build], env)
    command = [
        *(analyser("slither"), ".", "--ignore-compile", "--foundry-out-directory", f"{_BUILD}/out"),
        *("--config-file", "slither.config.json", "--json", "-"),
    ]
    report = json.loads(run(command, env, accept=(0, 255), only_stdout=True))
    if not report["success"]:
        raise ProofFailed(f"slither failed: {report['error']}")
    return [_finding(one) for one in report["results"].get("detectors", []) if not _in_tests(one)]


def _in_tests(one: dict[str, Any]) -> bool:
    # slither's own path filter would also drop a finding of ours that merely touches such a file.
    return str(one["elements"][0]["source_mapping"]["filename_relative"]).startswith("test/")


def _finding(one: dict[str, Any]) -> Finding:
    text = " ".join(one["description"].split())
    return Finding(one["check"], _place(one["elements"][0]), one["impact"], text)


def _place(element: dict[str, Any]) -> str:
    """`Contract.function(types)`, `Contract.variable`, `Contract.function(types).variable`, or the
    statement's function."""
    fields = element.get("type_specific_fields", {})
    parent = fields.get("parent")
    if element["type"] == "node" and parent:
        return _place(parent)
    if element["type"] == "variable" and parent and parent["type"] == "function":
        return f"{_place(parent)}.{element['name']}"
    name = str(fields.get("signature", element["name"]))
    return f"{parent['name']}.{name}" if parent and parent["type"] == "contract" else name


def reasons() -> dict[tuple[str, str], str]:
    """(check, place) -> why it is no fault."""
    entries = tomllib.loads(TRIAGE.read_text())["finding"]
    found = {(one["check"], one["where"]): one["reason"].strip() for one in entries}
    if len(found) != len(entries) or not all(found.values()):
        raise ProofFailed(f"{TRIAGE.name} has an entry twice, or without a reason")
    return found


def faults(findings: list[Finding], explained: dict[tuple[str, str], str]) -> list[str]:
    """What keeps the check from passing, one line each."""
    grave = [one for one in findings if one.impact in MUST_BE_EXPLAINED]
    known = {one.key for one in findings}
    return [
        *(f"unexplained {one.impact}: {one.text}" for one in grave if one.key not in explained),
        *(
            f"explained but not found: {check} at {at}"
            for check, at in explained
            if (check, at) not in known
        ),
    ]


def render(findings: list[Finding], explained: dict[tuple[str, str], str]) -> str:
    """Counts by impact and check."""
    counts = Counter((one.impact, one.check) for one in findings)
    told = Counter((one.impact, one.check) for one in findings if one.key in explained)
    order = ["High", "Medium", "Low", "Informational", "Optimization"]
    rows = [
        (impact, check, count, told[impact, check] if impact in MUST_BE_EXPLAINED else "not asked")
        for (impact, check), count in sorted(
            counts.items(), key=lambda item: (order.index(item[0][0]), item[0][1])
        )
    ]
    return table(("impact", "detector", "findings", "explained"), rows)


def main() -> int:
    try:
        findings, explained = analyse(), reasons()
        wrong = faults(findings, explained)
    except SmartRetailError as error:
        print(error, file=sys.stderr)
        return 2
    print(render(findings, explained))
    print("\n".join(["", *wrong]) if wrong else "\nno high or medium finding is unexplained")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
