"""Events in the order of an extension: by number, by time, by text, in pages.

an extension of the event or of its ILMD
├── whose values are all numbers, in JSON or as text -> by number, exactly
├── whose values are all times -> by moment
├── whose values are mixed -> by the bytes of their text
├── that some events lack, or have several times -> those last, or by what comes first
├── with a prefix of another name -> by what the prefix stands for
└── in pages -> nothing is lost, repeated or moved, also when its type changes meanwhile
anything else -> refused by name
rows of an earlier version -> made anew, while queries answer
"""

import random
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import select

from api.queries.page import encode
from core.db.chain_tables import EventIndex, EventValue
from core.db.chain_tables.event_index import VERSION
from core.epcis.query.terms import TEXT, word
from indexer.event_index import index_older
from tests.epcis_rest.conftest import Prepared
from tests.epcis_rest.repository import Repository, listed, made

NUMBERS = ["-3", "0", "2.5", "9", "10", "1e2", "123456789012345678901.5"]
TIMES = ["2026-01-01T12:00:00+02:00", "2026-01-01T11:00:00Z", "2026-01-02T00:00:00.500Z"]
TEXTS = ["", "10", "9", "A", "Z", "a", "z", "é", "😀"]


async def paged(repository: Repository, size: int = 3, **asked: Any) -> list[str]:
    """The names of all events, page by page."""
    found: list[str] = []
    answer = await repository.http.get("/events", params=asked | {"perPage": size})
    while True:
        assert answer.status_code == 200, answer.text
        found += [one["eventID"].rpartition(":")[2] for one in listed(answer)]
        if "next" not in answer.links:
            return found
        answer = await repository.http.get(answer.links["next"]["url"])


def recorded(repository: Repository, values: list[Any], name: str = "ex:n") -> list[str]:
    """Events with these values in some order; their names are the places of the values."""
    numbered = list(enumerate(values))
    random.Random(1).shuffle(numbered)
    repository.record([made(f"{n:02}", **({name: v} if v != "" else {})) for n, v in numbered])
    return [f"{n:02}" for n, v in numbered if v != ""]


