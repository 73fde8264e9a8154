"""An event held against profiles."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from core.document.lexical import LexicalObject, LexicalValue, Number, canonical
from core.epcis.model import EpcisEvent, mentions
from core.epcis.profiles.kinds import described, is_a
from core.epcis.profiles.model import EventRules, Profile, Rule, When
from core.epcis.profiles.paths import Found, follow, is_nothing, is_there
from core.errors import Issue

_SHOWN: Final = 80


class ProfileFinding(NamedTuple):
    """One rule that an event does not satisfy."""

    issue: Issue
    warning: bool


def findings(event: EpcisEvent, profiles: Sequence[Profile]) -> list[ProfileFinding]:
    """Everything that profiles ask of an event and it does not hold."""
    found: list[ProfileFinding] = []
    for profile in profiles:
        names = _prefixes(profile, event)
        raw = _renamed(event.raw, names)
        for rules in applicable(profile, event, raw):
            for rule in rules.rules:
                found += _check(rule, rules, raw, _Places(event.pointer, names))
    return found


def applicable(
    profile: Profile, event: EpcisEvent, raw: LexicalObject | None = None
) -> list[EventRules]:
    """The kinds of events of a profile that an event is."""
    named = _renamed(event.raw, _prefixes(profile, event)) if raw is None else raw
    return [rules for rules in profile.events if _is_meant(rules.when, event, named)]


def _is_meant(when: When, event: EpcisEvent, raw: LexicalObject) -> bool:
    words = (
        (when.type, event.type),
        (when.action, event.action),
        (when.biz_step, event.biz_step),
        (when.disposition, event.disposition),
    )
    return (
        all(not allowed or said in allowed for allowed, said in words)
        and (not when.things or _names_one_of(when.things, raw))
        and (not when.present or any(is_there(raw, path) for path in when.present))
        and not any(is_there(raw, path) for path in when.absent)
    )


def _names_one_of(kinds: Sequence[str], raw: LexicalObject) -> bool:
    return any(is_a(kind, mention.text) for mention in mentions(raw) for kind in kinds)


class _Places(NamedTuple):
    """Pointers as the document has them."""

    event: str
    names: Mapping[str, str]
    """Prefixes of the document -> those of the profile."""

    def of(self, pointer: str) -> str:
        written = {ours: theirs for theirs, ours in self.names.items()}
        steps = (_name(step, written) for step in pointer.split("/"))
        return self.event + "/".join(steps)


def _check(
    rule: Rule, rules: EventRules, raw: LexicalObject, places: _Places
) -> Iterator[ProfileFinding]:
    """Of several fields one must be complete; a wrong value is wrong in any of them."""
    tries = [follow(raw, field) for field in rule.fields]
    complete = [found for found in tries if not any(is_nothing(one.value) for one in found)]
    if not complete and not rule.optional:
        yield from _absent(rule, rules, tries[0], places)
    for one in (one for found in tries for one in found if not is_nothing(one.value)):
        complaint = _complaint(rule, one.value)
        if complaint:
            message = f"{_shown(one.value)} is not {complaint} ({rule.clause})"
            issue = Issue(rule.id, places.of(one.pointer), message, rule.fix)
            yield ProfileFinding(issue, rule.warning)


def _absent(
    rule: Rule, rules: EventRules, found: Sequence[Found], places: _Places
) -> Iterator[ProfileFinding]:
    for one in found:
        if is_nothing(one.value):
            what = one.pointer.rpartition("/")[2] if one.pointer else rule.fields[0]
            message = f"{rules.title}: {what} is missing ({rule.clause})"
            issue = Issue(rule.id, places.of(one.pointer), message, rule.fix)
            yield ProfileFinding(issue, rule.warning)


def _complaint(rule: Rule, value: LexicalValue) -> str:
    if rule.kind and not is_a(rule.kind, value):
        return described(rule.kind)
    if rule.values and value not in rule.values:
        return f"one of {', '.join(rule.values)}"
    if rule.pattern and not (isinstance(value, str) and re.fullmatch(rule.pattern, value)):
        return f"of the form {rule.pattern}"
    return ""


def _shown(value: LexicalValue) -> str:
    text = value.lexeme if isinstance(value, Number) else canonical(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _prefixes(profile: Profile, event: EpcisEvent) -> dict[str, str]:
    """What the document calls the profile's namespaces, where it calls them otherwise."""
    meant = {uri: prefix for prefix, uris in profile.prefixes.items() for uri in uris}
    return {
        name: meant[uri]
        for part in event.context
        if isinstance(part, dict)
        for name, uri in part.items()
        if isinstance(uri, str) and uri in meant and name != meant[uri]
    }


def _renamed(event: LexicalObject, names: Mapping[str, str]) -> LexicalObject:
    renamed = _deeply(event, names) if names else event
    assert isinstance(renamed, dict)
    return renamed


def _deeply(value: LexicalValue, names: Mapping[str, str]) -> LexicalValue:
    if isinstance(value, list):
        return [_deeply(item, names) for item in value]
    if not isinstance(value, dict):
        return value
    return {_name(name, names): _deeply(item, names) for name, item in value.items()}


def _name(name: str, names: Mapping[str, str]) -> str:
    prefix, colon, local = name.partition(":")
    return f"{names[prefix]}:{local}" if colon and prefix in names else name
