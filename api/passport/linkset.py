"""A product's links as RFC 9264 JSON, the answer of a GS1-conformant resolver."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from api import links
from api.queries import lists
from api.queries.rows import product_by_id
from api.queries.snapshot import Snapshot
from api.resolver.choose import Wish, choose
from api.resolver.links import (
    DEFAULT,
    DEFAULTS,
    Level,
    Listed,
    Target,
    of_class,
    of_product,
    short,
    upwards,
)
from api.words import thing
from core.crypto import keccak256
from core.epcis import digital_link
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
        targets = _together(own, listed.by_uri.get(step.canonical(), ()))
        if targets:
            known = found.setdefault(anchor, ())
            found[anchor] = (*known, *(one for one in targets if one not in known))
    return [Level(anchor, targets) for anchor, targets in found.items()]


async def _own(
    snapshot: Snapshot, step: DigitalLink, recorded: str, public_url: str
) -> tuple[Target, ...]:
    if step.key == "01" and not step.qualifiers:
        lots = lists.products(custodian=None, recalled=None, gtin=step.value)
        return of_class(public_url, recorded) if await snapshot.first(lots) else ()
    product = await product_by_id(snapshot, keccak256(recorded.encode()))
    return of_product(public_url, recorded) if product else ()


def _together(own: Sequence[Target], listed: Sequence[Target]) -> tuple[Target, ...]:
    """Ours, then the operator's; a default of the operator's takes the place of ours."""
    if any(target.relation == DEFAULT for target in listed):
        own = [target for target in own if target.relation != DEFAULT]
    return (*own, *listed)


def default(known: Sequence[Level], link: DigitalLink, listed: Listed, wish: Wish) -> Target | None:
    """Where a request that asks for nothing else is sent.

    What an item has of its own, or the operator lists for it, its lot or its class. Never our page
    of its lot or class: a made-up serial number must not borrow their passport.
    """
    same = {link.canonical(), link.epcis_level().canonical()}
    own = [level for level in known if level.anchor in same]
    steps = [step.canonical() for step in upwards(link)]
    given = [Level(uri, listed.by_uri[uri]) for uri in steps if uri in listed.by_uri]
    return choose([*own, *given], wish)


async def class_page(snapshot: Snapshot, link: DigitalLink, public_url: str) -> Target | None:
    """The recorded lots of a link's GTIN, told what was asked for; None if there are none."""
    whole = DigitalLink(link.key, link.value, ())
    if link.key != "01" or not link.qualifiers:
        return None
    if not (own := await _own(snapshot, whole, whole.canonical(), public_url)):
        return None
    rest = link.canonical().removeprefix(whole.canonical())
    return replace(own[0], href=f"{own[0].href}?asked={quote(rest, safe='')}")


async def unrecorded(snapshot: Snapshot, whole: DigitalLink, asked: str | None) -> str | None:
    """The lot or item that `asked` names, if nothing was recorded for it. Raises Malformed."""
    if asked is None:
        return None
    uri = digital_link.parse(whole.canonical() + asked).epcis_level().canonical()
    known = await product_by_id(snapshot, keccak256(uri.encode()))
    return uri if known is None else None


def document(found: Iterable[Level], public_url: str) -> dict[str, Any]:
    """The linkset: one link context object for each level (GS1-conformant resolver 1.2, 2.5)."""
    return {"linkset": [_context(level, public_url) for level in found]}


def _context(level: Level, public_url: str) -> dict[str, Any]:
    anchor = links.passport(public_url, level.anchor)
    context: dict[str, Any] = {"anchor": anchor, "itemDescription": thing(level.anchor)}
    for target in level.targets:
        context.setdefault(target.relation, []).append(target.json())
    if (first := choose([level], Wish(DEFAULT))) is not None:
        variants, context[DEFAULT] = context[DEFAULT], [first.bare()]
        if len(variants) > 1:
            context[DEFAULTS] = variants
    return context


def link_types(found: Sequence[Level]) -> list[str]:
    """The link types there are, in short form."""
    relations = [target.relation for level in found for target in level.targets]
    return [short(relation) for relation in dict.fromkeys(relations)]
