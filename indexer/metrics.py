"""What the indexer counts about itself; docs/runbook-indexer.md says what to do about it."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

from core.crypto import to_hex
from core.telemetry.metrics import ObserveRpc, RpcMetrics, process_registry
from indexer.model import Block, Event, Finalized, Reorg, Tip
from indexer.position import Head, Mirrored, Unread

DEPTHS: Final = (1, 2, 4, 8, 16, 32, 64, 128)
DOCUMENT_S: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """All of one indexer, on a registry of its own."""

    def __init__(self) -> None:
        self.registry = process_registry()
        self._rpc = RpcMetrics(self.registry)
        self._chunks()
        self._standing()
        self._documents()

    def observer(self, endpoint: str) -> ObserveRpc:
        """For `Rpc(url, observe=...)`; `endpoint` as `core.chain.client.shown` gives it."""
        return self._rpc.observer(endpoint)

    def applied(self, before: Tip, chunk: Sequence[Event], rows: int) -> None:
        """A chunk is in the database."""
        blocks = [event for event in chunk if isinstance(event, Block)]
        self.blocks.inc(len(blocks))
        self.logs.inc(sum(len(block.logs) for block in blocks))
        self.rows.inc(rows)
        number = before.number
        for event in chunk:
            if isinstance(event, Reorg):
                self.reorgs.inc()
                self.reorg_depth.observe(number - event.number)
            if not isinstance(event, Finalized):
                number = event.number

    def mirrored(self, now: Mirrored) -> None:
        """The last block in the database."""
        self.checkpoint.set(now.number)
        self.finalized.set(now.finalized)
        self.digest.clear()  # only the newest pair: old labels would pile up
        self.digest.labels(str(now.number), to_hex(now.state_digest)).set(1)

    def lag(self, head: Head, mirrored: Mirrored) -> None:
        """Zero at the head, however long ago that was mined."""
        blocks = max(head.number - mirrored.number, 0)
        self.lag_blocks.set(blocks)
        self.lag_seconds.set(max(head.timestamp - mirrored.timestamp, 0) if blocks else 0)

    def unread(self, now: Unread) -> None:
        """What is not ready."""
        self.unknown.set(now.unknown)
        self.documents.labels("pending").set(now.pending)
        self.documents.labels("quarantined").set(now.quarantined)

    def _chunks(self) -> None:
        self.blocks = self._counter("blocks", "Blocks applied.")
        self.logs = self._counter("logs", "Logs of our contracts in them.")
        self.rows = self._counter("rows", "Rows written, derived and raw.")
        self.reorgs = self._counter("reorgs", "Reorganisations undone.")
        self.reorg_depth = Histogram(
            "sr360_indexer_reorg_depth_blocks",
            "Blocks a reorganisation undid.",
            buckets=DEPTHS,
            registry=self.registry,
        )
        self.refusals = self._counter("source_refusals", "Answers refused because they lied.")
        self.failures = Counter(
            "sr360_indexer_failures_total",
            "Times the mirror had to wait and start again, by error code.",
            ("code",),
            registry=self.registry,
        )

    def _standing(self) -> None:
        self.head = self._gauge("head_block", "The node's head.")
        self.checkpoint = self._gauge("checkpoint_block", "The last block in the database.")
        self.finalized = self._gauge("finalized_block", "The last block that cannot change.")
        self.lag_blocks = self._gauge("head_lag_blocks", "Blocks of the node not mirrored yet.")
        self.lag_seconds = self._gauge(
            "head_lag_seconds", "By block time, how much older the mirror is than the node's head."
        )
        self.ready = self._gauge("ready", "1 when caught up, else 0.")
        self.standby = self._gauge("standby", "1 while another indexer writes this database.")
        self.unknown = self._gauge("unknown_logs", "Logs that no decoder understood, kept.")
        self.digest = Gauge(
            "sr360_indexer_state_digest_info",
            "The state digest after a block: equal in every honest mirror of the chain.",
            ("block", "digest"),
            registry=self.registry,
        )

    def _documents(self) -> None:
        self.documents = Gauge(
            "sr360_indexer_documents",
            "Documents that are not ready, by status.",
            ("status",),
            registry=self.registry,
        )
        self.attempts = Counter(
            "sr360_indexer_document_attempts_total",
            "Documents tried, by outcome.",
            ("outcome",),
            registry=self.registry,
        )
        self.document_seconds = Histogram(
            "sr360_indexer_document_duration_seconds",
            "Time to fetch and read one document, all its blocks together.",
            buckets=DOCUMENT_S,
            registry=self.registry,
        )
        self.in_flight = self._gauge("documents_in_flight", "Documents being fetched now.")

    def _counter(self, name: str, text: str) -> Counter:
        return Counter(f"sr360_indexer_{name}_total", text, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(f"sr360_indexer_{name}", text, registry=self.registry)
