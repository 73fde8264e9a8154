"""A profile as it is read from its file."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """What one field of an event must be."""

    id: str
    """Stable: profile, event, element, e.g. `fsma204.shipping.quantity`."""
    fields: tuple[str, ...]
    """Paths, any of which will do."""
    clause: str
    """Where it is written that this must be told."""
    fix: str
    kind: str | None = None
    """A name of core.epcis.profiles.kinds."""
    values: tuple[str, ...] = ()
    pattern: str | None = None
    optional: bool = False
    """It may be absent; if it is there, it must be right."""
    warning: bool = False
    """Another event may tell it: what is wrong here is told and refuses nothing."""


@dataclass(frozen=True, slots=True)
class When:
    """Which events are meant: all that is given must hold."""

    type: tuple[str, ...] = ()
    action: tuple[str, ...] = ()
    biz_step: tuple[str, ...] = ()
    disposition: tuple[str, ...] = ()
    things: tuple[str, ...] = ()
    """Kinds, of which the event must name at least one thing."""
    present: tuple[str, ...] = ()
    """Paths one of which leads to something."""
    absent: tuple[str, ...] = ()
    """Paths none of which may."""


@dataclass(frozen=True, slots=True)
class EventRules:
    """Rules of one kind of event."""

    id: str
    title: str
    when: When
    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Profile:
    """All rules of one regulation or agreement."""

    id: str
    title: str
    source: str
    prefixes: Mapping[str, tuple[str, ...]]
    """Prefix in this profile -> the namespaces it stands for, whatever a document calls them."""
    events: tuple[EventRules, ...]
