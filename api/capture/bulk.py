"""Large documents: checked as they are read, and stored event by event or not at all.

What is good waits in a file until the whole document is through; then one transaction stores it, so
nobody ever sees half a document and memory holds a few hundred events.
"""

import tempfile
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, BinaryIO, Final

import orjson
from sqlalchemy import Connection, Table, insert
from sqlmodel import Session, col, func, select

from api.capture.sieve import Sieved, Source
from api.errors import problem
from core import clock
from core.db.app_tables import CaptureEvent, CaptureJob, CaptureJobError
from core.db.engine import Database
from core.db.rule_tables import CaptureJobRules
from core.document.lexical import LexicalObject, canonical_bytes, parse_event
from core.epcis.query.errors import CaptureTooLarge, EventRefused
from core.epcis.stream import Stream
from core.errors import Issue

_ROWS: Final = 1_000
SLICE: Final = 200
"""Events that are worked off together."""


def store(
    database: Database,
    source: BinaryIO,
    behaviour: str,
    asked: str,
    most: int,
    *,
    all_or_none: bool,
) -> CaptureJob:
    """Stores a job with all its good events and everything that is wrong with the others.

    `asked` is what its sender asked of the rules. With `all_or_none` a single mistake leaves no
    event. Raises Malformed, EventRefused for what is no document, CaptureTooLarge; then nothing is
    stored.
    """
    with tempfile.TemporaryFile() as events, tempfile.TemporaryFile() as problems:
        sorted_out = _sort_out(Stream(source), events, problems, most)
        keep = sorted_out.good if not (sorted_out.wrong and all_or_none) else 0
        job = CaptureJob(
            job_id=str(uuid.uuid4()),
            created_at=clock.now_ms(),
            finished_at=None if keep else clock.now_ms(),
            behaviour=behaviour,
            document=canonical_bytes(sorted_out.around),
            success=not sorted_out.wrong,
        )
        with database.write_session() as session:
            session.add_all([job, CaptureJobRules(job_id=job.job_id, asked=asked)])
            session.flush()
            _fill(session, CaptureJobError, _error_rows(job.job_id, problems))
            if keep:
                _fill(session, CaptureEvent, _event_rows(job.job_id, events))
    return job


@dataclass(frozen=True, slots=True)
class _SortedOut:
    around: LexicalObject
    good: int
    wrong: int


def _sort_out(stream: Stream, events: BinaryIO, problems: BinaryIO, most: int) -> _SortedOut:
    good = wrong = 0
    for checked in stream:
        if checked.first + len(checked.events) > most:
            raise CaptureTooLarge(f"more than {most} events in one document")
        for position, event in checked.good():
            events.write(b"%d %s\n" % (position, canonical_bytes(event)))
            good += 1
        wrong += _tell(checked.issues, problems)
    about = stream.around_issues()
    if stream.count == 0:
        raise _no_events(about)
    wrong += _tell(about, problems)
    return _SortedOut(stream.around(), 0 if about else good, wrong)


def _no_events(issues: Sequence[Issue]) -> EventRefused:
    """There is nothing to sort: what is wrong is told at once, as of a small document."""
    first = (
        issues[0]
        if issues
        else Issue(
            "epcis.document",
            "/",
            "this large document has no list of events",
            "Send an EPCISDocument.",
        )
    )
    return EventRefused(
        first.message, hint=first.hint, pointer=first.pointer, issues=issues or [first]
    )


def _tell(issues: Iterable[Issue], problems: BinaryIO) -> int:
    told = 0
    for issue in issues:
        refused = EventRefused(
            issue.message, hint=issue.hint, pointer=issue.pointer, issues=[issue]
        )
        problems.write(orjson.dumps(problem(refused)) + b"\n")
        told += 1
    return told


def _event_rows(job_id: str, lines: BinaryIO) -> Iterator[tuple[Any, ...]]:
    lines.seek(0)
    for line in lines:
        position, _, event = line.partition(b" ")
        yield job_id, int(position), event[:-1].decode()


def _error_rows(job_id: str, lines: BinaryIO) -> Iterator[tuple[Any, ...]]:
    lines.seek(0)
    for position, line in enumerate(lines, start=1):
        yield job_id, position, line[:-1].decode()


def _fill(session: Session, model: Any, rows: Iterator[tuple[Any, ...]]) -> None:
    """By COPY where there is one."""
    connection, table = session.connection(), model.__table__
    if connection.dialect.name == "sqlite":
        _insert(connection, table, rows)
        return
    names = ", ".join(column.name for column in table.columns)
    cursor = connection.connection.cursor()
    with cursor.copy(f"COPY {table.fullname} ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _insert(connection: Connection, table: Table, rows: Iterator[tuple[Any, ...]]) -> None:
    names = [column.name for column in table.columns]
    while some := [dict(zip(names, row, strict=True)) for row in islice(rows, _ROWS)]:
        connection.execute(insert(table), some)


async def errors_so_far(database: Database, job_id: str) -> int:
    """How many errors of a job are stored already."""
    wanted = select(func.count()).where(col(CaptureJobError.job_id) == job_id)
    return await database.read(lambda session: session.exec(wanted).one())


async def next_events(database: Database, job_id: str, after: int) -> Sequence[CaptureEvent]:
    """The next events of a large document; none of one that is kept whole."""
    wanted = (
        select(CaptureEvent)
        .where(CaptureEvent.job_id == job_id, CaptureEvent.position > after)
        .order_by(col(CaptureEvent.position))
        .limit(SLICE)
    )
    return await database.read(lambda session: list(session.exec(wanted).all()))


def document_of(job: CaptureJob, events: Sequence[CaptureEvent]) -> bytes:
    """A document of these events alone, under the head of the large one."""
    around = parse_event(job.document)
    body = around.get("epcisBody")
    inside: LexicalObject = dict(body) if isinstance(body, dict) else {}
    inside["eventList"] = [parse_event(one.event) for one in events]
    return canonical_bytes(around | {"epcisBody": inside})


def nothing(job: CaptureJob) -> Sieved:
    """Of a large document before its first events are through."""
    return Sieved(parse_event(job.document), Source(job.document), [])


def add(whole: Sieved, part: Sieved, events: Sequence[CaptureEvent]) -> None:
    """What became of these events, with pointers into the large document."""
    for told in part.problems:
        whole.problems.append(told | {"pointer": placed(str(told.get("pointer", "")), events)})
    warnings = [replace(one, pointer=placed(one.pointer, events)) for one in part.warnings]
    whole.warnings = [*whole.warnings, *warnings]


def placed(pointer: str, events: Sequence[CaptureEvent]) -> str:
    """A pointer into a document of these events as one into the large document."""
    parts = pointer.split("/")
    if parts[1:3] != ["epcisBody", "eventList"] or len(parts) < 4:
        return pointer
    return "/".join([*parts[:3], str(events[int(parts[3])].position), *parts[4:]])
