"""Spans around the steps of a service, sent by OTLP/HTTP where `telemetry.otlp_endpoint` is set.

    with span("indexer.store", first_block=7) as here:
        here.set(rows=12)

Off, which is the default, nothing of OpenTelemetry is imported and a span is one shared object
that does nothing. Spans nest by context, also across `asyncio.to_thread`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, Final, Protocol, Self

from core.config import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

Attribute = str | int | float | bool

FLUSH_S: Final = 5.0


class Span(Protocol):
    """A step under way."""

    def set(self, **attributes: Attribute) -> None:
        """Add what is known only now."""


class _Off:
    """A span that goes nowhere, and the way in and out of it."""

    __slots__ = ()

    def set(self, **attributes: Attribute) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class _On:
    __slots__ = ("_span",)

    def __init__(self, span: Any) -> None:
        self._span = span

    def set(self, **attributes: Attribute) -> None:
        self._span.set_attributes(attributes)


_OFF: Final = _Off()
_tracer: Any = None
"""The process's tracer; None = off."""


def span(name: str, **attributes: Attribute) -> AbstractContextManager[Span]:
    """A step as a span: its time, its attributes, and the error that ended it if one did."""
    return _OFF if _tracer is None else _open(name, attributes)


def is_on() -> bool:
    """Whether spans go anywhere: ask before computing an attribute that costs something."""
    return _tracer is not None


@contextmanager
def _open(name: str, attributes: dict[str, Attribute]) -> Iterator[Span]:
    with _tracer.start_as_current_span(name, attributes=attributes) as opened:
        yield _On(opened)


@asynccontextmanager
async def tracing(settings: Settings, service: str) -> AsyncIterator[None]:
    """Send this process's spans for the time of the block; what is left is flushed at its end."""
    global _tracer
    endpoint = settings.telemetry.otlp_endpoint
    if not endpoint:
        yield
        return
    provider = await asyncio.to_thread(_provider, endpoint, service)
    _tracer = provider.get_tracer("smartretail360")
    try:
        yield
    finally:
        _tracer = None
        await asyncio.to_thread(_stop, provider)


def _provider(endpoint: str, service: str) -> "TracerProvider":
    # Imported here: 0.3 s and 20 MB that a service without traces does not spend.
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    exporter = OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces", timeout=FLUSH_S)
    resource = Resource.create({"service.name": f"sr360-{service}"})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=1_000))
    return provider


def _stop(provider: "TracerProvider") -> None:
    provider.force_flush(int(FLUSH_S * 1000))
    provider.shutdown()
