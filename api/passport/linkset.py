"""A product's links as RFC 9264 JSON, the answer of a GS1-conformant resolver."""

from collections.abc import Iterable, Sequence
from typing import Any

from api.queries import lists
from api.queries.rows import product_by_id
from api.queries.snapshot import Snapshot
from api.resolver.links import Level, Listed, Target, of_class, of_product, short, upwards
from core.crypto import keccak256
from core.epcis.digital_link import DigitalLink


async def levels(
    snapshot: Snapshot, link: DigitalLink, listed: Listed, public_url: str
) -> list[Level]:
    """Item, lot and class of a link, as far as anything is known of them, nearest first."""
    found: dict[str, tuple[Target, ...]] = {}
    for step in upwards(link):
        recorded = step.epcis_level().canonical()
        own = await _own(snapshot, step, recorded, public_url)
        if found and not step.qualifiers:
            own = ()  # the list of its lots says nothing more of a lot
        # one history under several spellings is one level, under the name it is recorded by
        anchor = recorded if own else step.canonical()
        targets = (*own, *listed.by_uri.get(step.canonical(), ()))
        if targets:
            known = found.setdefault(anchor, ())
            found[anchor] = (*known, *(one for one in targets if one not in known))
    return [Level(anchor, targets) for anchor, targets in found.items()]


def given(link: DigitalLink, listed: Listed) -> list[Level]:
    """Only what the operator lists, nearest first."""
    steps = [step.canonical() for step in upwards(link)]
    return [Level(uri, listed.by_uri[uri]) for uri in steps if uri in listed.by_uri]


async def _own(
    snapshot: Snapshot, step: DigitalLink, recorded: str, public_url: str
) -> tuple[Target, ...]:
    if step.key == "01" and not step.qualifiers:
        lots = lists.products(custodian=None, recalled=None, gtin=step.value)
        return of_class(public_url, recorded) if await snapshot.first(lots) else ()
    product = await product_by_id(snapshot, keccak256(recorded.encode()))
    return of_product(public_url, recorded) if product else ()


def document(found: Iterable[Level]) -> dict[str, Any]:
    """The linkset: one link context object for each level."""
    return {"linkset": [_context(level) for level in found]}


def _context(level: Level) -> dict[str, Any]:
    context: dict[str, Any] = {"anchor": level.anchor}
    for target in level.targets:
        context.setdefault(target.relation, []).append(target.json())
    return context


def link_types(found: Sequence[Level]) -> list[str]:
    """The link types there are, in short form."""
    relations = [target.relation for level in found for target in level.targets]
    return [short(relation) for relation in dict.fromkeys(relations)]
