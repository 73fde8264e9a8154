"""The logs a bundle must agree with: which to ask a node for, and how to read them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, assert_never, get_args

from core.chain.bindings.actor_registry import ActorRegistered, ActorRevoked
from core.chain.bindings.carbon_token import CreditRetired
from core.chain.bindings.sensor_oracle import BatchAttested
from core.chain.bindings.supply_chain import (
    CustodyTransferred,
    DelegateSet,
    EventCorrected,
    EventRecorded,
    ProductPacked,
    ProductRecalled,
    ProductUnpacked,
    RecallClosed,
)
from core.chain.client import Rpc, to_int
from core.chain.proof.head import Entry
from core.chain.proof.model import Contracts, Log, Product
from core.crypto import from_hex, to_hex
from core.errors import Malformed
from core.types import (
    RECALL_BASE,
    ZERO_ADDRESS,
    Address,
    DataHash,
    EventKind,
    Millis,
    TxHash,
)

History = (
    EventRecorded
    | CustodyTransferred
    | ProductRecalled
    | EventCorrected
    | ProductPacked
    | ProductUnpacked
    | RecallClosed
)
"""The events that are entries of a product's head."""

_HISTORY: Final[Mapping[bytes, type[Any]]] = {kind.TOPIC0: kind for kind in get_args(History)}


@dataclass(frozen=True, slots=True)
class LogFilter:
    """A set of logs a bundle claims to hold completely."""

    name: str
    address: Address
    topics: tuple[tuple[bytes, ...], ...]
    """Alternatives by topic position; empty = any."""

    def matches(self, log: Log) -> bool:
        """Whether a log belongs to this set, as `eth_getLogs` would decide."""
        if log.address != self.address or len(log.topics) < len(self.topics):
            return False
        pairs = zip(self.topics, log.topics, strict=False)
        return all(not wanted or topic in wanted for wanted, topic in pairs)


def history_filter(contracts: Contracts, products: Sequence[Product]) -> LogFilter:
    """The entries of these products."""
    ids = tuple(product.id for product in products)
    return LogFilter("entry.mined", contracts.supply_chain, (tuple(_HISTORY), ids))


def side_filters(contracts: Contracts, products: Sequence[Product]) -> tuple[LogFilter, ...]:
    """Attestations and retirements of these products, who their actors are and act for."""
    ids = tuple(product.id for product in products)
    found = [
        LogFilter("logs.attestations", contracts.sensor_oracle, ((BatchAttested.TOPIC0,), (), ids)),
        LogFilter(
            "logs.retirements", contracts.carbon_token, ((CreditRetired.TOPIC0,), (), (), ids)
        ),
    ]
    if actors := tuple(bytes(12) + actor for actor in _actors(products)):
        registered = (ActorRegistered.TOPIC0, ActorRevoked.TOPIC0)
        found.append(LogFilter("logs.actors", contracts.actor_registry, (registered, actors)))
        wanted = ((DelegateSet.TOPIC0,), actors, actors)
        found.append(LogFilter("logs.delegates", contracts.supply_chain, wanted))
    return tuple(found)


def _actors(products: Sequence[Product]) -> list[Address]:
    entries = [entry for product in products for entry in product.history]
    receivers = {e.counterparty for e in entries if e.kind == EventKind.HANDOVER}
    return sorted({entry.actor for entry in entries} | receivers)


async def fetch(rpc: Rpc, wanted: LogFilter, first: int, last: int) -> list[Log]:
    """The logs of a set from block `first` to `last`, oldest first.

    Raises:
        Malformed: the node's answer is no list of logs.
        RpcUnavailable: as Rpc.call.
    """
    parameters = {
        "address": to_hex(wanted.address),
        "topics": [[to_hex(topic) for topic in any_of] or None for any_of in wanted.topics],
        "fromBlock": hex(first),
        "toBlock": hex(last),
    }
    answer = await rpc.call("eth_getLogs", parameters)
    if not isinstance(answer, list):
        raise Malformed("eth_getLogs gave no list")
    return in_order(_log(item) for item in answer)


def in_order(logs: Iterable[Log]) -> list[Log]:
    """Oldest first."""
    return sorted(logs, key=lambda log: (log.block_number, log.log_index))


def entry_of(log: Log) -> tuple[bytes, Entry]:
    """(productId, history entry) of a SupplyChain log. Raises Malformed."""
    kind = _HISTORY.get(log.topics[0] if log.topics else b"")
    if kind is None:
        raise Malformed("this log is no entry of a history")
    event: History = kind.decode(log.topics, log.data)
    entry = entry_in(event)
    mined = replace(
        entry, block_number=log.block_number, log_index=log.log_index, tx_hash=log.tx_hash
    )
    return event.product_id, mined


def entry_in(event: History) -> Entry:
    """What an event says, its place in the chain left out."""
    kind, actor, counterparty, word = said_in(event)
    return Entry(
        seq=event.seq,
        kind=kind,
        actor=Address(actor),
        data_hash=DataHash(word),
        occurred_at=Millis(event.occurred_at),
        counterparty=Address(counterparty),
    )


def said_in(event: History) -> tuple[int, bytes, bytes, bytes]:
    """(kind, actor, counterparty, data hash) of an event's entry."""
    match event:
        case EventRecorded():
            return event.kind, event.actor, ZERO_ADDRESS, event.data_hash
        case CustodyTransferred():
            return EventKind.HANDOVER, event.from_, event.to, event.data_hash
        case ProductRecalled():
            return RECALL_BASE | event.level, event.actor, ZERO_ADDRESS, event.notice_hash
        case EventCorrected():
            corrected = event.corrected_seq.to_bytes(20, "big")
            return EventKind.CORRECTION, event.actor, corrected, event.data_hash
        case ProductPacked():
            return EventKind.PACKED, event.actor, event.parent_id[12:], event.data_hash
        case ProductUnpacked():
            return EventKind.UNPACKED, event.actor, event.parent_id[12:], event.data_hash
        case RecallClosed():
            return EventKind.RECALL_CLOSED, event.actor, ZERO_ADDRESS, event.notice_hash
        case _:
            assert_never(event)


def _log(item: Any) -> Log:
    if not isinstance(item, dict) or not isinstance(item.get("topics"), list):
        raise Malformed("eth_getLogs gave something that is no log")
    return Log(
        address=Address(from_hex(item.get("address"), length=20)),
        topics=tuple(from_hex(topic, length=32) for topic in item["topics"]),
        data=from_hex(item.get("data")),
        block_number=to_int(item.get("blockNumber")),
        log_index=to_int(item.get("logIndex")),
        tx_hash=TxHash(from_hex(item.get("transactionHash"), length=32)),
    )
