"""Links of products, read once each and kept for as long as one trace is walked."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import exists
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from api.queries.snapshot import Snapshot
from api.queries.tracing import lots, read
from api.queries.tracing.facts import (
    Cut,
    Facts,
    Link,
    Mention,
    Recording,
    Recordings,
    Relation,
)
from api.queries.tracing.stays import Step, stays
from core.db.chain_tables import Document, DocumentProduct, Packing
from core.document.lexical import parse

_RELATIONS = {"AggregationEvent": Relation.PACKED, "AssociationEvent": Relation.ASSOCIATED}
_ACTIONS = ("ADD", "OBSERVE", "DELETE")


class Reader:
    """Fills `facts` on demand."""

    def __init__(self, snapshot: Snapshot, cut: Cut) -> None:
        self._snapshot = snapshot
        self._cut = cut
        self.facts = Facts()

    async def inputs(self, products: Iterable[bytes]) -> None:
        """What went into these products, and of which lot they are."""
        new = [product for product in products if product not in self.facts.inputs_of]
        await self._flows(new, self.facts.inputs_of, "output", "input")
        for found in await lots.of_serials(self._snapshot, self._cut, new):
            self._member(self.facts.inputs_of[found[0].target], *found)

    async def outputs(self, products: Iterable[bytes]) -> None:
        """What these products went into, and which serials are of them."""
        new = [product for product in products if product not in self.facts.outputs_of]
        await self._flows(new, self.facts.outputs_of, "input", "output")
        uris = await read.uris_of(self._snapshot, new)
        known = {one: uri for one in new if (uri := uris.get(one) or self.facts.uris.get(one))}
        for found in await lots.of_lots(self._snapshot, self._cut, known):
            self._member(self.facts.outputs_of[found[0].source], *found)

    def _member(self, known: list[Link], link: Link, lot: str, serial: str) -> None:
        self.facts.uris.setdefault(link.source, lot)
        self.facts.uris.setdefault(link.target, serial)
        known.append(link)
        _in_order({b"": known})

    async def contents(self, products: Iterable[bytes]) -> None:
        """What these products contained."""
        await self._stays(products, self.facts.contents_of, "parent", "child")

    async def containers(self, products: Iterable[bytes]) -> None:
        """What these products were contained in."""
        await self._stays(products, self.facts.containers_of, "child", "parent")

    async def _flows(
        self, products: Iterable[bytes], known: dict[bytes, list[Link]], own: str, other: str
    ) -> None:
        mine, theirs, held = await self._both(products, known, own, other)
        for one in mine:
            for two in theirs.get(one.data_hash, ()):
                source, target = (one, two) if own == "input" else (two, one)
                link = _flow(source, target, held.get(one.data_hash, {}))
                if link is not None:
                    known[one.product_id].append(link)
        _in_order(known)

    async def _both(
        self, products: Iterable[bytes], known: dict[bytes, list[Link]], own: str, other: str
    ) -> tuple[list[Mention], dict[bytes, list[Mention]], Recordings]:
        """Mentions of the products not read yet, of the other side in the same documents, and
        where those documents are recorded."""
        wanted = [product for product in dict.fromkeys(products) if product not in known]
        known.update({product: [] for product in wanted})
        mine = await read.mentions_of(self._snapshot, wanted, own)
        hashes = {one.data_hash for one in mine}
        theirs: dict[bytes, list[Mention]] = defaultdict(list)
        for two in await read.mentions_in(self._snapshot, hashes, other):
            theirs[two.data_hash].append(two)
        held = await read.recordings(self._snapshot, hashes, self._cut)
        self._name([*mine, *(two for found in theirs.values() for two in found)])
        return mine, theirs, held

    def _name(self, mentions: Iterable[Mention]) -> None:
        for one in mentions:
            if one.uri is not None:
                self.facts.uris.setdefault(one.product_id, one.uri)

    async def _stays(
        self, products: Iterable[bytes], known: dict[bytes, list[Link]], own: str, other: str
    ) -> None:
        wanted = [product for product in dict.fromkeys(products) if product not in known]
        mine, theirs, held = await self._both(wanted, known, own, other)
        actions = await self._actions({one.data_hash for one in mine})
        steps = [
            *_told(mine, theirs, held, actions, own),
            *await self._packings(wanted, own),
        ]
        steps += await self._emptied(steps)
        for link in _links(steps):
            end = link.source if own == "child" else link.target
            known[end].append(link)
        _in_order(known)

    async def _actions(self, hashes: Iterable[bytes]) -> dict[bytes, tuple[Relation, str]]:
        """Relation and action of each document about packing."""
        columns = (col(Document.data_hash), col(Document.event_type), col(Document.event_json))
        rows = await read.gathered(
            self._snapshot,
            hashes,
            lambda batch: select(*columns).where(
                col(Document.data_hash).in_(batch), col(Document.event_type).in_(_RELATIONS)
            ),
        )
        return {row[0]: (_RELATIONS[row[1]], _action(row[2])) for row in rows}

    async def _packings(self, products: Sequence[bytes], own: str) -> list[Step]:
        """What the chain itself holds packed."""
        column = Packing.product_id if own == "child" else Packing.parent_id
        rows: list[Packing] = await read.gathered(
            self._snapshot,
            products,
            lambda batch: read.within(
                select(Packing).where(col(column).in_(batch)), Packing, self._cut
            ),
        )
        at = self._cut.event_time
        return [_packing(row) for row in rows if at is None or row.occurred_at <= at]

    async def _emptied(self, steps: Sequence[Step]) -> list[Step]:
        """A DELETE that names no child takes out all of them (EPCIS 2.0, 7.4.3)."""
        pairs = {(step.parent, step.child): step for step in steps}
        other = aliased(DocumentProduct)
        child = exists().where(
            col(other.data_hash) == col(DocumentProduct.data_hash), col(other.role) == "child"
        )
        rows: list[DocumentProduct] = await read.gathered(
            self._snapshot,
            {parent for parent, _ in pairs},
            lambda batch: select(DocumentProduct).where(
                col(DocumentProduct.product_id).in_(batch),
                DocumentProduct.role == "parent",
                ~child,
            ),
        )
        hashes = {row.data_hash for row in rows}
        actions = await self._actions(hashes)
        held = await read.recordings(self._snapshot, hashes, self._cut)
        return list(_emptyings(rows, actions, held, pairs.values()))


def _in_order(known: dict[bytes, list[Link]]) -> None:
    """The order of the chain, whatever order a database answers in."""
    for links in known.values():
        links.sort(key=lambda link: (link.place, link.data_hash, link.source, link.target))


def _flow(source: Mention, target: Mention, held: Mapping[bytes, Recording]) -> Link | None:
    found = [held[one.product_id] for one in (source, target) if one.product_id in held]
    if not found or source.product_id == target.product_id:
        return None
    first = min(found, key=lambda entry: entry.place)
    return Link(
        source=source.product_id,
        target=target.product_id,
        relation=Relation.TRANSFORMED,
        data_hash=source.data_hash,
        since=first.at,
        until=None,
        place=first.place,
        by_source=source.product_id in held,
        by_target=target.product_id in held,
        used=source.amounts,
        made=target.amounts,
    )


def _told(
    mine: Sequence[Mention],
    theirs: dict[bytes, list[Mention]],
    held: Recordings,
    actions: dict[bytes, tuple[Relation, str]],
    own: str,
) -> Iterator[Step]:
    for one in mine:
        if one.data_hash not in actions:
            continue
        for two in theirs.get(one.data_hash, ()):
            child, parent = (one, two) if own == "child" else (two, one)
            step = _step(child, parent.product_id, actions[one.data_hash], held)
            if step is not None:
                yield step


def _step(
    child: Mention, parent: bytes, told: tuple[Relation, str], held: Recordings
) -> Step | None:
    entries = held.get(child.data_hash, {})
    found = [entries[end] for end in (child.product_id, parent) if end in entries]
    if not found or child.product_id == parent:
        return None
    first = min(found, key=lambda entry: entry.place)
    return Step(
        child=child.product_id,
        parent=parent,
        relation=told[0],
        action=told[1],
        data_hash=child.data_hash,
        at=first.at,
        place=first.place,
        by_child=child.product_id in entries,
        by_parent=parent in entries,
        amounts=child.amounts,
    )


def _packing(row: Packing) -> Step:
    # One custodian held both and moved one: the chain vouches for either end.
    return Step(
        child=row.product_id,
        parent=row.parent_id,
        relation=Relation.PACKED,
        action="ADD" if row.packed else "DELETE",
        data_hash=row.data_hash,
        at=row.occurred_at,
        place=(row.block_number, row.log_index),
        by_child=True,
        by_parent=True,
    )


def _emptyings(
    rows: Iterable[DocumentProduct],
    actions: dict[bytes, tuple[Relation, str]],
    held: Recordings,
    pairs: Iterable[Step],
) -> Iterator[Step]:
    children: dict[bytes, list[Step]] = defaultdict(list)
    for pair in pairs:
        children[pair.parent].append(pair)
    for row in rows:
        relation, action = actions.get(row.data_hash, (None, ""))
        if relation is None or action != "DELETE":
            continue
        for pair in children[row.product_id]:
            child = Mention(row.data_hash, pair.child, None, ())
            step = _step(child, row.product_id, (relation, action), held)
            if step is not None:
                yield step


def _links(steps: Iterable[Step]) -> Iterator[Link]:
    grouped: dict[tuple[bytes, bytes, Relation], dict[tuple[bytes, str], Step]] = defaultdict(dict)
    for step in steps:
        pair, key = grouped[step.child, step.parent, step.relation], (step.data_hash, step.action)
        pair[key] = _merged(pair[key], step) if key in pair else step
    for found in grouped.values():
        yield from stays(found.values())


def _merged(document: Step, chain: Step) -> Step:
    """The chain and a document tell one thing twice; only the document knows amounts."""
    return replace(
        document,
        by_child=document.by_child or chain.by_child,
        by_parent=document.by_parent or chain.by_parent,
    )


def _action(event_json: str | None) -> str:
    """The event's action; OBSERVE where it is withheld."""
    told = parse(event_json) if event_json else None
    action = told.get("action") if isinstance(told, dict) else None
    return action if isinstance(action, str) and action in _ACTIONS else "OBSERVE"
