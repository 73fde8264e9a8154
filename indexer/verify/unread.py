"""Blocks that no node could be asked for."""

from dataclasses import dataclass

from indexer.verify.report import Report


@dataclass
class Unread:
    """One line for all of them, for they have one cause."""

    patience: int
    """A node that is down so many times in a row is not asked again."""
    count: int = 0
    in_a_row: int = 0
    reason: str = ""

    @property
    def hopeless(self) -> bool:
        return self.in_a_row >= self.patience

    def add(self, reason: str) -> None:
        self.count += 1
        self.in_a_row += 1
        self.reason = reason

    def tell(self, report: Report) -> None:
        if self.count:
            report.unchecked.append(f"documents and disclosures, {self.count}: {self.reason}")
