"""How much of an answer is asked for, and the opaque token of what follows.

A token holds the place of the last event, not a number of them: events that come meanwhile move
nothing. It belongs to one query and serves for a day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from api.queries.page import decode, encode
from core import clock
from core.crypto import sha256
from core.epcis.query.values import Value, count, refused, texts
from core.errors import BadInput

DEFAULT_SIZE: Final = 30
MAX_SIZE: Final = 1_000
"""More is asked for by the token of the next page."""
TOKEN_LIFE_MS: Final = 24 * 3600 * 1000
_NAMES: Final = ("perPage", "nextPageToken")


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list."""

    size: int
    after: tuple[Any, ...] = ()
    """What `next_link` was given; empty for the first page."""
    owner: str = ""
    """The query or list that a token belongs to."""


def split(parameters: Mapping[str, Sequence[Value]], owner: str) -> Page:
    """The page that a request's parameters ask for.

    Raises QueryParameterInvalid for a size below 1 and for a token that is not of this list.
    """
    size = count("perPage", parameters["perPage"]) if "perPage" in parameters else DEFAULT_SIZE
    after: tuple[Any, ...] = ()
    if "nextPageToken" in parameters:
        after = _opened(texts("nextPageToken", parameters["nextPageToken"]), owner)
    return Page(min(size, MAX_SIZE), after, owner)


def without(parameters: Mapping[str, Sequence[Value]]) -> dict[str, Sequence[Value]]:
    """The parameters that are not about pages."""
    return {name: given for name, given in parameters.items() if name not in _NAMES}


def next_headers(
    url: str, asked: Mapping[str, str], page: Page, last: Sequence[Any]
) -> dict[str, str]:
    """Where the next page is, and until when."""
    expires = clock.now_ms() + TOKEN_LIFE_MS
    token = encode([expires, _mark(page.owner), *last])
    query = urlencode({**asked, "nextPageToken": token})
    return {
        "Link": f'<{url}?{query}>; rel="next"',
        "GS1-Next-Page-Token-Expires": clock.iso(expires),
    }


def _opened(tokens: Sequence[str], owner: str) -> tuple[Any, ...]:
    [token] = tokens if len(tokens) == 1 else [""]
    try:
        expires, mark, *last = decode(token, "nextPageToken")
    except (BadInput, ValueError) as error:
        raise refused("nextPageToken", "is no token of ours", "Follow the Link header.") from error
    if mark != _mark(owner) or not isinstance(expires, int) or not last:
        raise refused("nextPageToken", "belongs to another query", "Follow the Link header.")
    if expires < clock.now_ms():
        raise refused("nextPageToken", "has expired", "Ask again for the first page.")
    return tuple(last)


def _mark(owner: str) -> bytes:
    return sha256(owner.encode("utf-8", "replace"))[:8]
