"""Nothing of the standard is missing: each operation is served, each parameter is understood."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from starlette.routing import Match

from api.app import create_app
from api.deps import Services
from core.config import Settings
from core.epcis.query.errors import QueryParameterInvalid
from core.epcis.query.parameters import read_query

STANDARD = json.loads(
    (Path(__file__).parents[1] / "data" / "epcis-rest" / "standard.json").read_text()
)
OPERATIONS = [(path, method) for path, ms in STANDARD["operations"].items() for method in ms]
TIME = "2026-04-17T09:26:42Z"
URI = "https://id.gs1.org/01/10614141073464/21/2017"
VALUES = {
    "eventType": "ObjectEvent",
    "EQ_action": "ADD",
    "EQ_bizStep": "shipping",
    "EQ_errorReason": "incorrect_data",
    "orderBy": "eventTime",
    "orderDirection": "DESC",
    "EQ_booleanValue": "true",
}
NOT_A_CONDITION = {"@context", "eventCountLimit", "maxEventCount"}


def example(pattern: str) -> str:
    """A name that a family's pattern means; the schema doubles its backslashes."""
    text = pattern.strip("^$").replace("\\\\", "\\")
    for part, one in [
        ("[a-z][a-zA-Z0-9]*\\:\\w+", "ex:field"),
        ("[A-Z0-9]{2,4}", "KGM"),
        ("[a-z][a-zA-Z0-9_]+", "owning_party"),
        ("ATTR_\\w+_\\w+", "ATTR_bizLocation_city"),
    ]:
        text = text.replace(part, one)
    assert not set("[\\{") & set(text), text
    return text


def value(name: str) -> str:
    if name in VALUES:
        return VALUES[name]
    if name.startswith("EXISTS"):
        return "true"
    if re.match("(GE|LT)_.*(t|T)ime$", name):
        return TIME
    if "isposition" in name:
        return "damaged"
    if re.search(r"(_KGM|quantity|percRank)$", name) or name[:2] in ("GT", "GE", "LT", "LE"):
        return "1.5"
    return URI


def test_the_lists_are_whole() -> None:
    assert len(OPERATIONS) == 62
    assert (len(STANDARD["parameters"]), len(STANDARD["families"])) == (61, 108)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_each_operation_is_served(path: str, method: str) -> None:
    app = create_app(Services(Settings(), *[None] * 7))  # type: ignore[arg-type]
    scope: dict[str, Any] = {"type": "http", "method": method}
    scope |= {"path": re.sub("{.*?}", "name", path), "root_path": "", "headers": []}
    matches = [route.matches(scope)[0] for route in app.routes]
    assert Match.FULL in matches


NAMES = [*STANDARD["parameters"], *map(example, STANDARD["families"])]


@pytest.mark.parametrize("name", [one for one in NAMES if one not in NOT_A_CONDITION])
def test_each_parameter_is_understood(name: str) -> None:
    query = read_query({name: [value(name)]})
    spans = (query.event_time, query.record_time)
    asked = [one for span in spans for one in (span.start, span.end) if one is not None]
    assert query.conditions or asked or name in ("orderBy", "orderDirection")


@pytest.mark.parametrize("name", ["EQ_ex", "EQ_ILMD_lot", "XX_ex:a", "ex:a", "MATCH_ex:a"])
def test_what_it_does_not_name_is_refused(name: str) -> None:
    with pytest.raises(QueryParameterInvalid) as caught:
        read_query({name: ["1"]})
    assert caught.value.pointer == name
