"""Saved column mappings: what a partner's tables mean, said once."""

import re
from typing import Any, Final

import orjson
from sqlalchemy import delete
from sqlmodel import Session, col, func, select

from core import clock
from core.db.engine import Database
from core.db.rule_tables import CsvMapping
from core.epcis.query.errors import NoSuchName
from core.epcis.tables.mapping import read_mapping
from core.errors import BadInput, Conflict

MOST: Final = 1_000
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class TooManyMappings(Conflict):
    """As many column mappings are saved as this service keeps."""

    code = "too_many_mappings"
    hint_default = "Delete one that nobody uses."


class Mappings:
    """Reads and writes of mappings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def put(self, name: str, raw: Any) -> bool:
        """Saves a mapping; True if there was none of this name. Raises InvalidDocument, BadInput,
        TooManyMappings."""
        if not _NAME.fullmatch(name):
            hint = "Use up to 64 letters, digits, dots, hyphens and underscores."
            raise BadInput(f"{name[:80]!r} is no name for a mapping", pointer="path", hint=hint)
        read_mapping(raw)
        text, now = orjson.dumps(raw).decode(), clock.now_ms()

        def write(session: Session) -> bool:
            known = session.get(CsvMapping, name)
            if known is not None:
                known.mapping, known.updated_at = text, now
                return False
            if session.exec(select(func.count()).select_from(CsvMapping)).one() >= MOST:
                raise TooManyMappings(f"{MOST} mappings are saved")
            row = CsvMapping(name=name, mapping=text, created_at=now, updated_at=now)
            session.add(row)
            return True

        return await self._database.write(write)

    async def get(self, name: str) -> CsvMapping:
        """Raises NoSuchName."""
        found = await self._database.read(lambda session: session.get(CsvMapping, name))
        if found is None:
            hint = "Save it first with PUT /mappings/{name}."
            raise NoSuchName(f"there is no mapping {name[:80]!r}", pointer="mapping", hint=hint)
        return found

    async def listed(self, after: str, size: int) -> list[CsvMapping]:
        """From a name on, by name."""
        wanted = select(CsvMapping).where(col(CsvMapping.name) > after)
        wanted = wanted.order_by(col(CsvMapping.name)).limit(size)
        return await self._database.read(lambda session: list(session.exec(wanted).all()))

    async def forget(self, name: str) -> None:
        """Raises NoSuchName. Jobs that were taken with it keep what it was."""
        await self.get(name)
        gone = delete(CsvMapping).where(col(CsvMapping.name) == name)
        await self._database.write(lambda session: session.connection().execute(gone))


def view(row: CsvMapping) -> dict[str, Any]:
    """A saved mapping."""
    return {
        "name": row.name,
        "mapping": orjson.Fragment(row.mapping),
        "createdAt": clock.iso(row.created_at),
        "updatedAt": clock.iso(row.updated_at),
    }
