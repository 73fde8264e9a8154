"""Large documents: checked as they are read, and stored event by event or not at all.

What is good waits in a file until the whole document is through; then one transaction stores it, so
nobody ever sees half a document and memory holds a few hundred events.
"""

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, BinaryIO, Final

import orjson
from sqlmodel import Session, col, func, select

from api.capture.filling import fill
from api.capture.rulebook import Asked
from api.capture.sieve import exception, place, refusal
from api.errors import problem
from core import clock
from core.db.app_tables import CaptureEvent, CaptureJob, CaptureJobError
from core.db.engine import Database
from core.db.rule_tables import CaptureJobRules, QuarantinedEvent
from core.document.lexical import LexicalObject, canonical, canonical_bytes, parse_event
from core.epcis.query.errors import CaptureTooLarge, EventRefused
from core.epcis.stream import Checked, Stream
from core.epcis.tables.mapping import read_mapping
from core.epcis.tables.stream import TableStream
from core.errors import Issue

SLICE: Final = 200
"""Events that are worked off together."""
_EVENTS: Final = "/epcisBody/eventList"


def store(
    database: Database,
    source: BinaryIO,
    behaviour: str,
    asked: Asked,
    most: int,
    owner: bytes | None,
    *,
    all_or_none: bool,
) -> CaptureJob:
    """Stores a job with all its good events and everything that is wrong with the others.

    `asked` is what its sender asked of the rules; what is refused is kept apart for an `owner`.
    With `all_or_none` a single mistake leaves no event. Raises Malformed, EventRefused for what is
    no document, InvalidDocument for a table without the mapping's columns, CaptureTooLarge; then
    nothing is stored.
    """
    with ExitStack() as opened:
        events, problems, refused = (
            opened.enter_context(tempfile.TemporaryFile()) for _ in range(3)
        )
        files = _Files(events, problems, refused, owner is not None)
        found = _sort_out(_stream(source, asked), files, most)
        keep = found.good if not (found.wrong and all_or_none) else 0
        job = CaptureJob(
            job_id=str(uuid.uuid4()),
            created_at=clock.now_ms(),
            finished_at=None if keep else clock.now_ms(),
            behaviour=behaviour,
            document=canonical_bytes(found.around),
            success=not found.wrong,
            is_xml=found.is_xml,
        )
        with database.write_session() as session:
            rules = CaptureJobRules(job_id=job.job_id, asked=asked.text(), owner=owner)
            session.add_all([job, rules])
            session.flush()
            _store_rows(session, job.job_id, found, keep=bool(keep))
    return job


def _stream(source: BinaryIO, asked: Asked) -> Stream | TableStream:
    if asked.mapping is None:
        return Stream(source)
    return TableStream(source, read_mapping(orjson.loads(asked.mapping)))


@dataclass(slots=True)
class _Files:
    """What was found, a line each."""

    events: BinaryIO
    problems: BinaryIO
    refused: BinaryIO
    held: bool
    """Whether refused events are kept."""


@dataclass(slots=True)
class _SortedOut:
    files: _Files
    is_xml: bool
    good: int = 0
    wrong: int = 0
    around: LexicalObject = field(default_factory=dict)
    is_document: bool = True


def _sort_out(stream: Stream | TableStream, files: _Files, most: int) -> _SortedOut:
    found = _SortedOut(files, stream.is_xml)
    for checked in stream:
        if checked.first + len(checked.events) > most:
            raise CaptureTooLarge(f"more than {most} events in one document")
        _sort(checked, found)
    found.around = stream.around()
    about = stream.around_issues() if stream.count or not found.wrong else []
    if stream.count == 0 and not found.wrong:
        raise _no_events(about)
    if about:
        found.good, found.is_document = 0, False
        _tell(about, found, {})
    return found


