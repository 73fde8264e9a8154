"""A real OTLP/HTTP receiver, which keeps what it gets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from scripts.anvil import free_port


@dataclass
class Collector:
    """What came in."""

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

    def named(self, name: str) -> list[Any]:
        """All spans of this name, as they came."""
        return [one for one in self.spans if one.name == name]


@asynccontextmanager
async def running_collector() -> AsyncIterator[Collector]:
    port = free_port()
    made = Collector(f"http://127.0.0.1:{port}")
    app = web.Application()
    app.router.add_post("/v1/traces", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    yield made
    await runner.cleanup()


def attributes(found: Any) -> dict[str, Any]:
    """A span's attributes by name."""
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in found.attributes}
