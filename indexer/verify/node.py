"""What the node says of itself: the right chain, and no older view of it than the mirror's."""

from typing import Any

from core.chain.client import Rpc, RpcFailed, to_int
from core.errors import Malformed, SourceLied
from indexer.verify.report import Report


async def judge_node(
    rpc: Rpc, chain_id: int, checkpoint: Any, depth: int | None, report: Report
) -> bool:
    """Whether the node can be asked about the mirror's last block; else why not is reported.

    Raises:
        RpcUnavailable: no answer.
        SourceLied: an answer that cannot be read.
    """
    try:
        told = to_int(await rpc.call("eth_chainId"))
        if told != chain_id:
            report.unchecked.append(f"the chain: the node is on chain {told}, not {chain_id}")
            return False
        head = to_int(await rpc.call("eth_blockNumber"))
        if depth is None:
            await _judge_finality(rpc, checkpoint, report)
    except Malformed as error:
        raise SourceLied(f"the node's head cannot be read: {error}") from error
    return _judge_head(head, checkpoint, report)


def _judge_head(head: int, checkpoint: Any, report: Report) -> bool:
    if head >= checkpoint.block_number:
        return True
    behind = (
        f"the node's head is block {head}, the mirror stands at block {checkpoint.block_number}"
    )
    if head < checkpoint.finalized_number:
        report.add(
            "stale_head",
            "chain",
            f"{behind}, of which {checkpoint.finalized_number} are final: the node hides blocks "
            "or the mirror invents them",
            expected=str(checkpoint.block_number),
            found=str(head),
        )
    else:
        report.unchecked.append(f"the chain: {behind}: ask a node that is up to date")
    return False


async def _judge_finality(rpc: Rpc, checkpoint: Any, report: Report) -> None:
    try:
        block = await rpc.call("eth_getBlockByNumber", "finalized", False)
    except RpcFailed:
        return  # a chain without the tag: the mirror calls nothing final there either
    number = to_int(block["number"]) if isinstance(block, dict) else 0
    if number < checkpoint.finalized_number:
        report.unchecked.append(
            f"finality: the node calls block {number} final, the mirror block "
            f"{checkpoint.finalized_number}: an older view, or a mirror that promises too much"
        )
