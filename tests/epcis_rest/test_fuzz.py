"""Whatever is asked, the answer is an answer or a problem with a code, never a fault of ours."""

import random

from tests.epcis_rest.repository import Repository, published

REQUESTS = 250
PATHS = (
    *("/events", "/events/{}", "/eventTypes", "/eventTypes/{}", "/eventTypes/{}/events", "/epcs"),
    *("/epcs/{}", "/epcs/{}/events", "/bizSteps/{}/events", "/readPoints", "/dispositions/{}"),
    *("/queries", "/queries/{}", "/queries/{}/events", "/queries/{}/subscriptions"),
    *("/queries/{}/subscriptions/{}", "/capture"),
)
NAMES = (
    *("EQ_bizStep", "eventType", "MATCH_epc", "MATCH_anyEPCClass", "WD_bizLocation", "EQ_eventID"),
    *("GE_eventTime", "LT_recordTime", "GT_quantity_KGM", "EQ_value_CEL", "EXISTS_ex:a"),
    *("EQ_ILMD_cbvmda:lotNumber", "LT_INNER_ex:b", "HASATTR_bizLocation", "EQATTR_readPoint_a"),
    *("orderBy", "eventCountLimit", "maxEventCount", "perPage", "nextPageToken", "EQ_", "_", "é"),
)
VALUES = (
    *("shipping", "ObjectEvent", "true", "1", "-1", "0", "1e400000", "NaN", "2026-04-17T09:26:42Z"),
    *("9999-99-99T99:99:99Z", "0000-01-01T00:00:00Z", "urn:epc:id:sgtin:0614141.107346.2017"),
    *("urn:epc:idpat:sgtin:*.*.*", "urn:epc:idpat:sgtin:", "https://id.gs1.org/01/1", "https://["),
    *(
        "a|b",
        "|",
        "",
        "%",
        "%00",
        "\0",
        "\ud7ff",
        "é",
        "x" * 3_000,
        "'; DROP TABLE event --",
        "../..",
    ),
    *("WzEsMl0", "W10", "1" * 400, "urn:x:" + "y" * 900, "eventTime", "recordTime"),
)
HEADERS = (
    *("Accept", "GS1-EPC-Format", "GS1-CBV-XML-Format", "GS1-EPCIS-Min", "GS1-CBV-Max"),
    *("GS1-Extensions", "GS1-Capture-Error-Behaviour", "Content-Type"),
)
HEADER_VALUES = (
    *("application/xml", "*/*;q=x", "Always_EPC_URN", "Always_Web_URI", "2.0.0", "9", "ex=", "=,="),
    "ex=https://ns.example.com/epcis/",
)
BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'{"name": "a", "query": {}}',
    b'{"name": 1}',
    b"<a/>",
    b"\xff",
)


async def test_nothing_that_is_asked_is_a_fault_of_ours(repository: Repository) -> None:
    repository.record(published())
    chance = random.Random(20_261_128)
    faults = []
    for _ in range(REQUESTS):
        values = [one for one in VALUES if "\0" not in one and one]
        path = chance.choice(PATHS)
        path = path.format(*(chance.choice(values).replace("?", "") for _ in range(2)))
        method = chance.choice(("GET", "GET", "GET", "POST", "DELETE", "OPTIONS", "HEAD"))
        if method == "POST" and path == "/capture":
            continue  # tests/api sends documents to a service with a chain
        count = chance.randrange(4)
        asked = {chance.choice(NAMES): chance.choice(VALUES) for _ in range(count)}
        headers = {chance.choice(HEADERS): chance.choice(HEADER_VALUES) for _ in range(count)}
        answer = await repository.http.request(
            method, path, params=asked, headers=headers, content=chance.choice(BODIES)
        )
        if answer.status_code >= 500:
            faults.append((method, path, asked, headers, answer.text[:300]))
        elif answer.status_code >= 400 and method not in ("HEAD", "OPTIONS"):
            assert answer.json()["code"], (method, path)
    assert faults == []


async def test_a_name_with_nul_is_refused_or_unknown(repository: Repository) -> None:
    """PostgreSQL holds no such text: it is the client's fault, and said so."""
    for path in ("/queries/%00", "/queries/a/subscriptions/%00", "/events/%00"):
        answer = await repository.http.request("GET", path)
        assert 400 <= answer.status_code < 500, path
        assert answer.json()["code"], path
