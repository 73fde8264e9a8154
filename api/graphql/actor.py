"""Actors: addresses with the identity the registrar vouches for."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from api.graphql.connection import Connection, Page, Paged, connection
from api.graphql.context import Info
from api.graphql.enums import ActorRole
from api.graphql.node import Node, global_id
from api.graphql.scalars import Address, Long
from core.db.chain_tables import Actor as ActorRow
from core.types import ZERO_ADDRESS

if TYPE_CHECKING:
    from api.graphql.anchor import Anchor
    from api.graphql.event import Event
    from api.graphql.packing import Delegation


@strawberry.type(description="An account; name and role are null if nobody registered it.")
class Actor(Node):
    address: Address
    role: ActorRole | None = None
    identifier: str | None = None
    name: str | None = None
    registered_block: Long | None = None
    revoked_block: Long | None = None

    @strawberry.field(description="Registered and not revoked.")
    def active(self) -> bool:
        return self.registered_block is not None and self.revoked_block is None

    @strawberry.field(description="What it recorded.", extensions=[Paged()])
    async def events(
        self, info: Info, page: Page
    ) -> Connection[Annotated["Event", strawberry.lazy("api.graphql.event")]]:
        from api.graphql.event import event_node

        found = await info.context.load.actor_events.load((self.address, page))
        return connection(found, event_node)

    @strawberry.field(description="Whom it let act for it, and until when.", extensions=[Paged()])
    async def delegations(
        self, info: Info, page: Page
    ) -> Connection[Annotated["Delegation", strawberry.lazy("api.graphql.packing")]]:
        from api.graphql.packing import delegation_node

        found = await info.context.load.delegations.load((self.address, page))
        return connection(found, delegation_node)

    @strawberry.field(description="Batches of events it published.", extensions=[Paged()])
    async def anchors(
        self, info: Info, page: Page
    ) -> Connection[Annotated["Anchor", strawberry.lazy("api.graphql.anchor")]]:
        from api.graphql.anchor import anchor_node

        found = await info.context.load.anchors.load((self.address, page))
        return connection(found, anchor_node)


def actor_node(row: ActorRow) -> Actor:
    """A registered actor."""
    return Actor(
        id=global_id("Actor", row.address),
        address=Address(row.address),
        role=ActorRole(row.role) if row.role in ActorRole._value2member_map_ else None,
        identifier=row.identifier,
        name=row.name,
        registered_block=Long(row.registered_block),
        revoked_block=None if row.revoked_block is None else Long(row.revoked_block),
    )


async def actor_of(info: Info, address: bytes) -> Actor:
    """The actor of an address, registered or not."""
    row = await info.context.load.actor.load(address)
    if row is not None:
        return actor_node(row)
    return Actor(id=global_id("Actor", address), address=Address(address))


async def actor_or_none(info: Info, address: bytes) -> Actor | None:
    """None for the zero address, which stands for nobody."""
    return None if address == ZERO_ADDRESS else await actor_of(info, address)
