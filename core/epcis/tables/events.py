"""From the rows of a table to an EPCIS document, with the way back from its places to cells."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO, Final

from core import clock
from core.document.lexical import LexicalObject, LexicalValue, canonical, from_plain, parse, segment
from core.epcis.tables.cells import CellError, offset_of, value_of
from core.epcis.tables.mapping import Field, TableMapping
from core.epcis.tables.table import Row, Table
from core.errors import Issue, Malformed

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"
_EVENTS: Final = "/epcisBody/eventList"
MOST_ROWS: Final = 50_000
"""Of one event; all of them are held at once."""
_MOST_ISSUES: Final = 1_000


@dataclass(slots=True)
class Made:
    """A table's events, and what is wrong with its rows."""

    document: LexicalObject
    issues: list[Issue]
    """Pointers are fragments of RFC 7111: `#cell=7,3` is row 7, column 3; `#row=7` all of it."""
    cells: dict[str, str]
    """JSON pointer in the document -> fragment of the table."""

    def place(self, pointer: str) -> str:
        """The cell behind a place in the document, or the row; the pointer itself if neither."""
        return cell_of(self.cells, pointer)

    def located(self, issue: Issue) -> Issue:
        """The same finding where its author can see it."""
        return replace(issue, pointer=self.place(issue.pointer))


def cell_of(cells: Mapping[str, str], pointer: str) -> str:
    """Where a place in a document comes from, as `Made.place`."""
    at = pointer
    while at:
        if at in cells:
            return cells[at]
        at = at.rpartition("/")[0]
    return pointer


def make(source: BinaryIO, mapping: TableMapping) -> Made:
    """Raises InvalidDocument for missing columns, Malformed for another encoding.

    An event with a wrong row is left out as a whole; everything wrong is told.
    """
    table = Table(source, mapping)
    events: list[LexicalValue] = []
    made = Made({}, [], {})
    for draft in drafts(table, mapping):
        if isinstance(draft, Issue):
            made.issues.append(draft)
            continue
        made.issues += draft.issues
        if draft.is_whole:
            made.cells |= draft.located(len(events))
            events.append(draft.event)
    made.document = around(mapping, events[0] if events else None)
    made.document["epcisBody"] = {"eventList": events}
    return made


def around(mapping: TableMapping, first: LexicalValue) -> LexicalObject:
    """The document without its events. It is as old as the first of them: the same file gives the
    same document whenever it is sent."""
    time = first.get("eventTime") if isinstance(first, dict) else None
    return {
        "@context": [CONTEXT, *mapping.context],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": time if isinstance(time, str) else clock.iso(0),
    }


@dataclass(slots=True)
class Draft:
    """An event in the making."""

    event: LexicalObject
    key: tuple[str, ...]
    rows: list[int] = field(default_factory=list)
    cells: dict[str, str] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    """What is wrong with its rows, and with unreadable ones among them."""
    is_whole: bool = True

    def located(self, position: int) -> dict[str, str]:
        """Its cells by their places in a document where it stands at a position."""
        place = f"{_EVENTS}/{position}"
        inside = {place + pointer: cell for pointer, cell in self.cells.items()}
        return {place: f"#row={self.rows[0]}"} | inside


def drafts(table: Table, mapping: TableMapping) -> Iterator[Draft | Issue]:
    """Rows that follow each other and agree in the group's columns are one event.

    What is wrong with rows comes with their event, or by itself. Raises Malformed for an event of
    too many rows.
    """
    draft: Draft | None = None
    for row in table:
        if isinstance(row, Issue):
            if draft is None:
                yield row
            else:
                draft.issues.append(row)
                yield from _spilt(draft)
            continue
        key = tuple(row.cells[name] for name in mapping.group_by)
        if draft is not None and (not mapping.group_by or key != draft.key):
            yield draft
            draft = None
        if draft is None:
            event = parse(canonical(mapping.event))  # a copy of its own
            assert isinstance(event, dict)
            draft = Draft(event, key)
        if len(draft.rows) == MOST_ROWS:
            hint = "Group by a column that differs more often."
            message = f"more than {MOST_ROWS:,} rows are one event"
            raise Malformed(message, hint=hint, pointer=f"#row={row.number}")
        wrong = list(_fill(draft, row, table, mapping))
        draft.is_whole = draft.is_whole and not wrong
        draft.issues += wrong
        yield from _spilt(draft)
    if draft is not None:
        yield draft


