"""The parameters of queries as OpenAPI lists them; families of parameters stand in the prose."""

from typing import Any, Final

from core.config import Choreography
from core.epcis.query import parameters as known

_TIME: Final = {"type": "string", "format": "date-time"}
_LIST: Final = {"type": "array", "items": {"type": "string", "minLength": 1}, "minItems": 1}
_COUNT: Final = {"type": "integer", "minimum": 1}


def _query(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"name": name, "in": "query", "required": False, "schema": schema}
    return found | ({"style": "pipeDelimited", "explode": False} if schema is _LIST else {})


def _header(name: str, *values: str) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"} | ({"enum": list(values)} if values else {})
    return {"name": name, "in": "header", "required": False, "schema": schema}


PAGES: Final = [
    _query("perPage", _COUNT | {"default": 30}),
    _query("nextPageToken", {"type": "string"}),
]
FIXED: Final = [
    *(_query(name, _LIST) for name in (*known.EQUAL, *known.MATCHING)),
    *(_query(name, _LIST) for name in ("WD_readPoint", "WD_bizLocation")),
    *(_query(name, {"type": "boolean"}) for name in (*known.PRESENT, "EQ_booleanValue")),
    *(_query(name, _TIME) for name in known.SPANS),
    *(_query(f"{op}_{field}", _TIME) for field in known.TIMES for op in ("GE", "LT")),
    *(
        _query(f"{op}_{field}", {"type": "number"})
        for field in known.COMPARED
        for op in known.OPERATORS
    ),
    _query("orderBy", {"type": "string"}),
    _query("orderDirection", {"type": "string", "enum": ["ASC", "DESC"]}),
    _query("eventCountLimit", _COUNT),
    _query("maxEventCount", _COUNT),
]
"""Every parameter with a fixed name."""
HEADERS: Final = [
    *(_header(f"GS1-{what}-{end}") for what in ("EPCIS", "CBV") for end in ("Min", "Max")),
    _header("GS1-Extensions"),
]
FORMATS: Final = [
    _header(
        "GS1-EPC-Format",
        *("No_Preference", "Always_GS1_Digital_Link", "Always_EPC_URN", "Never_Translates"),
    ),
    _header(
        "GS1-CBV-XML-Format",
        *("No_Preference", "Always_Web_URI", "Always_URN", "Never_Translates"),
    ),
]
RULE_PARAMETERS: Final = [
    _query("profile", {"type": "string"}),
    _query("mapping", {"type": "string"}),
    _header("SR360-Profile"),
    _header("SR360-Choreography", *Choreography),
    _header("SR360-Quarantine", "true", "false"),
]
"""docs/reference/rules.md and csv.md say what they ask for."""
PAGE_PARAMETERS: Final = {"parameters": [*PAGES, *HEADERS]}
EVENT_PARAMETERS: Final = {"parameters": [*PAGES, *FIXED, *HEADERS, *FORMATS]}
NAMED_PARAMETERS: Final = {"parameters": [*PAGES, *HEADERS, *FORMATS]}


def body_of(*required: str) -> dict[str, Any]:
    """A JSON body that must have these members."""
    schema = {"type": "object", "required": list(required)}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}
