"""Traces.

├── off, nothing of OpenTelemetry is imported and all spans are one object
├── on, a collector gets the spans by OTLP/HTTP, nested, with attributes and errors
└── a collector that is down disturbs nothing
"""

import asyncio
import subprocess
import sys
import time

import pytest

from core.config import Settings, TelemetrySettings
from core.telemetry.traces import is_on, span, tracing
from scripts.anvil import free_port
from tests.telemetry.collector import attributes, running_collector

IMPORTS = """
import sys
import indexer.main
assert not [name for name in sys.modules if name.startswith("opentelemetry.")]
"""


def _to(url: str) -> Settings:
    return Settings(telemetry=TelemetrySettings(otlp_endpoint=url))


def test_off_imports_nothing_and_is_one_object() -> None:
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    assert not is_on()
    assert span("one") is span("two", rows=3)


async def test_a_collector_gets_the_spans() -> None:
    async with running_collector() as collector:
        async with tracing(_to(collector.url), "indexer"):
            with span("outer", first_block=7) as outer:
                await asyncio.to_thread(_inner)
                outer.set(rows=12)
            with pytest.raises(ValueError, match="broken"), span("failed"):
                raise ValueError("broken")
        assert not is_on()
    assert collector.services == {"sr360-indexer"}
    (outer_span,), (inner_span,) = collector.named("outer"), collector.named("inner")
    assert attributes(outer_span) == {"first_block": 7, "rows": 12}
    assert inner_span.parent_span_id == outer_span.span_id
    assert inner_span.end_time_unix_nano - inner_span.start_time_unix_nano >= 10_000_000
    (failed,) = collector.named("failed")
    assert failed.events[0].name == "exception"


def _inner() -> None:
    with span("inner"):
        time.sleep(0.01)


async def test_a_collector_that_is_down_disturbs_nothing() -> None:
    async with asyncio.timeout(20):
        async with tracing(_to(f"http://127.0.0.1:{free_port()}"), "indexer"):
            with span("lost"):
                pass