def _spilt(draft: Draft) -> Iterator[Issue]:
    """What is too much to be held until the event is through."""
    if len(draft.issues) > _MOST_ISSUES:
        yield from draft.issues
        draft.issues.clear()


def _fill(draft: Draft, row: Row, table: Table, mapping: TableMapping) -> Iterator[Issue]:
    draft.rows.append(row.number)
    items: dict[str, int] = {}
    for one in mapping.fields:
        try:
            value = value_of(one, row.cells, mapping)
            if value is not None:
                cell = _cell(table, row, one.columns[0] if one.columns else None)
                _put(draft, one, value, items, cell)
        except CellError as error:
            column = error.column or next(iter(one.columns), None)
            where = f", column {column!r}" if column else ""
            message = f"row {row.number}{where}: {error.message}"
            yield Issue(error.rule, _cell(table, row, column), message, error.hint)
    time = draft.event.get("eventTime")
    if isinstance(time, str) and "eventTimeZoneOffset" not in draft.event and _has_time(mapping):
        draft.event["eventTimeZoneOffset"] = from_plain(offset_of(time))


def _has_time(mapping: TableMapping) -> bool:
    return any(one.path == ("eventTime",) and one.kind == "time" for one in mapping.fields)


def _cell(table: Table, row: Row, column: str | None) -> str:
    if column is None:
        return f"#row={row.number}"
    return f"#cell={row.number},{table.column(column)}"


def _put(draft: Draft, one: Field, value: LexicalValue, items: dict[str, int], cell: str) -> None:
    """Set a member, making what is missing on the way. Raises CellError where rows disagree."""
    at: LexicalValue = draft.event
    pointer = ""
    for place, step in enumerate(one.path):
        last = place == len(one.path) - 1
        name = _index(at, step, pointer, items, last=last)
        pointer = f"{pointer}/{segment(str(name))}"
        at = _stepped(at, name, value if last else _empty(one.path[place + 1]), last, one.columns)
    draft.cells[pointer] = cell


def _index(
    at: LexicalValue, step: str, pointer: str, items: dict[str, int], *, last: bool
) -> str | int:
    """`*` is one new item for each row, whichever of its fields come first; a value of its own
    is always a new one."""
    if isinstance(at, list) and step == "*":
        return len(at) if last else items.setdefault(pointer, len(at))
    return int(step) if isinstance(at, list) and step.isdigit() else step


def _stepped(
    at: LexicalValue, name: str | int, value: LexicalValue, last: bool, columns: tuple[str, ...]
) -> LexicalValue:
    known = _known(at, name)
    if known is None:
        _set(at, name, value)
        return value
    if last and known != value:
        hint = "Rows of one event must agree here; or end the path's list with *."
        message = f"differs from an earlier row of the same event: {canonical(known)[:60]}"
        raise CellError("csv.conflict", message, hint, columns[0] if columns else None)
    return known


def _known(at: LexicalValue, name: str | int) -> LexicalValue:
    if isinstance(at, dict) and isinstance(name, str):
        return at.get(name)
    if isinstance(at, list) and isinstance(name, int) and name < len(at):
        return at[name]
    return None


def _set(at: LexicalValue, name: str | int, value: LexicalValue) -> None:
    if isinstance(at, dict) and isinstance(name, str):
        at[name] = value
    elif isinstance(at, list) and isinstance(name, int) and name == len(at):
        at.append(value)
    else:
        hint = "Correct the path in the mapping; numbers of a list begin at 0 and leave none out."
        raise CellError("csv.path", f"the mapping's path does not fit the event at {name}", hint)


def _empty(step: str) -> LexicalValue:
    """What a step can be taken into."""
    return [] if step == "*" or step.isdigit() else {}
