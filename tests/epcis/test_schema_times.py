"""Times in the quick look at the schema: it takes none that the careful one refuses."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from core.epcis.schema import schema_issues

_PARTS = re.compile(r"\d+|\D")
_TEXTS = ("2026-04-17T09:26:42.123-04:00", "2024-02-29T23:59:59Z", "2016-12-31T23:59:60Z")
_PART = st.sampled_from(
    [
        "0",
        "00",
        "1",
        "13",
        "24",
        "29",
        "31",
        "60",
        "-",
        "+",
        ":",
        ".",
        "T",
        "t",
        "Z",
        " ",
        "\n",
        "٣",
    ]
)


@st.composite
def times(draw: st.DrawFn) -> str:
    parts = _PARTS.findall(draw(st.sampled_from(_TEXTS)))
    for _ in range(draw(st.integers(0, 3))):
        parts[draw(st.integers(0, len(parts) - 1))] = draw(_PART)
    return "".join(parts)


@given(times())
@example("2-20-01-15T07:47:21+00:00")
@example("2026-04-17T09:26:42.123-0+:00")
def test_a_quick_look_takes_no_time_that_a_careful_one_refuses(text: str) -> None:
    event = {
        "@context": "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
        "type": "ObjectEvent",
        "eventTime": text,
        "eventTimeZoneOffset": "-04:00",
        "epcList": ["https://id.gs1.org/01/09521141234563/21/7"],
        "action": "OBSERVE",
    }
    careful = schema_issues(event)
    assert schema_issues(event, plain=event) == careful
    assert {issue.pointer for issue in careful} <= {"/eventTime"}
