"""A backfill as a collector sees it: fetch, proof, decoding and storing of each chunk.

└── the spans of a chain cover its blocks without a gap, and count its logs and rows
"""

from core.config import TelemetrySettings
from core.crypto import keccak256
from tests.telemetry.collector import attributes, running_collector


async def test_a_backfill_is_traced(chain, settings, start_mirror) -> None:
    for i in range(3):
        await chain.record(keccak256(b"traced %d" % i))
    async with running_collector() as collector:
        told = TelemetrySettings(otlp_endpoint=collector.url)
        async with start_mirror(settings.model_copy(update={"telemetry": told})) as mirror:
            await mirror.reaches(chain)
            logs = await mirror.scalar("SELECT count(*) FROM chain.log")
            height = await chain.height()
    applied = [attributes(one) for one in collector.named("indexer.apply")]
    # A span that the end of the mirror interrupted never came to its rows.
    blocks = [one for one in applied if one.get("rows")]
    covered = [n for one in blocks for n in range(one["first_block"], one["last_block"] + 1)]
    assert covered == list(range(chain.deployment.start_block, height + 1))
    assert sum(one["logs"] for one in blocks) == logs
    assert sum(one["rows"] for one in blocks) > 2 * logs
    parents = {one.span_id: one.name for one in collector.spans}
    for child, parent in (
        ("indexer.decode", "indexer.apply"),
        ("indexer.store", "indexer.apply"),
        ("indexer.prove", "indexer.fetch"),
    ):
        found = {parents.get(one.parent_span_id) for one in collector.named(child)}
        assert parent in found, (child, found)
    assert {attributes(one)["method"] for one in collector.named("rpc")} >= {
        "eth_getBlockByNumber",
        "eth_getBlockReceipts",
    }
