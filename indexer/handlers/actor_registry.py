"""ActorRegistry: who stands behind an address."""

from core.chain.bindings.actor_registry import ActorRegistered, ActorRevoked
from core.errors import Malformed
from core.types import Address
from indexer import rows
from indexer.handlers.context import Place, State
from indexer.rows import Row


def actor_registered(event: ActorRegistered, at: Place, _state: State) -> list[Row]:
    """A new identity; it replaces a revoked one."""
    return [
        rows.Actor(
            address=event.actor,
            role=event.role,
            identifier=rows.clean(event.identifier),
            name=rows.clean(event.name),
            registered_block=at.block_number,
            revoked_block=None,
        )
    ]


def actor_revoked(event: ActorRevoked, at: Place, state: State) -> list[Row]:
    """The identity stays readable, with the block it ended in. Raises Malformed if unknown."""
    actor = state.actors.get(Address(event.actor))
    if actor is None:
        raise Malformed(f"0x{event.actor.hex()} is revoked but was never registered")
    return [actor._replace(revoked_block=at.block_number)]
