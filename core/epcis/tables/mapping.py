"""A saved mapping: which column goes where in an event, and how its text is read."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import jsonschema_rs

from core.document.lexical import LexicalObject, LexicalValue, from_plain
from core.errors import InvalidDocument, Issue

PLACEHOLDER: Final = re.compile(r"\{(?P<column>[^{}:]+)(?::(?P<width>\d{1,2}))?\}")
_HINT: Final = "docs/reference/csv.md explains every member, with an example."


@dataclass(frozen=True, slots=True)
class Field:
    """One member of an event, and where its value comes from."""

    path: tuple[str, ...]
    """`*` is a new item of a list for each row, a number an item for the whole event."""
    column: str | None = None
    template: str | None = None
    constant: LexicalValue = None
    kind: str = "text"
    values: Mapping[str, str] | None = None
    required: bool = True

    @property
    def columns(self) -> tuple[str, ...]:
        """Those it reads."""
        if self.column is not None:
            return (self.column,)
        return tuple(found["column"] for found in PLACEHOLDER.finditer(self.template or ""))


@dataclass(frozen=True, slots=True)
class TableMapping:
    """How a table becomes events."""

    event: LexicalObject
    fields: tuple[Field, ...]
    group_by: tuple[str, ...]
    context: tuple[LexicalValue, ...]
    encoding: str | None
    delimiter: str | None
    decimal: str
    timezone: ZoneInfo | None
    date_format: str | None

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column it needs, once."""
        read = [name for field in self.fields for name in field.columns]
        return tuple(dict.fromkeys([*self.group_by, *read]))


def read_mapping(raw: Any) -> TableMapping:
    """Raises InvalidDocument with everything that is wrong with a mapping."""
    issues = list(_issues(raw))
    if issues:
        first = issues[0]
        raise InvalidDocument(first.message, hint=_HINT, pointer=first.pointer, issues=issues)
    zone = raw.get("timezone")
    event = from_plain(raw["event"])
    assert isinstance(event, dict), "the schema says so"
    return TableMapping(
        event=event,
        fields=tuple(map(_field, raw["fields"])),
        group_by=tuple(raw.get("groupBy", ())),
        context=tuple(from_plain(one) for one in raw.get("context", ())),
        encoding=raw.get("encoding"),
        delimiter=raw.get("delimiter"),
        decimal=raw.get("decimal", "."),
        timezone=ZoneInfo(zone) if zone else None,
        date_format=raw.get("dateFormat"),
    )


def _issues(raw: Any) -> Iterator[Issue]:
    for error in _validator().iter_errors(raw):
        place = "".join(f"/{step}" for step in error.instance_path)
        yield Issue("csv.mapping", place, error.message[:300], _HINT)
    if not isinstance(raw, dict):
        return
    zone = raw.get("timezone")
    if isinstance(zone, str) and not _is_zone(zone):
        hint = "Use a name of the IANA time zone database, e.g. Europe/Brussels."
        yield Issue("csv.mapping", "/timezone", f"there is no time zone {zone[:60]!r}", hint)
    form = raw.get("dateFormat")
    if isinstance(form, str) and not zone and "%z" not in form:
        hint = "Add timezone, or %z to the format."
        yield Issue("csv.mapping", "/dateFormat", "times would have no time zone", hint)
    if isinstance(raw.get("event"), dict) and not _is_exact(raw["event"]):
        hint = "Write numbers with decimals as text of a column, or as a field's constant text."
        yield Issue("csv.mapping", "/event", "a constant is a number with decimals", hint)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _is_exact(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_exact, value.values()))
    if isinstance(value, list):
        return all(map(_is_exact, value))
    return not isinstance(value, float)


def _field(raw: Mapping[str, Any]) -> Field:
    return Field(
        path=tuple(raw["field"].split("/")),
        column=raw.get("column"),
        template=raw.get("template"),
        constant=from_plain(raw.get("constant")),
        kind=raw.get("as", "text"),
        values=raw.get("values"),
        required=raw.get("required", True),
    )


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    text = (files("core.epcis") / "data" / "csv-mapping.schema.json").read_text("utf-8")
    return jsonschema_rs.Draft202012Validator(json.loads(text))
