"""Profiles from their files: TOML, since people write and read them, held against a JSON Schema.

Those shipped stand in core/epcis/data/profiles; docs/reference/profiles.md explains the format.
"""

import json
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import jsonschema_rs

from core.epcis.profiles.kinds import KINDS
from core.epcis.profiles.model import EventRules, Profile, Rule, When
from core.errors import BadConfig, BadInput

_DATA: Final = files("core.epcis") / "data"


@cache
def shipped() -> Mapping[str, Profile]:
    """The profiles of this release, by id."""
    found = (
        read(file.read_text("utf-8"), file.name)
        for file in (_DATA / "profiles").iterdir()
        if file.name.endswith(".toml")
    )
    return MappingProxyType({one.id: one for one in sorted(found, key=lambda one: one.id)})


def named(names: str, where: str) -> tuple[Profile, ...]:
    """The profiles of a list such as `fsma204, gdst`. Raises BadInput naming `where`."""
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    for name in wanted:
        if name not in shipped():
            hint = f"Use {', '.join(shipped())}."
            raise BadInput(f"there is no profile {name[:40]!r}", pointer=where, hint=hint)
    return tuple(shipped()[name] for name in dict.fromkeys(wanted))


def read_file(path: Path) -> Profile:
    """A profile of one's own. Raises BadConfig."""
    try:
        return read(path.read_text("utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise BadConfig(f"{path} cannot be read: {error}") from error


def read(text: str, where: str) -> Profile:
    """Raises BadConfig naming each place that is not as the format asks."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadConfig(f"{where} is not TOML: {error}") from error
    wrong = [
        f"/{'/'.join(map(str, error.instance_path))}: {error.message}"
        for error in _validator().iter_errors(raw)
    ]
    if wrong:
        raise BadConfig(f"{where} is no profile: {'; '.join(wrong)[:500]}")
    profile = _profile(raw)
    for rule in (rule for event in profile.events for rule in event.rules):
        _check_pattern(rule, where)
    ids = [rule.id for event in profile.events for rule in event.rules]
    if len(ids) != len(set(ids)):
        raise BadConfig(f"{where} gives two rules one id")
    return profile


def _check_pattern(rule: Rule, where: str) -> None:
    try:
        re.compile(rule.pattern or "")
    except re.error as error:
        raise BadConfig(f"{where}: the pattern of {rule.id} is none: {error}") from error


@cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    schema = json.loads((_DATA / "profile.schema.json").read_text("utf-8"))
    schema["$defs"]["kind"]["enum"] = list(KINDS)
    return jsonschema_rs.Draft202012Validator(schema)


def _profile(raw: Mapping[str, Any]) -> Profile:
    prefixes = {name: tuple(uris) for name, uris in raw.get("prefixes", {}).items()}
    events = tuple(_event(raw["id"], one) for one in raw["event"])
    return Profile(raw["id"], raw["title"], raw["source"], prefixes, events)


def _event(profile: str, raw: Mapping[str, Any]) -> EventRules:
    names = {"bizStep": "biz_step"}
    when = {names.get(name, name): tuple(words) for name, words in raw["when"].items()}
    rules = tuple(_rule(f"{profile}.{raw['id']}", one) for one in raw["rule"])
    return EventRules(raw["id"], raw["title"], When(**when), rules)


def _rule(prefix: str, raw: Mapping[str, Any]) -> Rule:
    field = raw["field"]
    return Rule(
        id=f"{prefix}.{raw['id']}",
        fields=tuple(field) if isinstance(field, list) else (field,),
        clause=raw["clause"],
        fix=raw["fix"],
        kind=raw.get("kind"),
        values=tuple(raw.get("values", ())),
        pattern=raw.get("pattern"),
        optional=raw.get("optional", False),
        warning=raw.get("warning", False),
    )
