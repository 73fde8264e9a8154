"""EPCIS answers: query documents put together as text, because parsing rounds numbers."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from starlette.responses import Response

from api.epcis.headers import VERSIONS
from api.queries.snapshot import Meta
from core import clock
from core.document.lexical import canonical, parse_event

CONTEXT: Final = "https://ref.gs1.org/standards/epcis/epcis-context.jsonld"


def query_document(events: Sequence[str], name: str, subscription: str = "") -> str:
    """An EPCISQueryDocument over events that are JSON already."""
    about = {"queryName": name} | ({"subscriptionID": subscription} if subscription else {})
    results = orjson.dumps(about).decode()[1:-1]
    return (
        f'{{"@context":["{CONTEXT}"],"type":"EPCISQueryDocument","schemaVersion":"2.0",'
        f'"creationDate":"{clock.iso(clock.now_ms())}","epcisBody":{{"queryResults":{{{results},'
        f'"resultsBody":{{"eventList":[{",".join(events)}]}}}}}}}}'
    )


def told(event_json: str, record_time: int) -> str:
    """An event with the time of its recording, which is the repository's to say.

    Source: EPCIS 2.0 section 7.4.1, recordTime.
    """
    stamp = f'"recordTime":"{clock.iso(record_time)}"'
    if '"recordTime"' in event_json:  # the author's, here or in an extension
        event = parse_event(event_json)
        event.pop("recordTime", None)
        event_json = canonical(event)
    return f"{{{stamp},{event_json[1:]}"


def collection(members: Sequence[str], headers: Mapping[str, str], meta: Meta | None) -> Response:
    """A list of names, such as business steps or sub-resources."""
    body = {"@context": CONTEXT, "type": "Collection", "member": list(members)}
    return answer(orjson.dumps(body), headers, meta)


def answer(
    content: bytes | str,
    headers: Mapping[str, str] | None = None,
    meta: Meta | None = None,
    *,
    status: int = 200,
    media: str = "application/json",
) -> Response:
    """An answer in the form the standard gives; how far the mirror is stands in a header."""
    return Response(content, status, _headers(headers, meta), media)


def _headers(headers: Mapping[str, str] | None, meta: Meta | None) -> dict[str, Any]:
    own = {"x-sr360-meta": orjson.dumps(meta.json()).decode()} if meta else {}
    return VERSIONS | own | {"vary": "accept"} | dict(headers or {})
