"""What a document's header says about places, parties and classes, kept for later queries.

Source: EPCIS 2.0 sections 6.1.1 and 9.4 (master data in the header).
"""

from collections.abc import Iterator
from typing import Final

from sqlmodel import Session, col, delete

from api.queries.master_data import ATTRIBUTE, CHILD
from core.db.app_tables import MasterDataFact
from core.db.engine import Database
from core.document.lexical import LexicalObject, LexicalValue, canonical
from core.epcis.model import items
from core.epcis.query.terms import normal

MOST: Final = 10_000


async def keep_master_data(database: Database, document: LexicalObject) -> None:
    """The newest word about a subject replaces what was said before."""
    facts = list(_facts(document))[:MOST]
    subjects = {fact.subject for fact in facts}

    def write(session: Session) -> None:
        old = delete(MasterDataFact).where(col(MasterDataFact.subject).in_(subjects))
        session.exec(old)
        session.add_all(facts)

    if facts:
        await database.write(write)


def _facts(document: LexicalObject) -> Iterator[MasterDataFact]:
    header = document.get("epcisHeader")
    data = header.get("epcisMasterData") if isinstance(header, dict) else None
    for vocabulary in items(data, "vocabularyList") if isinstance(data, dict) else []:
        if not isinstance(vocabulary, dict):
            continue
        kind = str(vocabulary.get("type", ""))
        for element in items(vocabulary, "vocabularyElementList"):
            if isinstance(element, dict) and isinstance(subject := element.get("id"), str):
                yield from _of_subject(kind, normal(subject), element)


def _of_subject(kind: str, subject: str, element: LexicalObject) -> Iterator[MasterDataFact]:
    for attribute in items(element, "attributes"):
        if isinstance(attribute, dict) and isinstance(name := attribute.get("id"), str):
            value = _text(attribute.get("attribute"))
            yield MasterDataFact(
                vocabulary=kind, subject=subject, kind=ATTRIBUTE, name=name, value=value
            )
    for child in items(element, "children"):
        if isinstance(child, str):
            yield MasterDataFact(
                vocabulary=kind, subject=subject, kind=CHILD, name="", value=normal(child)
            )


def _text(value: LexicalValue) -> str:
    return value if isinstance(value, str) else canonical(value)
