"""The query string as parameters: lists are joined by `|`, prefixes come in `GS1-Extensions`."""

from collections.abc import Mapping, Sequence
from typing import Final

from fastapi import Request

from core.epcis.query import namespaces
from core.epcis.query.errors import QueryParameterInvalid, UriTooLong
from core.epcis.query.values import Value, refused

MAX_URI: Final = 16_384


def given(request: Request) -> dict[str, Sequence[Value]]:
    """Each parameter with its values. Raises QueryParameterInvalid for one that stands twice."""
    if len(request.scope["query_string"]) > MAX_URI:
        raise UriTooLong(f"the query string has more than {MAX_URI} characters")
    found: dict[str, Sequence[Value]] = {}
    for name, text in request.query_params.multi_items():
        if name in found:
            raise refused(name, "stands twice", "Join the values by |.")
        if not name or not text:
            raise QueryParameterInvalid(f"{name or '?'}: needs a name and a value", pointer=name)
        found[name] = text.split("|")
    return found


def prefixes(request: Request) -> Mapping[str, str]:
    """What the prefixes of extension names stand for."""
    return namespaces.of_header(request.headers.get("GS1-Extensions") or "")
