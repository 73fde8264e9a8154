"""Where an incremental audit begins: a block that an earlier one verified, or that we are told."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from core.chain.client import Rpc
from core.errors import BadInput, Malformed, RpcUnavailable, SourceLied
from core.types import Address, BlockHash, TxHash
from indexer import rows
from indexer.derive import Decoded, Decoder, decode_block
from indexer.model import Block, Log
from indexer.rows import Row
from indexer.verify.chain import check_header
from indexer.verify.snapshot import Snapshot

RUN = 200


@dataclass(frozen=True, slots=True)
class Base:
    """The last block that need not be read from the chain again."""

    number: int
    hash: BlockHash | None = None
    """None takes the mirror's word for it."""
    history: bytes | None = None
    """The earlier report's hash over blocks and logs; None takes the mirror's logs unproven."""
    deployment: bytes | None = None
    """Fingerprint of the contracts the report is about: with others, logs would be missing."""
    final: bool = False
    """The chain called the block final, so it can never leave."""
    source: str = ""
    """Which report, signed by whom."""

    def refuse_foreign(self, snapshot: Snapshot, deployment: bytes) -> None:
        """Raises BadInput when the mirror has not come so far, or has other contracts."""
        if self.deployment not in (None, deployment):
            raise BadInput(
                f"{self.source} is about other contracts",
                hint="Verify without --since once.",
                pointer="--since",
            )
        if self.number > snapshot.checkpoint.block_number:
            raise BadInput(
                f"the mirror stands at block {snapshot.checkpoint.block_number}, "
                f"before block {self.number}",
                hint="Verify without --since: what was there before is not there any more.",
                pointer="--since",
            )

    async def stands(self, rpc: Rpc, snapshot: Snapshot) -> bool:
        """Whether chain and mirror hold this block. Raises SourceLied, RpcUnavailable."""
        raw = await rpc.call("eth_getBlockByNumber", hex(self.number), False)
        if not isinstance(raw, dict):
            raise RpcUnavailable(f"the node does not have block {self.number}")
        try:
            header = check_header(raw)
        except (Malformed, KeyError, TypeError, ValueError) as error:
            raise SourceLied(f"block {self.number} cannot be read: {error}") from error
        held = snapshot.between(rows.Block, self.number, self.number)
        mine = held[0].hash if held else None
        return header.number == self.number and header.hash == (self.hash or mine)


def mirrored(snapshot: Snapshot, first: int, last: int, decode: Decoder) -> Iterator[list[Decoded]]:
    """Blocks and their logs as the mirror holds them, in runs."""
    for start in range(first, last + 1, RUN):
        end = min(start + RUN - 1, last)
        found = snapshot.between(rows.Log, start, end)
        logs = {n: list(group) for n, group in groupby(found, lambda row: row.block_number)}
        blocks = snapshot.between(rows.Block, start, end)
        yield [decode_block(_block(row, logs.get(row.number, [])), decode) for row in blocks]


def _block(row: Row, logs: list[Row]) -> Block:
    return Block(row.number, row.hash, row.parent_hash, row.timestamp, tuple(map(_log, logs)))


def _log(row: Row) -> Log:
    topics = tuple(row.topics[at : at + 32] for at in range(0, len(row.topics), 32))
    return Log(Address(row.address), topics, row.data, TxHash(row.tx_hash), row.log_index)
