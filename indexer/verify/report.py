"""What an audit says: findings that are wrong, counts of what holds, reasons for what is open."""

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, named so that a person can go and look."""

    rule: str
    """`row_changed`, `row_missing`, `row_extra`, `events_swapped`, `head_differs`,
    `standing_differs`, `document_altered`, `ipfs_block_altered`, `checkpoint_differs` or
    `source_lied`."""
    place: str
    """Table and key, product and entry, or CID."""
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

    def add(self, rule: str, place: str, message: str, **details: str) -> None:
        self.findings.append(Finding(rule, place, message, **details))

    def to_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "findings": [asdict(finding) for finding in self.findings],
            "checked": dict(self.checked),
            "unchecked": self.unchecked,
        }


def show(value: object) -> str:
    """A value as people and JSON read it."""
    if isinstance(value, bytes):
        return "0x" + value.hex() if len(value) <= 64 else f"0x{value[:32].hex()}… ({len(value)} B)"
    return str(value)
