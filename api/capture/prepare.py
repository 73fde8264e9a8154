"""From an EPCIS document to what its author is asked to sign.

Custody and heads come from the chain, never from the mirror. Heads that signed captures on their
way and a document's own earlier events will create are computed here, so several events about one
product can be signed in one sitting, also while a reorganisation undoes what was just mined.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from api import words
from api.capture.heads import Heads
from api.capture.intent import Intent, record
from api.capture.ledger import MAX_BATCH, MAX_CLOCK_SKEW_S, Ledger
from core import clock
from core.chain.bindings.supply_chain import Handover, Recall
from core.crypto import keccak256
from core.document import SignedDocument, build_all, canonical
from core.document.lexical import LexicalObject
from core.epcis.model import EpcisEvent, kind_of, product_uris
from core.errors import BadInput, NotCustodian, ProductRecalled, UnknownEntity
from core.types import EMPTY_HEAD, ProductUri, Role

DEADLINE_S: Final = 3600
"""How long a prepared event may wait for its signature."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """One thing to sign, with the blocks that must be on IPFS first."""

    intent: Intent
    payload: bytes
    bundle: bytes
    event_json: str
    pointer: str
    """Where the event stands in the captured document."""


class Preparer:
    """Makes documents and intents for one SupplyChain on one chain."""

    def __init__(
        self,
        ledger: Ledger,
        chain_id: int,
        on_their_way: Callable[[], Awaitable[Sequence[Intent]]],
    ) -> None:
        self._ledger = ledger
        self._on_their_way = on_their_way
        self._chain_id = chain_id

    async def record(self, events: Sequence[EpcisEvent], actor: bytes) -> list[Prepared]:
        """One intent an event. Raises NotCustodian, BadInput, RpcUnavailable."""
        uris = [_own_products(event) for event in events]
        heads, now = await self._chain([uri for found in uris for uri in found])
        prepared = []
        documents = self._documents(events)
        for event, products in zip(events, uris, strict=True):
            _check_time(event, now)
            document, text = next(documents)
            ids = []
            for uri in products:
                product_id = keccak256(uri.encode())
                heads.require_custody(uri, product_id, actor, event.pointer)
                ids.append((product_id, heads.of(product_id).head))
            time, kind = event.event_time_ms, kind_of(event)
            intent = record(actor, ids, document.data_hash, time, kind, now + DEADLINE_S)
            heads.apply(intent)
            prepared.append(_prepared(intent, document, text, event.pointer))
        return prepared

    async def handover(
        self,
        events: Sequence[EpcisEvent],
        actor: bytes,
        counterparty: bytes,
        only: ProductUri | None,
    ) -> list[Prepared]:
        """One intent for each product of each event: custody is a matter of single products.

        Raises NotCustodian, ProductRecalled, BadInput, RpcUnavailable.
        """
        wanted = [_handed_over(event, only) for event in events]
        heads, now = await self._chain([uri for found in wanted for uri in found])
        prepared = []
        documents = self._documents(events)
        for event, products in zip(events, wanted, strict=True):
            _check_time(event, now)
            document, text = next(documents)
            for uri in products:
                intent = _handover(heads, event, uri, actor, counterparty, document, now)
                heads.apply(intent)
                prepared.append(_prepared(intent, document, text, event.pointer))
        return prepared

    async def recall(
        self, uri: ProductUri, actor: bytes, level: int, notice_hash: bytes, occurred_at: int
    ) -> Intent:
        """Raises UnknownEntity, NotCustodian, RpcUnavailable."""
        product_id = keccak256(uri.encode())
        heads, now = await self._chain([uri])
        if heads.of(product_id).head == EMPTY_HEAD:
            raise UnknownEntity(f"{uri} has no recorded history", pointer="/product")
        if await self._ledger.role_of(actor) != Role.REGULATOR:
            heads.require_custody(uri, product_id, actor, "/actor")
        head = heads.of(product_id).head
        deadline = now + DEADLINE_S
        return Intent(Recall(actor, product_id, head, notice_hash, occurred_at, level, deadline))

    async def _chain(self, uris: Sequence[str]) -> tuple[Heads, int]:
        ids = list(dict.fromkeys(keccak256(uri.encode()) for uri in uris))
        now = max(await self._ledger.now(), clock.now_s())
        coming = await self._on_their_way()
        heads = Heads(await self._ledger.standings(ids))
        heads.follow(coming)
        return heads, now

    def _documents(self, events: Sequence[EpcisEvent]) -> Iterator[tuple[SignedDocument, str]]:
        """Of each event, with its text."""
        sources = [self_contained(event) for event in events]
        made = build_all(sources, chain_id=self._chain_id, contract=self._ledger.contract)
        for document, source in zip(made, sources, strict=True):
            yield document, canonical(source)


def self_contained(event: EpcisEvent) -> LexicalObject:
    """The event with the @context that gives its extension prefixes their meaning."""
    return event.raw | {"@context": list(event.context)}


def _prepared(intent: Intent, document: SignedDocument, text: str, pointer: str) -> Prepared:
    return Prepared(intent, document.payload, document.bundle, text, pointer)


def _own_products(event: EpcisEvent) -> list[ProductUri]:
    uris = product_uris(event)
    if not uris:
        raise BadInput(
            "the event names no product",
            pointer=event.pointer,
            hint="Name at least one thing in epcList, quantityList or their like.",
        )
    if len(uris) > MAX_BATCH:
        raise BadInput(
            f"{len(uris)} products in one event; at most {MAX_BATCH} fit",
            pointer=event.pointer,
            hint="Split the event.",
        )
    return uris


def _handed_over(event: EpcisEvent, only: ProductUri | None) -> list[ProductUri]:
    uris = _own_products(event)
    if only is None:
        return uris
    if only not in uris:
        raise BadInput(f"the event does not name {only}", pointer="product")
    return [only]


def _handover(
    heads: Heads,
    event: EpcisEvent,
    uri: ProductUri,
    actor: bytes,
    counterparty: bytes,
    document: SignedDocument,
    now: int,
) -> Intent:
    product_id = keccak256(uri.encode())
    standing = heads.of(product_id)
    if standing.head == EMPTY_HEAD:
        raise NotCustodian(f"{uri} was never recorded, so nobody holds it", pointer=event.pointer)
    heads.require_custody(uri, product_id, actor, event.pointer)
    if standing.recall_level:
        raise ProductRecalled(
            f"{uri} is recalled (level {standing.recall_level}) and cannot change hands",
            pointer=event.pointer,
        )
    return Intent(
        Handover(
            actor,
            counterparty,
            product_id,
            standing.head,
            document.data_hash,
            event.event_time_ms,
            now + DEADLINE_S,
        )
    )


def _check_time(event: EpcisEvent, now: int) -> None:
    if event.event_time_ms < 0:
        raise BadInput(
            "events before 1970 cannot be recorded", pointer=f"{event.pointer}/eventTime"
        )
    if event.event_time_ms > (now + MAX_CLOCK_SKEW_S) * 1000:
        raise BadInput(
            f"the event happened at {words.moment(event.event_time_ms)}, but it is "
            f"{clock.iso(now * 1000)}",
            pointer=f"{event.pointer}/eventTime",
            hint="Check the event's time and its offset.",
        )