def _sort(checked: Checked, found: _SortedOut) -> None:
    _tell(checked.rows, found, {})
    wrong = checked.wrong
    cells: Mapping[str, str] | None
    for number, event in enumerate(checked.events):
        position = checked.first + number
        cells = checked.cells[number] if checked.cells else None
        if position not in wrong:
            row = orjson.dumps([position, canonical(event), cells and orjson.dumps(cells).decode()])
            found.files.events.write(row + b"\n")
            found.good += 1
            continue
        _tell(wrong[position], found, cells or {})
        if found.files.held:
            row = orjson.dumps([position, canonical(event), exception(wrong[position])])
            found.files.refused.write(row + b"\n")


def _no_events(issues: Sequence[Issue]) -> EventRefused:
    """There is nothing to sort: what is wrong is told at once, as of a small document."""
    hint = "Send an EPCISDocument."
    message = "this large document has no list of events"
    first = issues[0] if issues else Issue("epcis.document", "/", message, hint)
    return EventRefused(
        first.message, hint=first.hint, pointer=first.pointer, issues=issues or [first]
    )


def _tell(issues: Iterable[Issue], found: _SortedOut, cells: Mapping[str, str]) -> None:
    for issue in issues:
        located = place(issue, cells, found.is_xml)
        told = problem(refusal(issue.message, [located]))
        found.files.problems.write(orjson.dumps(told) + b"\n")
        found.wrong += 1


def _store_rows(session: Session, job_id: str, found: _SortedOut, *, keep: bool) -> None:
    fill(session, CaptureJobError, _error_rows(job_id, found.files.problems))
    if keep:
        fill(session, CaptureEvent, _event_rows(job_id, found.files.events))
    if found.is_document:
        fill(session, QuarantinedEvent, _held_rows(job_id, found))


def _event_rows(job_id: str, lines: BinaryIO) -> Iterator[tuple[Any, ...]]:
    lines.seek(0)
    for line in lines:
        yield job_id, *orjson.loads(line), False


def _error_rows(job_id: str, lines: BinaryIO) -> Iterator[tuple[Any, ...]]:
    lines.seek(0)
    for position, line in enumerate(lines, start=1):
        yield job_id, position, line[:-1].decode()


def _held_rows(job_id: str, found: _SortedOut) -> Iterator[tuple[Any, ...]]:
    found.files.refused.seek(0)
    for line in found.files.refused:
        position, event, told = orjson.loads(line)
        yield held_row(job_id, position, with_context(event, found.around), told)


def held_row(job_id: str, position: int, event: str, told: str) -> tuple[Any, ...]:
    """A row of `quarantined_event`, column by column."""
    now = clock.now_ms()
    pointer = f"{_EVENTS}/{position}"
    return job_id, position + 1, pointer, event, told, "held", None, now, now


def with_context(event: str, around: LexicalObject) -> str:
    """The event as one that stands alone."""
    return canonical({"@context": around.get("@context", [])} | parse_event(event))


def pointer_of(position: int) -> str:
    """Of an event in its document."""
    return f"{_EVENTS}/{position}"


def last_error(session: Session, job_id: str) -> int:
    """How many errors of a job are stored already."""
    wanted = select(func.max(CaptureJobError.position)).where(col(CaptureJobError.job_id) == job_id)
    return session.exec(wanted).one() or 0


async def next_events(database: Database, job_id: str, after: int) -> Sequence[CaptureEvent]:
    """The next events of a large document; none of one that is kept whole."""
    wanted = (
        select(CaptureEvent)
        .where(CaptureEvent.job_id == job_id, CaptureEvent.position > after)
        .order_by(col(CaptureEvent.position))
        .limit(SLICE)
    )
    return await database.read(lambda session: list(session.exec(wanted).all()))


async def events_at(
    database: Database, job_id: str, places: Sequence[int]
) -> Sequence[CaptureEvent]:
    """Events of a large document, in its order."""

    def read(session: Session) -> list[CaptureEvent]:
        return [one for some in _slices(places) for one in session.exec(_at(job_id, some)).all()]

    return await database.read(read)


def _slices(places: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(places), 500):
        yield places[start : start + 500]


def _at(job_id: str, places: Sequence[int]) -> Any:
    position = col(CaptureEvent.position)
    mine = select(CaptureEvent).where(CaptureEvent.job_id == job_id, position.in_(places))
    return mine.order_by(position)
