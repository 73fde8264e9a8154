"""A large table, made into events and checked a few hundred at a time, as `epcis.stream` does."""

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO, Final

from core.document.lexical import LexicalObject
from core.epcis.stream import AT_ONCE, Checked, issues_around, issues_of
from core.epcis.tables.events import around, drafts
from core.epcis.tables.mapping import TableMapping
from core.epcis.tables.table import Table
from core.errors import Issue


class TableStream:
    """Checks the events of a table that is read once, from its start.

    Raises InvalidDocument for missing columns, Malformed for another encoding.
    """

    is_xml: Final = False

    def __init__(self, source: BinaryIO, mapping: TableMapping) -> None:
        self._mapping = mapping
        self._table = Table(source, mapping)
        self._first: LexicalObject | None = None
        self.count = 0

    def __iter__(self) -> Iterator[Checked]:
        try:
            yield from self._checked()
        finally:
            self._table.leave()

    def _checked(self) -> Iterator[Checked]:
        made = drafts(self._table, self._mapping)
        while some := list(islice(made, AT_ONCE)):
            rows: list[Issue] = []
            found = []
            for draft in some:
                rows += [draft] if isinstance(draft, Issue) else draft.issues
                if not isinstance(draft, Issue) and draft.is_whole:
                    found.append(draft)
            if found and self._first is None:
                self._first = found[0].event
            events = tuple(draft.event for draft in found)
            issues = tuple(issues_of([(event, None) for event in events], self.count))
            cells = tuple(draft.located(self.count + n) for n, draft in enumerate(found))
            yield Checked(self.count, events, issues, cells, tuple(rows))
            self.count += len(events)

    def around(self) -> LexicalObject:
        """The document without its events."""
        return around(self._mapping, self._first) | {"epcisBody": {"eventList": []}}

    def around_issues(self) -> list[Issue]:
        """What is wrong with the document itself."""
        return issues_around(self.around(), self._first)
