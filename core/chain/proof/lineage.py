"""Which products an event speaks about, and in which part.

An identifier counts when it is written as the product's canonical URI; another spelling of the
same identifier is not resolved here, and a verifier then says so instead of guessing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.document.lexical import LexicalObject, LexicalValue


class Part(StrEnum):
    """The part a product plays in an event."""

    OBJECT = "object"
    PARENT = "parent"
    CHILD = "child"
    INPUT = "input"
    OUTPUT = "output"


class Relation(StrEnum):
    """How another product belongs to the history of this one."""

    INPUT = "input"
    CONTAINER = "container"
    CONTENT = "content"


@dataclass(frozen=True, slots=True)
class Link:
    """`other` is an input, the container or a content of the product at hand."""

    relation: Relation
    other: str


_MEMBERS: Final = {
    "epcList": Part.OBJECT,
    "quantityList": Part.OBJECT,
    "parentID": Part.PARENT,
    "childEPCs": Part.CHILD,
    "childQuantityList": Part.CHILD,
    "inputEPCList": Part.INPUT,
    "inputQuantityList": Part.INPUT,
    "outputEPCList": Part.OUTPUT,
    "outputQuantityList": Part.OUTPUT,
}


def parts(event: LexicalObject) -> list[tuple[Part, str]]:
    """Every product identifier in an event with its part, in the order of this module's table."""
    return [
        (part, uri)
        for member, part in _MEMBERS.items()
        if member in event
        for uri in _identifiers(event[member])
    ]


def links(event: LexicalObject, uri: str) -> list[Link]:
    """What an event links the product at `uri` to."""
    mentioned = parts(event)
    own = {part for part, other in mentioned if other == uri}
    wanted = []
    if Part.OUTPUT in own:
        wanted.append((Part.INPUT, Relation.INPUT))
    if Part.CHILD in own:
        wanted.append((Part.PARENT, Relation.CONTAINER))
    if Part.PARENT in own:
        wanted.append((Part.CHILD, Relation.CONTENT))
    return [
        Link(relation, other)
        for part, relation in wanted
        for other_part, other in mentioned
        if other_part == part and other != uri
    ]


def required(link: Link, *, of_subject: bool) -> bool:
    """Whether a bundle must bring the other product: what is inside matters for the subject only,
    else every pallet would pull in all its other boxes."""
    return of_subject or link.relation is not Relation.CONTENT


def _identifiers(value: LexicalValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _identifiers(item.get("epcClass") if isinstance(item, dict) else item)
