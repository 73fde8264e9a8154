"""Queries under a name."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import func
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, delete, select

from api.queries.snapshot import Snapshot
from core import clock
from core.db.app_tables import NamedQuery, Subscription, ToldEvent, WebhookMessage
from core.db.engine import Database
from core.document.lexical import LexicalValue, Number, canonical, parse_event
from core.epcis.query import namespaces
from core.epcis.query.errors import DuplicateName, NoSuchName, TooManyNames
from core.epcis.query.model import EventQuery
from core.epcis.query.parameters import read_query
from core.epcis.query.values import Value, refused

MOST: Final = 1_000


def query_of(text: str) -> EventQuery:
    """The query that a stored definition means. Raises QueryParameterInvalid, QueryTooComplex."""
    definition = parse_event(text)
    prefixes = namespaces.of_context(definition.pop("@context", None))
    return read_query({name: _values(name, one) for name, one in definition.items()}, prefixes)


def _values(name: str, value: LexicalValue) -> Sequence[Value]:
    found = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | bool | Number) for one in found):
        raise refused(name, "takes text, numbers and truth values only")
    return [one for one in found if isinstance(one, str | bool | Number)]


async def create(database: Database, name: str, definition: Mapping[str, Any]) -> None:
    """Raises QueryParameterInvalid for a wrong query, DuplicateName, TooManyNames."""
    text = canonical(dict(definition))
    query_of(text)
    row = NamedQuery(name=name, query=text, created_at=clock.now_ms())

    def write(session: Session) -> None:
        if (session.scalar(select(func.count()).select_from(NamedQuery)) or 0) >= MOST:
            raise TooManyNames(f"{MOST} queries are kept already")
        session.add(row)

    try:
        await database.write(write)
    except IntegrityError as error:
        raise DuplicateName(f"there is a query {name!r} already", pointer="/name") from error


async def find(snapshot: Snapshot, name: str) -> NamedQuery:
    """Raises NoSuchName."""
    found = await snapshot.first(select(NamedQuery).where(NamedQuery.name == name))
    if found is None:
        raise NoSuchName(f"there is no query {name[:200]!r}", pointer="path")
    return found


async def listed(snapshot: Snapshot, after: str, size: int) -> Sequence[NamedQuery]:
    """The next queries by name."""
    statement = select(NamedQuery).where(col(NamedQuery.name) > after)
    return await snapshot.rows(statement.order_by(col(NamedQuery.name)).limit(size))


async def remove(database: Database, name: str) -> None:
    """The query goes with its subscriptions and their messages."""

    def write(session: Session) -> None:
        ids = select(Subscription.subscription_id).where(Subscription.query_name == name)
        for table in (ToldEvent, WebhookMessage):
            session.exec(delete(table).where(col(table.subscription_id).in_(ids)))
        session.exec(delete(Subscription).where(col(Subscription.query_name) == name))
        session.exec(delete(NamedQuery).where(col(NamedQuery.name) == name))

    await database.write(write)
