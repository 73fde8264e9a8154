"""Traces.

├── off, nothing of OpenTelemetry is imported and all spans are one object
├── on, a collector gets the spans by OTLP/HTTP, nested, with attributes and errors
└── a collector that is down disturbs nothing
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from core.config import Settings, TelemetrySettings
from core.telemetry.traces import is_on, span, tracing
from scripts.anvil import free_port

IMPORTS = """
import sys
import indexer.main
assert not [name for name in sys.modules if name.startswith("opentelemetry.")]
"""


@dataclass
class Collector:
    """A real OTLP/HTTP receiver."""

    url: str
    spans: list[Any] = field(default_factory=list)
    services: set[str] = field(default_factory=set)

    async def take(self, request: web.Request) -> web.Response:
        sent = ExportTraceServiceRequest.FromString(await request.read())
        for part in sent.resource_spans:
            self.services |= {
                a.value.string_value for a in part.resource.attributes if a.key == "service.name"
            }
            self.spans += [one for scope in part.scope_spans for one in scope.spans]
        return web.Response(content_type="application/x-protobuf")

    def named(self, name: str) -> Any:
        (found,) = [one for one in self.spans if one.name == name]
        return found


@pytest_asyncio.fixture
async def collector() -> AsyncIterator[Collector]:
    port = free_port()
    made = Collector(f"http://127.0.0.1:{port}")
    app = web.Application()
    app.router.add_post("/v1/traces", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield made
    await runner.cleanup()


def _to(url: str) -> Settings:
    return Settings(telemetry=TelemetrySettings(otlp_endpoint=url))


def _attributes(found: Any) -> dict[str, Any]:
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in found.attributes}


def test_off_imports_nothing_and_is_one_object() -> None:
    subprocess.run([sys.executable, "-c", IMPORTS], check=True)
    assert not is_on()
    assert span("one") is span("two", rows=3)


async def test_a_collector_gets_the_spans(collector: Collector) -> None:
    async with tracing(_to(collector.url), "indexer"):
        with span("outer", first_block=7) as outer:
            await asyncio.to_thread(_inner)
            outer.set(rows=12)
        with pytest.raises(ValueError, match="broken"), span("failed"):
            raise ValueError("broken")
    assert not is_on()
    assert collector.services == {"sr360-indexer"}
    outer_span, inner_span = collector.named("outer"), collector.named("inner")
    assert _attributes(outer_span) == {"first_block": 7, "rows": 12}
    assert inner_span.parent_span_id == outer_span.span_id
    assert inner_span.end_time_unix_nano - inner_span.start_time_unix_nano >= 10_000_000
    assert collector.named("failed").events[0].name == "exception"


def _inner() -> None:
    with span("inner"):
        time.sleep(0.01)


async def test_a_collector_that_is_down_disturbs_nothing() -> None:
    async with asyncio.timeout(20):
        async with tracing(_to(f"http://127.0.0.1:{free_port()}"), "indexer"):
            with span("lost"):
                pass
