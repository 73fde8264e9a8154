"""Numbers every service counts alike, named as Prometheus asks: base units, counters in `_total`.

A service has a registry of its own and hands it down, so two of them in one process stay apart.
"""

from collections import Counter as Tally
from collections.abc import Callable, Sequence
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

RPC_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

ObserveRpc = Callable[[Sequence[str], float, str], None]
"""Told of each request: the methods in it, the seconds it took, its error's code or ''."""


def process_registry() -> CollectorRegistry:
    """A registry that already tells CPU, memory, open files, collections and the version."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


class RpcMetrics:
    """Calls to JSON-RPC endpoints."""

    def __init__(self, registry: CollectorRegistry) -> None:
        labels = ("method", "endpoint")
        self._calls = Counter(
            "sr360_rpc_calls_total",
            "JSON-RPC calls; a batch counts each call in it.",
            labels,
            registry=registry,
        )
        self._errors = Counter(
            "sr360_rpc_errors_total",
            "JSON-RPC requests without a usable answer, by error code.",
            (*labels, "code"),
            registry=registry,
        )
        self._seconds = Histogram(
            "sr360_rpc_request_duration_seconds",
            "Time from a request to its answer; a batch is one request.",
            labels,
            buckets=RPC_BUCKETS_S,
            registry=registry,
        )

    def observer(self, endpoint: str) -> ObserveRpc:
        """What a client of this endpoint calls; `endpoint` must hold no secret."""

        def observe(methods: Sequence[str], took_s: float, code: str) -> None:
            counted = Tally(methods)
            for method, calls in counted.items():
                self._calls.labels(method, endpoint).inc(calls)
                if code:
                    self._errors.labels(method, endpoint, code).inc()
            if methods:
                self._seconds.labels(methods[0], endpoint).observe(took_s)

        return observe
