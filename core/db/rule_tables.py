"""Schema `app`: what is asked of capture jobs, what they warned of, and what they hold back."""

from sqlmodel import SQLModel

from core.db.columns import APP, big, blob, text


class CaptureJobRules(SQLModel, table=True):
    """What the sender of a job asked for beside the standard, so that a restart asks the same."""

    __tablename__ = "capture_job_rules"
    __table_args__ = (APP,)
    job_id: str = text(primary_key=True)
    asked: str = text()
    """JSON of api.capture.rulebook.Asked."""
    owner: bytes | None = blob(default=None)
    """SHA-256 of the key to the job's quarantine; None = refused events are not kept."""


class CaptureJobWarning(SQLModel, table=True):
    """Something a sender should know about events that were recorded all the same."""

    __tablename__ = "capture_job_warning"
    __table_args__ = (APP,)
    job_id: str = text(primary_key=True)
    position: int = big(primary_key=True)
    issue: str = text()
    """Rule, pointer, message and hint as JSON."""


class QuarantinedEvent(SQLModel, table=True):
    """A refused event, kept apart until its owner corrects and releases or discards it."""

    __tablename__ = "quarantined_event"
    __table_args__ = (APP,)
    job_id: str = text(primary_key=True)
    position: int = big(primary_key=True)
    """In the document, from 1."""
    pointer: str = text()
    """Of the event in the document."""
    event: str | None = text(default=None)
    """Its JSON with its context, number by number as it came, or as corrected; None once gone."""
    problem: str = text()
    """RFC 9457 members as JSON: why it was refused, last time it was looked at."""
    state: str = text(default="held")
    """`held`, `released` or `discarded`."""
    released_as: str | None = text(default=None)
    """The capture job that records it."""
    created_at: int = big()
    updated_at: int = big()


class CsvMapping(SQLModel, table=True):
    """How the columns of a partner's table become EPCIS events: `PUT /mappings/{name}`."""

    __tablename__ = "csv_mapping"
    __table_args__ = (APP,)
    name: str = text(primary_key=True)
    mapping: str = text()
    """JSON, valid against core.epcis.csv.mapping when it was saved."""
    created_at: int = big()
    updated_at: int = big()
