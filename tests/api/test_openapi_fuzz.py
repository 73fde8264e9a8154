"""The running API, asked at random through its own OpenAPI: it may refuse, never fail.

A refusal is a problem with a code; an EPCISQueryDocument satisfies the standard's JSON Schema.

All 62 operations of EPCIS 2.0 are asked, by what their parameters and bodies allow and by what they
do not. `--fuzz-examples` says how often each; `./sr360 test --nightly` asks more.
"""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from core.epcis.schema import schema_issues
from core.epcis.validate import read

if TYPE_CHECKING:
    from tests.api.conftest import Running

pytestmark = pytest.mark.asyncio(loop_scope="session")

STANDARD = json.loads(
    (Path(__file__).parents[1] / "data" / "epcis-rest" / "standard.json").read_text()
)
NO_BODY = ("head", "options")


def _shape(path: str) -> str:
    return re.sub("{.*?}", "{}", path)


def standard_operations(served: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI with the standard's operations alone; HEAD and OPTIONS are asked as GET is."""
    by_shape: dict[str, tuple[str, dict[str, Any]]] = {}
    for path, item in served["paths"].items():
        by_shape.setdefault(_shape(path), (path, item))
    paths: dict[str, Any] = {}
    for path, methods in STANDARD["operations"].items():
        name, item = by_shape.get(_shape(path), (path, {}))
        any_of_it = item.get("get") or next(iter(item.values()), {})
        bare = {key: any_of_it[key] for key in ("parameters",) if key in any_of_it}
        paths[name] = {
            method.lower(): item.get(method.lower(), bare | {"responses": {}}) for method in methods
        }
    return served | {"paths": paths}


def fault_of(method: str, answer: Any) -> str | None:
    """What is wrong with an answer: a failure, a refusal that is no typed problem, a body that the
    standard's schema does not take."""
    if answer.status_code >= 500:
        return "failed"
    if method.lower() in NO_BODY or not answer.content:
        return None
    [media, *_] = answer.headers.get("content-type", [""])
    media = media.partition(";")[0]
    if answer.status_code >= 400:
        told = json.loads(answer.content) if media == "application/problem+json" else {}
        return None if told.get("code") and told.get("title") else f"no problem: {media}"
    if media in ("application/json", "application/ld+json"):
        body = json.loads(answer.content)
        if isinstance(body, dict) and body.get("type") == "EPCISQueryDocument":
            issues = schema_issues(read(answer.content))
            return f"schema: {issues[0].pointer} {issues[0].message}"[:300] if issues else None
    return None


def fuzz(schema: dict[str, Any], url: str, examples: int) -> tuple[int, int, list[str]]:
    """How many operations and requests there were, and what failed."""
    asked, faults, operations = 0, [], 0

    def ask(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        answer = case.call(base_url=url, timeout=30)
        if (fault := fault_of(case.method, answer)) is not None:
            faults.append(f"{answer.status_code} {fault} {case.as_curl_command()}"[:2_000])

    for found in schemathesis.openapi.from_dict(schema).get_all_operations():
        operations += 1
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                strategy = found.ok().as_strategy(generation_mode=mode)
                settings(
                    max_examples=examples,
                    deadline=None,
                    database=None,
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                )(given(case=strategy)(ask))()
            except Unsatisfiable:
                continue  # whatever is sent there is allowed
    return operations, asked, faults


@pytest.mark.slow
# schemathesis draws from `random` inside its strategies, which Hypothesis would rather not see
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
async def test_whatever_is_asked_it_does_not_fail(
    running: Running, request: pytest.FixtureRequest
) -> None:
    examples = request.config.getoption("--fuzz-examples")
    schema = standard_operations((await running.http.get("/openapi.json")).json())
    operations, asked, faults = await asyncio.to_thread(
        fuzz, schema, running.settings.public_url, examples
    )
    assert faults == []
    assert operations == 62
    assert asked > 62 * examples
