"""The shipped profiles over published events: what these lack is found, and nothing else.

And rule by rule: whatever an event holds for a rule, without it the rule is broken, and only it.
"""

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import orjson
import pytest

from core.document.lexical import LexicalValue, Number
from core.epcis.model import EpcisEvent, items
from core.epcis.profiles.evaluate import applicable
from core.epcis.profiles.load import shipped
from core.epcis.profiles.model import Rule
from core.epcis.profiles.paths import follow, is_nothing
from tests.epcis.profiles.examples import DATA, FILES, all_events, events, found, with_raw

PROFILES = sorted(FILES)


def rules_of(file: str, profile: str, *, warnings: bool = False) -> list[str]:
    [path] = [path for path in FILES[profile] if path.name == file]
    return [
        f"{event.pointer.rpartition('/')[2]} {one.issue.rule}"
        for event in events(path)
        for one in found(event, profile)
        if one.warning == warnings
    ]


def test_fsma204():
    errors = {path.name: rules_of(path.name, "fsma204") for path in FILES["fsma204"]}
    assert {name: rules for name, rules in errors.items() if rules} == {
        "FSMA-1-Harvesting-Invalid-Event.json": [
            " fsma204.shipping.recipient",
            " fsma204.shipping.document",
            " fsma204.shipping-lots.quantity",
        ]
    }
    assert rules_of("cooling-cte.jsonld", "fsma204", warnings=True) == [
        "1 fsma204.cooling.farm",
        "1 fsma204.cooling.document",
    ]


def test_gdst():
    assert rules_of("gdst_data_withmasterdata.jsonld", "gdst") == [
        "0 gdst.hatching.broodstock",  # "domestic" for "Domestic"
        "3 gdst.fishing.trip",  # under a member named {https://…}vesselTripDate
    ]


def test_dscsa_and_batteries():
    assert [one.issue for event in all_events("dscsa") for one in found(event, "dscsa")] == []
    batteries = all_events("eu-battery")
    assert [one.issue for event in batteries for one in found(event, "eu-battery")] == []


def test_every_kind_of_event_has_an_example():
    met = {
        f"{name}.{rules.id}"
        for name in PROFILES
        for event in all_events(name)
        for rules in applicable(shipped()[name], event)
    }
    every = {f"{p.id}.{rules.id}" for p in shipped().values() for rules in p.events}
    assert met == every


def cases() -> Iterator[Any]:
    """One event for each rule, that satisfies it."""
    seen = set()
    for name in PROFILES:
        for event in all_events(name):
            broken = {one.issue.rule for one in found(event, name)}
            for rules in applicable(shipped()[name], event):
                for rule in rules.rules:
                    if rule.id not in seen | broken and not rule.optional:
                        seen.add(rule.id)
                        yield pytest.param(name, event, rule, id=rule.id)


def without(raw: Any, rule: Rule) -> Any:
    """The event without the last step of everything that the rule's fields lead to."""
    changed = copy.deepcopy(raw)
    for field in rule.fields:
        for one in reversed(follow(raw, field)):
            if not is_nothing(one.value):
                *way, last = one.pointer.split("/")[1:]
                at = changed
                for step in way:
                    at = at[int(step)] if isinstance(at, list) else at[step]
                del at[int(last) if isinstance(at, list) else last]
    return changed


@pytest.mark.parametrize(("profile", "event", "rule"), cases())
def test_what_a_rule_asks_for_is_missed(profile: str, event: EpcisEvent, rule: Rule):
    poorer = with_raw(event, without(event.raw, rule))
    told = {one.issue.rule for one in found(poorer, profile)}
    if rule.id == "dscsa.commissioning.serial":  # without serials it is no such event any more
        stranger = event.raw | {"epcList": [*items(event.raw, "epcList"), "urn:x:lot"]}
        told = {one.issue.rule for one in found(with_raw(event, stranger), profile)}
    assert rule.id in told
    assert {one for one in told if one != rule.id} <= _sharing(profile, event, rule)


def _sharing(profile: str, event: EpcisEvent, rule: Rule) -> set[str]:
    """Rules about the same fields, and what was missing before."""
    before = {one.issue.rule for one in found(event, profile)}
    return before | {
        other.id
        for rules in shipped()[profile].events
        for other in rules.rules
        if set(other.fields) & set(rule.fields)
        or any(f.startswith(tuple(rule.fields)) for f in other.fields)
    }


def test_every_rule_was_tried():
    tried = {case.id for case in cases()}
    rules = {
        rule.id
        for profile in shipped().values()
        for event in profile.events
        for rule in event.rules
        if not rule.optional
    }
    # published examples break these in every event of the kind: see above
    assert rules - tried == {
        "gdst.hatching.broodstock",
        "gdst.fishing.trip",
        "fsma204.cooling.farm",
        "fsma204.cooling.document",
        "fsma204.shipping-lots.quantity",
    }


DEFINITIONS = {
    "urn:gdst:bizStep:fishingEvent": "GdstFishingEvent",
    "urn:gdst:bizStep:hatching": "GdstHatchingEvent",
    "urn:gdst:bizStep:farmHarvest": "GdstFarmHarvestEvent",
    "urn:gdst:bizStep:landing": "GdstLandingEvent",
    "urn:gdst:bizStep:transshipment": "GdstTransshipmentEvent",
    "urn:gdst:bizStep:commingling": "GdstProcessingEvent",
    "shipping": "GdstShippingEvent",
    "receiving": "GdstReceivingEvent",
    "packing": "GdstAggregationEvent",
}


def plain(value: LexicalValue) -> Any:
    if isinstance(value, Number):
        return float(value.lexeme)
    if isinstance(value, dict):
        return {name: plain(item) for name, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def shortened(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every member."""
    for name, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(value, dict):
            yield (*way, name)
        if isinstance(item, dict | list):
            yield from shortened(item, (*way, name))


@pytest.mark.parametrize("event", all_events("gdst"), ids=lambda e: e.pointer)
def test_gdst_agrees_with_its_schema(event: EpcisEvent):
    """Member by member: it is missed by the profile if and only if the schema misses it."""
    if event.biz_step not in DEFINITIONS:
        return
    schema = orjson.loads((DATA / "gdst/gdst_json_schema.json").read_bytes())
    root = {
        "$ref": f"#/definitions/{DEFINITIONS[event.biz_step]}",
        "definitions": schema["definitions"],
    }
    validator = jsonschema_rs.Draft7Validator(root)
    for way in shortened(event.raw):
        if (way[0] == "ilmd" and len(way) == 1) or way[-1] in ("type", "certification"):
            continue  # the schema lets ilmd be absent; other types are other events
        if way[-1] in ("bizStep", "cbvmda:certificationList"):
            continue
        raw: Any = copy.deepcopy(event.raw)
        at = raw
        for step in way[:-1]:
            at = at[step]
        del at[way[-1]]
        missed = any(
            error.kind.name == "required" and f'"{way[-1]}"' in error.message
            for error in validator.iter_errors(plain(raw))
        )
        told = any(
            "missing" in one.issue.message and way[-1] in one.issue.pointer
            for one in found(with_raw(event, raw), "gdst")
        )
        assert told == missed, way
