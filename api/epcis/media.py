"""JSON or XML: what a client accepts (RFC 9110, 12.5.1)."""

from enum import StrEnum
from typing import Final

from fastapi import Request

from core.epcis.query.errors import NotAcceptable


class Media(StrEnum):
    """The forms of an answer, the preferred first."""

    JSON = "application/json"
    XML = "application/xml"


_NAMES: Final = {
    "application/json": Media.JSON,
    "application/ld+json": Media.JSON,
    "application/problem+json": Media.JSON,
    "application/xml": Media.XML,
    "text/xml": Media.XML,
    "application/problem+xml": Media.XML,
}
_WILD: Final = ("application/*", "*/*")
"""The nearer one first: what it says of a form holds (RFC 9110, 12.5.1)."""


def negotiated(request: Request, *offered: Media) -> Media:
    """The offered form the client likes best. Raises NotAcceptable."""
    choices = offered or tuple(Media)
    accepted = ",".join(filter(None, request.headers.getlist("accept"))) or "*/*"
    best, found = 0.0, None
    for media in choices:
        quality = _quality(media, accepted)
        if quality > best:
            best, found = quality, media
    if found is None:
        raise NotAcceptable(
            f"the answer is {' or '.join(choices)}, the request accepts {accepted[:80]!r}",
            pointer="Accept",
        )
    return found


def _quality(media: Media, accepted: str) -> float:
    named: list[float] = []
    wild: dict[str, float] = {}
    for part in accepted.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        if _NAMES.get(name) is media:
            named.append(_weight(parameters))
        elif name in _WILD:
            wild[name] = _weight(parameters)
    if named:
        return max(named)
    return 0.999 * next((wild[name] for name in _WILD if name in wild), 0.0)


def _weight(parameters: list[str]) -> float:
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
