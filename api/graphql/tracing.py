"""Traces as graphs: products, the links between them, and the mass balance of each step."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated

import strawberry

from api import links as paths
from api.graphql.actor import Actor, actor_of
from api.graphql.context import Info
from api.graphql.entry import utc_text
from api.graphql.product import Product, product_node
from api.graphql.scalars import Hash, Long
from api.queries.page import MAX_SIZE
from api.queries.tracing import balance as balances_of
from api.queries.tracing import custody, read, walk
from api.queries.tracing.balance import BalanceState
from api.queries.tracing.facts import Amount, Cut, Link, Relation
from api.queries.tracing.scope import scope
from api.queries.tracing.walk import Direction, Part, Traced, Visited
from core.crypto import keccak256
from core.epcis import identifiers
from core.errors import BadInput

strawberry.enum(Direction, name="TraceDirection", description="Which way a trace goes.")
strawberry.enum(
    Relation, name="LinkRelation", description="How the source of a link stands to its target."
)
strawberry.enum(
    Part,
    name="TracePart",
    description="MATTER: something of the start is in it, or it is in the start. "
    "CARRIER: it only held such matter for a while.",
)
strawberry.enum(BalanceState, name="BalanceState", description="GAIN: more out than in.")


@strawberry.input(description="As of when a trace is told; now, if nothing is given.")
class AsOf:
    event_time: Long | None = strawberry.field(
        default=None, description="Only what happened up to this moment, Unix milliseconds."
    )
    record_time: Long | None = strawberry.field(
        default=None, description="Only what was in a block by this moment, Unix milliseconds."
    )
    with_corrected: bool = strawberry.field(
        default=False, description="Also what its author declared wrong afterwards."
    )


@strawberry.type(description="The author's number, to the letter, with its unit.")
class Quantity:
    quantity: str
    uom: str | None = strawberry.field(description="UN/ECE Recommendation 20; null counts pieces.")


@strawberry.type(description="A source went into a target, or was in it for a while.")
class TraceLink:
    source_id: Hash
    target_id: Hash
    relation: Relation
    data_hash: Hash = strawberry.field(description="The recorded document that says so.")
    since: Long = strawberry.field(description="As signed, Unix milliseconds.")
    since_utc: str | None
    until: Long | None = strawberry.field(description="When a stay ended; null while it lasts.")
    by_source: bool = strawberry.field(description="In the source's own history.")
    by_target: bool = strawberry.field(description="In the target's own history.")
    used: list[Quantity] = strawberry.field(description="How much of the source.")
    made: list[Quantity] = strawberry.field(description="How much of the target.")


@strawberry.type(description="A product of a trace.")
class TraceNode:
    cut: strawberry.Private[Cut]
    holders: strawberry.Private[dict[bytes, bytes]]
    product_id: Hash
    uri: str | None
    part: Part
    depth: int = strawberry.field(description="Fewest steps from the start.")

    @strawberry.field(description="Its own history, if it has one.")
    async def product(self, info: Info) -> Product | None:
        row = await info.context.load.product.load(self.product_id)
        return product_node(row) if row else None

    @strawberry.field(description="Who held it at the time of the trace.")
    async def holder(self, info: Info) -> Actor | None:
        address = self.holders.get(self.product_id)
        return await actor_of(info, address) if address else None

    @strawberry.field(description="Where its passport is.")
    def passport(self, info: Info) -> str | None:
        public = info.context.services.settings.public_url
        return paths.passport(public, self.uri) if self.uri else None


@strawberry.type(description="Grams that went into a transformation and came out, decimal text.")
class MassBalance:
    data_hash: Hash
    input_grams: str | None = strawberry.field(description="Null where a weight is missing.")
    output_grams: str | None
    loss_grams: str | None = strawberry.field(description="Negative if more came out.")
    state: BalanceState


@strawberry.type(
    description="A page of a trace: its products nearest first, and each link on the page of the "
    "later of its two ends."
)
class TraceGraph:
    traced: strawberry.Private[Traced]
    page: strawberry.Private[Sequence[Visited]]
    cut: strawberry.Private[Cut]
    start_id: Hash
    direction: Direction
    total_nodes: int
    truncated: bool = strawberry.field(description="It goes on beyond the depth asked for.")
    has_next_page: bool
    end_cursor: str | None

    @strawberry.field
    async def nodes(self, info: Info) -> list[TraceNode]:
        ids = [one.product_id for one in self.page]
        held = await custody.holders(info.context.snapshot, ids, self.cut)
        return [self._node(one, held) for one in self.page]

    def _node(self, one: Visited, held: dict[bytes, bytes]) -> TraceNode:
        return TraceNode(
            cut=self.cut,
            holders=held,
            product_id=Hash(one.product_id),
            uri=self.traced.uris.get(one.product_id),
            part=one.part,
            depth=one.depth,
        )

    @strawberry.field
    def links(self) -> list[TraceLink]:
        return [_link(link) for link in self._links()]

    @strawberry.field(description="Of the transformations among the links.")
    async def balances(self, info: Info) -> list[MassBalance]:
        hashes = [one.data_hash for one in self._links() if not one.is_stay]
        found = await balances_of.balances(info.context.snapshot, hashes)
        return [_balance(one) for one in found]

    def _links(self) -> list[Link]:
        order = {one.product_id: n for n, one in enumerate(self.traced.products)}
        here = {one.product_id for one in self.page}
        return [
            link
            for link in self.traced.links
            if max(link.source, link.target, key=lambda end: order[end]) in here
        ]


First = Annotated[int, strawberry.argument(description=f"How many products, at most {MAX_SIZE}.")]
Uri = Annotated[
    str | None, strawberry.argument(description="Digital Link or EPC URN in any spelling.")
]


async def graph_of(
    info: Info,
    uri: str | None,
    id: bytes | None,
    direction: Direction,
    as_of: AsOf | None,
    depth: int,
    first: int,
    after: str | None,
) -> TraceGraph:
    """One page of a trace. Raises BadInput, and TraceTooLarge beyond its limits."""
    if not 1 <= depth <= walk.MAX_DEPTH:
        raise BadInput(f"depth must be 1 to {walk.MAX_DEPTH}", pointer="depth")
    cut = await _cut(info, as_of)
    traced = await walk.trace(
        info.context.snapshot,
        product_id_of(uri, id),
        direction,
        depth=depth,
        cut=cut,
        uri=uri and identifiers.product_uri(uri),
    )
    return _page(traced, cut, first, after)


async def recall_scope(
    info: Info, uri: str | None, id: bytes | None, as_of: AsOf | None, first: int, after: str | None
) -> TraceGraph:
    """One page of all a contaminated product reached. Raises TraceTooLarge: never cut short."""
    cut = await _cut(info, as_of)
    product_id, name = product_id_of(uri, id), uri and identifiers.product_uri(uri)
    found = await scope(info.context.snapshot, product_id, cut, name)
    return _page(found.traced, cut, first, after)


def product_id_of(uri: str | None, id: bytes | None) -> bytes:
    """Which product is meant. Raises BadInput unless exactly one is given."""
    if uri is not None and id is None:
        return keccak256(identifiers.product_uri(uri).encode())
    if uri is None and id is not None:
        return id
    raise BadInput("give either uri or id", pointer="uri")


async def _cut(info: Info, as_of: AsOf | None) -> Cut:
    if as_of is None:
        return Cut()
    block = None
    if as_of.record_time is not None:
        block = await read.block_at(info.context.snapshot, as_of.record_time // 1000)
    return Cut(as_of.event_time, block, as_of.with_corrected)


def _page(traced: Traced, cut: Cut, first: int, after: str | None) -> TraceGraph:
    if not 1 <= first <= MAX_SIZE:
        raise BadInput(f"first must be 1 to {MAX_SIZE}, not {first}", pointer="first")
    start = _decode(after) if after else 0
    page = traced.products[start : start + first]
    end = start + len(page)
    return TraceGraph(
        traced=traced,
        page=page,
        cut=cut,
        start_id=Hash(traced.start),
        direction=traced.direction,
        total_nodes=len(traced.products),
        truncated=traced.truncated,
        has_next_page=end < len(traced.products),
        end_cursor=_encode(end) if page else None,
    )


def _encode(position: int) -> str:
    return base64.urlsafe_b64encode(b"trace:%d" % position).decode()


def _decode(cursor: str) -> int:
    try:
        name, position = base64.urlsafe_b64decode(cursor).decode().split(":")
        if name == "trace" and position.isascii() and position.isdigit() and len(position) < 9:
            return int(position)
    except (binascii.Error, ValueError):
        pass
    raise BadInput("not a cursor of a trace", pointer="after", hint="Pass endCursor as given.")


def _link(link: Link) -> TraceLink:
    return TraceLink(
        source_id=Hash(link.source),
        target_id=Hash(link.target),
        relation=link.relation,
        data_hash=Hash(link.data_hash),
        since=Long(link.since),
        since_utc=utc_text(link.since),
        until=None if link.until is None else Long(link.until),
        by_source=link.by_source,
        by_target=link.by_target,
        used=_quantities(link.used),
        made=_quantities(link.made),
    )


def _quantities(amounts: Sequence[Amount]) -> list[Quantity]:
    return [Quantity(quantity=amount.quantity, uom=amount.uom) for amount in amounts]


def _balance(found: balances_of.Balance) -> MassBalance:
    sides = [
        None if side is None else balances_of.decimal(side)
        for side in (found.inputs, found.outputs, found.loss)
    ]
    return MassBalance(
        data_hash=Hash(found.data_hash),
        input_grams=sides[0],
        output_grams=sides[1],
        loss_grams=sides[2],
        state=found.state,
    )
