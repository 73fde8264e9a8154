"""Which form of an answer a client wants (RFC 9110, 12.5.1; GS1 Digital Link resolvers)."""

from enum import StrEnum
from typing import Final


class Form(StrEnum):
    """What a Digital Link can answer, in the order of preference between equals."""

    HTML = "text/html"
    JSON = "application/json"
    LINKSET = "application/linkset+json"


_ALIASES: Final = {"application/xhtml+xml": Form.HTML, "application/ld+json": Form.JSON}


def negotiate(accept: str | None, link_type: str | None) -> Form:
    """The form to send; HTML when nothing is asked for, or nothing we have."""
    if link_type in ("linkset", "all"):
        return Form.LINKSET
    ranges = [_range(part) for part in (accept or "").split(",")]
    best = max(Form, key=lambda form: (_quality(form, ranges), form is Form.HTML))
    return best if _quality(best, ranges) > 0 else Form.HTML


def _range(part: str) -> tuple[str, float]:
    media, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return media, _number(value)
    return media, 1.0


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0


def _quality(form: Form, ranges: list[tuple[str, float]]) -> float:
    exact = [q for media, q in ranges if media == form or _ALIASES.get(media) is form]
    if exact:
        return max(exact)
    family = form.split("/")[0] + "/*"
    # A wildcard is a weaker wish than any name: browsers send it last, curl sends nothing else.
    return max((q * 0.001 for media, q in ranges if media in (family, "*/*")), default=0.0)
