"""From bytes to events: everything that is wrong with a document, said at once.

Source: EPCIS 2.0 section 10 (JSON binding), JSON Schema 2.0.1 and the rules beside this file.
"""

from dataclasses import replace
from typing import Any, Final

from core.document.lexical import LexicalObject, LexicalValue, parse_with_plain
from core.epcis.model import EpcisEvent, build_event
from core.epcis.rules import context_issues, rule_issues
from core.epcis.schema import schema_issues
from core.epcis.soundness import is_sound
from core.epcis.xml import is_xml, read_document
from core.errors import InvalidDocument, Issue, Malformed

MAX_ISSUES: Final = 200
"""More findings than this help nobody and would make a small request a large answer."""


def validate_document(data: bytes | str) -> list[EpcisEvent]:
    """The events of an EPCIS document, or of a single event that carries its own @context.

    JSON of EPCIS 2.0, or XML of 1.2 or 2.0; pointers then lead into its JSON form. Raises
    Malformed when the bytes are neither one clean JSON text nor XML, InvalidDocument with every
    issue (rule, pointer, message, fix) when the document breaks the schema or a rule.
    """
    document, plain = read_with_plain(data)
    issues = first_look(document) or all_issues(document, plain)
    if issues:
        raise _refusal(issues)
    context = context_of(document)
    return [build_event(raw, context, place) for place, raw in events_of(document)]


def read(data: bytes | str) -> LexicalObject:
    return read_with_plain(data)[0]


def read_with_plain(data: bytes | str) -> tuple[LexicalObject, Any]:
    """The document, and for the schema the same with Python's numbers or None."""
    content = data.encode() if isinstance(data, str) else data
    if is_xml(content):
        return read_document(content), None
    document, plain = parse_with_plain(data)
    if not isinstance(document, dict):
        raise Malformed("an event is a JSON object")
    return document, plain


def first_look(document: LexicalObject) -> list[Issue]:
    if document.get("type") == "EPCISQueryDocument":
        hint = "Send the events as an EPCISDocument."
        return [Issue("epcis.document", "/type", "a query answer cannot be captured", hint)]
    if document.get("type") == "EPCISDocument" and events_of(document) == []:
        hint = "Put at least one event into epcisBody.eventList."
        return [Issue("epcis.document", "/epcisBody/eventList", "the document has no event", hint)]
    return []


def all_issues(document: LexicalObject, plain: Any = None) -> list[Issue]:
    """Findings of the schema and of the rules; where both see one thing, the rule says it better.

    The schema states what an action needs as alternatives for the whole event, which reads as a
    riddle; those are dropped for events in which a rule found the same.
    """
    by_event = {
        place: _located(rule_issues(raw), place)
        for place, raw in events_of(document)
        if not is_sound(raw)
    }
    schema = [
        issue
        for issue in schema_issues(document, plain)
        if not (issue.rule == "schema.anyOf" and by_event.get(issue.pointer))
    ]
    context = context_issues(document["@context"], "/@context") if "@context" in document else []
    return list(
        dict.fromkeys([*schema, *context, *(i for found in by_event.values() for i in found)])
    )


def _located(issues: list[Issue], base: str) -> list[Issue]:
    return [replace(issue, pointer=base + issue.pointer) for issue in issues]


def events_of(document: LexicalObject) -> list[tuple[str, LexicalObject]]:
    """Each event with the pointer to it."""
    if document.get("type") != "EPCISDocument":
        return [("", document)]
    body = document.get("epcisBody")
    found = body.get("eventList") if isinstance(body, dict) else None
    events = found if isinstance(found, list) else []
    return [
        (f"/epcisBody/eventList/{i}", event)
        for i, event in enumerate(events)
        if isinstance(event, dict)
    ]


def context_of(document: LexicalObject) -> tuple[LexicalValue, ...]:
    context = document["@context"]
    return tuple(context) if isinstance(context, list) else (context,)


def _refusal(issues: list[Issue]) -> InvalidDocument:
    first, count = issues[0], len(issues)
    more = f" (and {count - 1} more)" if count > 1 else ""
    return InvalidDocument(
        f"{first.message}{more}",
        hint=first.hint,
        pointer=first.pointer,
        issues=issues[:MAX_ISSUES],
        details={"issue_count": count},
    )
