"""What an audit says: findings that are wrong, counts of what holds, reasons for what is open."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any, Final

FORMAT: Final = "sr360-verify/1"
GOOD, BAD, UNCHECKED = "good", "bad", "unchecked"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, named so that a person can go and look."""

    rule: str
    """One of the rules of docs/reference/verify-report.md."""
    place: str
    """Table and key, product and entry, block or CID."""
    message: str
    column: str = ""
    expected: str = ""
    found: str = ""


@dataclass
class Report:
    """The outcome of `verify`."""

    findings: list[Finding] = field(default_factory=list)
    checked: Counter[str] = field(default_factory=Counter)
    """How many of each kind were compared and hold or are named in `findings`."""
    unchecked: list[str] = field(default_factory=list)
    """What could not be checked, with the reason."""
    rests_on: list[str] = field(default_factory=list)
    """What the verdict takes for granted."""
    frame: dict[str, Any] = field(default_factory=dict)
    """What was checked against what, when and with which software; JSON values."""

    @property
    def ok(self) -> bool:
        """Everything was checked and everything holds."""
        return not self.findings and not self.unchecked

    @property
    def exit_code(self) -> int:
        """0 good, 1 something is wrong, 2 something could not be checked."""
        if self.findings:
            return 1
        return 2 if self.unchecked else 0

    @property
    def verdict(self) -> str:
        return (GOOD, BAD, UNCHECKED)[self.exit_code]

    def add(self, rule: str, place: str, message: str, **details: str) -> None:
        self.findings.append(Finding(rule, place, message, **details))

    def take(self, other: "Report") -> None:
        """Add what a part of the audit found."""
        self.findings += other.findings
        self.checked += other.checked
        self.unchecked += other.unchecked

    def to_json(self) -> dict[str, Any]:
        """The report as docs/reference/verify-report.schema.json describes it."""
        return {
            "format": FORMAT,
            **self.frame,
            "ok": self.ok,
            "verdict": self.verdict,
            "findings": [asdict(finding) for finding in self.findings],
            "checked": {what: count for what, count in self.checked.items() if count},
            "unchecked": self.unchecked,
            "restsOn": self.rests_on,
        }


def show(value: object) -> str:
    """A value as people and JSON read it."""
    if isinstance(value, bytes):
        return "0x" + value.hex() if len(value) <= 64 else f"0x{value[:32].hex()}… ({len(value)} B)"
    return str(value)
