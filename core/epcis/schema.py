"""EPCIS 2.0.1 JSON Schema, bundled; nothing is ever fetched.

Source: https://ref.gs1.org/standards/epcis/2.0.1/epcis-json-schema.json (see data/NOTICE.md).
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import jsonschema_rs

from core.document.lexical import Number
from core.epcis.timestamps import is_date_time
from core.errors import Issue

COMMENT_PREFIX: Final = "_comment"
_MESSAGE_LENGTH: Final = 300
_PROPERTY_HINT: Final = (
    "Spell it as in EPCIS 2.0; an extension needs a prefix declared in @context, e.g. ext:name."
)
_HINTS: Final = {
    "required": "Add the member.",
    "enum": "Use one of the words the message lists.",
    "additionalProperties": "Remove the member; EPCIS allows no extension here.",
    "uniqueItems": "List each item once.",
    "minItems": "Give at least one item, or leave the member out.",
}
_USUAL_TIME: Final = (
    "^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]([.][0-9]+)?"
    "(Z|[+-][0-9]{2}:[0-9]{2})$"
)
_NUMERIC: Final = "decimal"
_FORMAT_HINTS: Final = {
    "date-time": "Write an RFC 3339 time with offset, e.g. 2026-04-17T09:26:42.000-04:00.",
    "uri": "Write an absolute URI, e.g. https://id.gs1.org/01/{gtin14}/10/{lot}.",
}
_FIELD_HINTS: Final = {
    "eventTimeZoneOffset": "Write the offset as +hh:mm or -hh:mm, e.g. -04:00.",
    "bizStep": "Use a CBV 2.0 word such as shipping, or a URI of your own.",
    "disposition": "Use a CBV 2.0 word such as in_transit, or a URI of your own.",
}


def schema_issues(document: dict[str, Any], plain: Any = None) -> list[Issue]:
    """Every way the document breaks the schema, each with a JSON pointer.

    `plain`, the same with Python's numbers, is judged first where it is at hand: nearly always
    nothing is wrong. Comments in it can only make the schema refuse more.
    """
    if plain is not None and _quick().is_valid(plain):
        return []
    return [_issue(error) for error in _validator().iter_errors(_plain(document))]


@cache
def definitions() -> dict[str, Any]:
    """The schema's definitions, which also list the standard vocabularies."""
    found: dict[str, Any] = _schema()["definitions"]
    return found


def pointer(path: Sequence[str | int]) -> str:
    """RFC 6901 text of a path."""
    return "".join(f"/{str(p).replace('~', '~0').replace('/', '~1')}" for p in path)


@cache
def _schema() -> dict[str, Any]:
    text = (files("core.epcis") / "data" / "epcis-json-schema-2.0.1.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _quick() -> jsonschema_rs.Draft7Validator:
    """The schema with times narrowed to those that the library itself judges right."""
    usual = {"type": "string", "format": "date-time", "pattern": _USUAL_TIME}
    narrowed = {**_schema(), "definitions": {**definitions(), "time": usual}}
    return jsonschema_rs.Draft7Validator(narrowed, validate_formats=True, offline=True)


@cache
def _validator() -> jsonschema_rs.Draft7Validator:
    # the library's own date-time takes signs among the digits: 2-20-01-15T07:47:21+00:00
    return jsonschema_rs.Draft7Validator(
        _schema(), validate_formats=True, offline=True, formats={"date-time": is_date_time}
    )


def _plain(value: Any) -> Any:
    """The document as the schema needs to see it.

    Comment members are left out: JSON-LD drops terms without a meaning, the schema has no rule
    for that. A number becomes a stand-in, because the schema says nothing about its size.
    """
    if isinstance(value, Number):
        return 0
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if not k.startswith(COMMENT_PREFIX)}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _issue(error: jsonschema_rs.ValidationError) -> Issue:
    keyword, path = error.kind.name, list(error.instance_path)
    if keyword == "propertyNames":
        name = str(error.kind.as_dict()["error"].instance)
        place = pointer([*path, name])
        return Issue("schema.propertyNames", place, f"{name!r} is unknown here", _PROPERTY_HINT)
    message = error.message
    if keyword == "anyOf":
        message = f"none of the allowed forms fits: {'; '.join(dict.fromkeys(_leaves(error)))}"
    return Issue(f"schema.{keyword}", pointer(path), _short(message), _hint(error, path))


def _leaves(error: jsonschema_rs.ValidationError) -> Iterator[str]:
    """The messages at the ends of an anyOf, which are the ones a person can act on."""
    for branch in error.kind.as_dict()["context"]:
        for inner in branch:
            if inner.kind.name == "anyOf":
                yield from _leaves(inner)
            elif inner.kind.name == "enum":
                yield "not one of " + ", ".join(map(str, inner.kind.as_dict()["options"]))
            else:
                yield inner.message


def _hint(error: jsonschema_rs.ValidationError, path: list[str | int]) -> str:
    field = next((str(p) for p in reversed(path) if isinstance(p, str)), "")
    if error.kind.name == "type" and _NUMERIC in error.schema_path:
        return "Write a JSON number, without quotes."
    if isinstance(error.instance, str) and error.instance.startswith("urn:epcglobal:cbv:"):
        return f"Write the bare word of CBV 2.0: {error.instance.rpartition(':')[2]}."
    if field in _FIELD_HINTS:
        return _FIELD_HINTS[field]
    if error.kind.name == "format":
        return _FORMAT_HINTS.get(str(error.kind.as_dict()["format"]), "")
    return _HINTS.get(error.kind.name, "See the EPCIS 2.0 standard for this member.")


def _short(message: str) -> str:
    return message if len(message) <= _MESSAGE_LENGTH else message[: _MESSAGE_LENGTH - 1] + "…"