@pytest.mark.parametrize("values", [NUMBERS, TIMES, TEXTS[1:]], ids=["number", "time", "text"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_by_what_its_values_are(
    repository: Repository, values: list[str], direction: str
) -> None:
    names = sorted(recorded(repository, list(values)), reverse=direction == "DESC")
    lacking = {"none0", "none1", "none2", "none3"}
    repository.record([made(name) for name in sorted(lacking)])
    for asked in ("ex:n", "https://ns.example.com/epcis/n", "https://ns.example.com/epcis#n"):
        found = await paged(repository, orderBy=asked, orderDirection=direction)
        assert found[: len(names)] == names
        assert set(found[len(names) :]) == lacking
        assert len(found) == len(names) + len(lacking)


async def test_numbers_of_json_and_of_text(repository: Repository) -> None:
    recorded(repository, [-1, "0.5", 2, "10", 11.5])
    assert await paged(repository, orderBy="ex:n", orderDirection="ASC") == [
        *("00", "01", "02", "03", "04")
    ]
    repository.record([made("text", **{"ex:n": "x"})])
    found = await paged(repository, orderBy="ex:n", orderDirection="ASC")
    assert found == ["00", "01", "03", "04", "02", "text"]  # -1 0.5 10 11.5 2 x


async def test_of_the_ilmd_and_by_any_prefix(repository: Repository) -> None:
    lots = ["L1", "L10", "L2"]
    for n, lot in enumerate(lots):
        context = ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"]
        context.append({f"p{n}": "https://ns.example.com/epcis/"})
        ilmd = {"cbvmda:lotNumber": lot, f"p{n}:weight": 3 - n}
        repository.record([made(lot, **{"@context": context, "ilmd": ilmd}, action="ADD")])
    order = {"orderDirection": "ASC"}
    assert await paged(repository, orderBy="ILMD_cbvmda:lotNumber", **order) == lots
    headers = {"GS1-Extensions": "mine=https://ns.example.com/epcis/"}
    params = order | {"orderBy": "ILMD_mine:weight"}
    answer = await repository.http.get("/events", params=params, headers=headers)
    names = [one["eventID"].rpartition(":")[2] for one in listed(answer)]
    assert names == ["L2", "L10", "L1"]


async def test_several_values_count_as_the_first_of_them(repository: Repository) -> None:
    repository.record(
        [
            made("a", **{"ex:n": [5, 1]}),
            made("b", **{"ex:n": 3}),
            made("c", **{"ex:n": [2, 9, 2]}),
        ]
    )
    assert await paged(repository, 1, orderBy="ex:n", orderDirection="ASC") == ["a", "c", "b"]
    assert await paged(repository, 1, orderBy="ex:n") == ["c", "a", "b"]


@pytest.mark.parametrize("size", [1, 2, 5, 100])
async def test_equal_values_in_pages(repository: Repository, size: int) -> None:
    names = [f"{n:02}" for n in range(11)]
    repository.record([made(name, **{"ex:n": int(name) // 4}) for name in names])
    for direction in ("ASC", "DESC"):
        found = await paged(repository, size, orderBy="ex:n", orderDirection=direction)
        assert sorted(found) == names
        values = [int(name) // 4 for name in found]
        assert values == sorted(values, reverse=direction == "DESC")
        found = await paged(repository, size, orderBy="ex:n", EQ_eventID="urn:event:03")
        assert found == ["03"]
        cut = await paged(repository, size, orderBy="ex:n", eventCountLimit=7)
        assert cut == (await paged(repository, 100, orderBy="ex:n"))[:7]


async def test_a_type_that_changes_moves_no_page(repository: Repository) -> None:
    recorded(repository, [9, 10, 11, 100])
    asked = {"orderBy": "ex:n", "orderDirection": "ASC", "perPage": 2}
    first = await repository.http.get("/events", params=asked)
    repository.record([made("text", **{"ex:n": "x"})])
    second = await repository.http.get(first.links["next"]["url"])
    assert [e["ex:n"] for e in listed(first) + listed(second)] == [9, 10, 11, 100]


@pytest.mark.parametrize(
    "name",
    [
        *("epcList", "bizStep", "quantity", "ILMD_", "ILMD_lotNumber", ":", ""),
        *("INNER_ex:n", "SENSORREPORT_ex:n", "ERROR_DECLARATION_ex:n"),
    ],
)
async def test_what_cannot_be_sorted_by(repository: Repository, name: str) -> None:
    answer = await repository.http.get("/events", params={"orderBy": name})
    told = answer.json()
    assert (answer.status_code, told["code"], told["pointer"]) == (
        *(400, "query_parameter", "orderBy"),
    )
    body = {"name": "named", "query": {"orderBy": name}}
    assert (await repository.http.post("/queries", json=body)).status_code == 400


async def test_a_named_query_is_sorted_too(repository: Repository) -> None:
    recorded(repository, [3, 20, 100])
    body = {"name": "named", "query": {"orderBy": "ex:n", "orderDirection": "ASC"}}
    assert (await repository.http.post("/queries", json=body)).status_code == 201
    assert await repository.ids("/queries/named/events") == [f"urn:event:0{n}" for n in range(3)]


async def test_tokens_of_another_shape_are_refused(repository: Repository) -> None:
    recorded(repository, [1, 2, 3])
    for order in ("ex:n", "eventTime"):
        first = await repository.http.get("/events", params={"orderBy": order, "perPage": 1})
        url = first.links["next"]["url"]
        good = url.partition("nextPageToken=")[2]
        from api.queries.page import decode

        head = decode(good)[:2]
        for place in ([1, 2], [1, 9, 1, b"", b"x"], [1, 0, b"", 1, b"x"], [1, 1, b"x", 4], [1] * 5):
            answer = await repository.http.get(url.replace(good, encode([*head, *place])))
            assert answer.status_code == 400, place
            assert answer.json()["pointer"] == "nextPageToken"
        if order == "eventTime":
            wide = encode([*head, 1, 0, 1, b"", b"x"])
            answer = await repository.http.get(url.replace(good, wide))
            assert (answer.status_code, answer.json()["pointer"]) == (400, "nextPageToken")


async def test_rows_of_an_earlier_version_are_made_anew(
    repository: Repository, prepared: Prepared
) -> None:
    names = sorted(recorded(repository, ["a", "b", "c"]))
    with prepared.database.write_session() as session:
        field = word(f"https://ns.example.com/epcis#n{TEXT}", "")
        for row in session.exec(select(EventValue).where(EventValue.field == field)).all():
            session.delete(row)
        session.connection().execute(update(EventIndex).values(version=VERSION - 1))
    assert sorted(await paged(repository, orderBy="ex:n")) == names
    await index_older(prepared.database)
    assert await paged(repository, orderBy="ex:n", orderDirection="ASC") == names
    with prepared.database.read_session() as session:
        assert set(session.exec(select(EventIndex.version)).all()) == {VERSION}
