"""What a verification found: a list of named findings, never a bare yes."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Status(StrEnum):
    """How one check ended."""

    OK = "ok"
    BAD = "bad"
    UNCHECKED = "unchecked"
    """Could not be checked with what was given; never shown as good."""
    NOTE = "note"
    """Worth knowing, such as a withheld field; does not change the outcome."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: its stable name, how it ended, where in the bundle, and a sentence."""

    name: str
    status: Status
    pointer: str
    message: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """All findings about a proof bundle."""

    findings: tuple[Finding, ...]

    @property
    def status(self) -> Status:
        """BAD if anything is bad, else UNCHECKED if anything is, else OK."""
        statuses = {finding.status for finding in self.findings}
        if Status.BAD in statuses:
            return Status.BAD
        return Status.UNCHECKED if Status.UNCHECKED in statuses or not statuses else Status.OK

    @property
    def exit_code(self) -> int:
        """0 good, 1 bad, 2 could not check everything."""
        return {Status.OK: 0, Status.BAD: 1}.get(self.status, 2)

    def of(self, status: Status) -> tuple[Finding, ...]:
        """The findings that ended in this way."""
        return tuple(finding for finding in self.findings if finding.status == status)

    def to_json(self) -> dict[str, Any]:
        """`{status, findings: [{name, status, pointer, message}]}`."""
        return {"status": self.status.value, "findings": [_json(f) for f in self.findings]}


class Findings(list[Finding]):
    """A list of findings under construction."""

    def ok(self, name: str, pointer: str, message: str) -> None:
        self.append(Finding(name, Status.OK, pointer, message))

    def bad(self, name: str, pointer: str, message: str) -> None:
        self.append(Finding(name, Status.BAD, pointer, message))

    def unchecked(self, name: str, pointer: str, message: str) -> None:
        self.append(Finding(name, Status.UNCHECKED, pointer, message))

    def note(self, name: str, pointer: str, message: str) -> None:
        self.append(Finding(name, Status.NOTE, pointer, message))


def verdict(findings: Iterable[Finding]) -> Verdict:
    """The verdict on these findings."""
    return Verdict(tuple(findings))


def _json(finding: Finding) -> dict[str, str]:
    return {
        "name": finding.name,
        "status": finding.status.value,
        "pointer": finding.pointer,
        "message": finding.message,
    }
