"""A large document is judged as a whole, however its stories lie in it, and by what is known.

given a large document
├── with mistakes anywhere -> the same findings as of the same document in one piece
├── whose stories begin at its end -> nothing is unknown
├── tied together by what the mirror knows -> a recall at its start holds for a shipment at its end
├── with a story of too long a past -> told, and the others are judged all the same
└── with a profile's mistakes -> they are no part of a story
"""

import io
import json
import random
from typing import Any

import pytest

from api.capture import judging
from api.capture.jobs import Jobs
from api.capture.judging import Judge
from api.capture.refused import Refused
from api.capture.rulebook import USUAL, Asked
from api.capture.sieve import sieve
from api.queries.tracing import read
from core.config import Choreography
from core.db.app_tables import CaptureJob
from core.epcis.choreography.telling import Telling
from tests.api.test_history import mirrored
from tests.epcis.choreography.told import case, commission, lot, pack
from tests.epcis_rest.conftest import Prepared
from tests.epcis_rest.repository import Repository

Findings = list[tuple[str, str, str]]


def sscc(number: int) -> str:
    """With its check digit (GS1 General Specifications section 7.9.1)."""
    digits = f"0095060001{number:07}"
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    return f"https://id.gs1.org/00/{digits}{-total % 10}"


def event(at: int, kind: str, **members: Any) -> dict[str, Any]:
    return {
        "type": kind,
        "eventTime": f"2026-05-01T{at // 60:02}:{at % 60:02}:00Z",
        "eventTimeZoneOffset": "+00:00",
    } | members


def begin(at: int, *numbers: int) -> dict[str, Any]:
    things = [case(number) for number in numbers]
    return event(at, "ObjectEvent", action="ADD", epcList=things, bizStep="commissioning")


def seen(at: int, *things: str, step: str = "inspecting", **more: Any) -> dict[str, Any]:
    return event(at, "ObjectEvent", action="OBSERVE", epcList=list(things), bizStep=step, **more)


def packed(at: int, parent: str, *numbers: int, action: str = "ADD") -> dict[str, Any]:
    children = [case(number) for number in numbers]
    return event(
        at,
        "AggregationEvent",
        action=action,
        parentID=parent,
        childEPCs=children,
        bizStep="packing",
    )


def document(*events: dict[str, Any]) -> bytes:
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-05-01T00:00:00Z",
            "epcisBody": {"eventList": list(events)},
        }
    ).encode()


async def judged(
    prepared: Prepared, body: bytes, asked: Asked = USUAL
) -> tuple[Findings, Findings]:
    """What is refused, and what warned of, of a large document."""
    jobs = Jobs(prepared.database, None)
    job_id = await jobs.take_large(io.BytesIO(body), "proceed", asked, 10_000)
    job = await jobs.get(job_id)
    assert isinstance(job, CaptureJob)
    with Refused() as refused:
        found = await Judge(prepared.database, jobs.rulebook, job, asked).judge(refused)
        issues = [one for _, some in refused for one in some]
    return _told(issues), _told(found.warnings)


def _told(issues: Any) -> Findings:
    return sorted((one.rule, one.pointer, one.message) for one in issues)


def mixed() -> list[dict[str, Any]]:
    """Forty stories of ten events each, every fourth with a mistake, in no order at all."""
    told = []
    for n in range(40):
        first, second = 2 * n, 2 * n + 1
        told += [
            begin(1, first, second),
            packed(2, sscc(n), first, second),
            *(seen(3 + step, sscc(n)) for step in range(4)),
            packed(9, sscc(n), first, second, action="DELETE"),
            seen(10, case(first), step="shipping"),
        ]
        if n % 4 == 0:
            told += [begin(11, first), seen(0, case(second))]
    random.Random(7).shuffle(told)
    return told


@pytest.mark.parametrize("mode", [Choreography.REFUSE, Choreography.STRICT, Choreography.WARN])
async def test_as_in_one_piece(
    repository: Repository, prepared: Prepared, mode: Choreography
) -> None:
    body, asked = document(*mixed()), Asked(mode)
    refused, warned = await judged(prepared, body, asked)
    whole = await sieve(Jobs(prepared.database, None).rulebook, body, asked)
    assert refused == _told([one for some in whole.refused.values() for one in some])
    assert warned == _told(whole.warnings)
    assert len(refused) + len(warned) == 20


async def test_a_story_may_begin_at_the_end(repository: Repository, prepared: Prepared) -> None:
    after = [seen(10 + n % 600, case(n % 50)) for n in range(400)]
    body = document(*after, begin(1, *range(50)))
    assert await judged(prepared, body, Asked(Choreography.STRICT)) == ([], [])


async def test_what_is_known_ties_events_together(
    repository: Repository, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The document names the case and the outermost container; the mirror knows the pallet."""
    monkeypatch.setattr(judging, "TOGETHER", 1)
    mirrored(
        prepared.database,
        *(commission(1, case(n)) for n in (1, 2)),
        pack(2, sscc(1), case(1)),
        pack(3, sscc(2), sscc(1)),
    )
    recall = seen(1, case(1), step="holding", disposition="recalled")
    others = [seen(5, case(2)) for _ in range(400)]
    others = [one | {"eventID": f"urn:other:{n}"} for n, one in enumerate(others)]
    ship = seen(9, sscc(2), step="shipping")
    refused, _ = await judged(prepared, document(recall, *others, ship))
    assert [(rule, place) for rule, place, _ in refused] == [
        ("choreography.recalled", "/epcisBody/eventList/401/epcList/0")
    ]


async def test_too_long_a_past_spoils_no_other_story(
    repository: Repository, prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(read, "MAX_ROWS", 20)
    past: list[Telling] = [commission(n, lot(1), key=f"urn:past:{n}") for n in range(30)]
    mirrored(prepared.database, *past)
    body = document(
        begin(1, 1), seen(2, lot(1)), begin(3, 1), *(seen(4, case(n)) for n in range(2, 300))
    )
    refused, warned = await judged(prepared, body)
    assert [rule for rule, _, _ in refused] == ["choreography.commissioned_twice"]
    long = [place for rule, place, _ in warned if rule == "choreography.history_too_long"]
    assert long == ["/epcisBody/eventList/1"]


async def test_what_a_profile_refuses_did_not_happen(
    repository: Repository, prepared: Prepared
) -> None:
    asked = Asked(Choreography.STRICT, ("dscsa",))
    body = document(*(begin(1, n) for n in range(300)), *(seen(2, case(n)) for n in range(300)))
    refused, _ = await judged(prepared, body, asked)
    whole = await sieve(Jobs(prepared.database, None).rulebook, body, asked)
    assert refused == _told([one for some in whole.refused.values() for one in some])
    assert {rule.split(".")[0] for rule, _, _ in refused} == {"dscsa", "choreography"}
