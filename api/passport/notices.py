"""What a reader should know about the story itself; said quietly, never hidden."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from api.passport.gather import Gathered


def notices(gathered: Gathered, steps: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Inconsistencies in what authors said, and what could not be read."""
    found = [*_origin(gathered), *_dates(steps), *_unread(steps), *_unconfirmed(gathered)]
    if gathered.truncated:
        found.append(_notice("truncated", "The history is longer than this page shows."))
    return found


def _origin(gathered: Gathered) -> list[dict[str, str]]:
    """Anybody may record first; only the registrar tells who that was."""
    mine = gathered.product.product_id
    first = next((e for e in gathered.events if e.product_id == mine and e.seq == 1), None)
    if first is None or gathered.names.registered(first.actor):
        return []
    who = gathered.names.of(first.actor)
    return [
        _notice(
            "origin_not_registered",
            f"This history was begun by {who}. Nobody vouches for who that is.",
        )
    ]


def _dates(steps: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """The chain's order is certain; the dates inside are their authors' word."""
    if all(a["occurredAt"] <= b["occurredAt"] for a, b in pairwise(steps)):
        return []
    return [
        _notice(
            "dates_not_in_order",
            "The dates given by its authors are not in order. "
            "The steps stand in the order in which they were recorded.",
        )
    ]


def _unread(steps: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    states = {step["document"] for step in steps}
    found = []
    if "quarantined" in states:
        found.append(
            _notice("document_refused", "The document of at least one step is missing or altered.")
        )
    if "pending" in states:
        found.append(_notice("document_pending", "Some documents have not been read yet."))
    return found


def _unconfirmed(gathered: Gathered) -> list[dict[str, str]]:
    if all(edge.confirmed for edge in gathered.links_back()):
        return []
    return [
        _notice(
            "source_unconfirmed",
            "At least one source is named by who used it, but its own history does not say so.",
        )
    ]


def _notice(code: str, text: str) -> dict[str, str]:
    return {"code": code, "text": text}
