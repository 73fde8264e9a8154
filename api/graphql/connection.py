"""Relay connections over keyset pages."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar

import strawberry
from sqlmodel import SQLModel
from strawberry.annotation import StrawberryAnnotation
from strawberry.extensions import FieldExtension
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from api.queries.page import MAX_SIZE, Page, Slice, page

NodeT = TypeVar("NodeT")
RowT = TypeVar("RowT", bound=SQLModel)

_ARGUMENTS = {
    "first": (int, f"How many, from the start (at most {MAX_SIZE}; 20 if nothing is given)."),
    "after": (str, "Only what follows this cursor."),
    "last": (int, "How many, from the end."),
    "before": (str, "Only what precedes this cursor."),
    "newest_first": (bool, "Latest in the chain first."),
}


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One item of a connection with its cursor.")
class Edge(Generic[NodeT]):
    cursor: str
    node: NodeT


@strawberry.type(description="A page of a list.")
class Connection(Generic[NodeT]):
    edges: list[Edge[NodeT]]
    page_info: PageInfo


def connection(found: Slice[RowT], node: Callable[[RowT], NodeT]) -> Connection[NodeT]:
    """Wraps a slice of rows as a connection of nodes."""
    edges = [Edge(cursor=cursor, node=node(row)) for cursor, row in found.rows]
    info = PageInfo(
        has_next_page=found.has_next,
        has_previous_page=found.has_previous,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, page_info=info)


class Paged(FieldExtension):
    """Gives a field Relay's arguments and hands its resolver one Page named `page`."""

    def __init__(self, *, newest_first: bool = False) -> None:
        self.newest_first = newest_first

    def apply(self, field: StrawberryField) -> None:
        """Replaces the resolver's `page` parameter by the five arguments."""
        own = [a for a in field.arguments if a.python_name != "page"]
        field.arguments = own + [self._argument(name) for name in _ARGUMENTS]

    async def resolve_async(
        self,
        next_: Callable[..., Awaitable[Any]],
        source: Any,
        info: strawberry.Info,
        **kwargs: Any,
    ) -> Any:
        """Reads the arguments into a Page; raises BadInput if they contradict each other."""
        given = {name: kwargs.pop(name, None) for name in _ARGUMENTS}
        newest = given.pop("newest_first")
        wanted = page(**given)
        wanted = replace(wanted, newest_first=self.newest_first if newest is None else newest)
        return await next_(source, info, page=wanted, **kwargs)

    def _argument(self, name: str) -> StrawberryArgument:
        kind, description = _ARGUMENTS[name]
        default = self.newest_first if name == "newest_first" else strawberry.UNSET
        annotation: Any = bool if name == "newest_first" else kind | None
        return StrawberryArgument(
            python_name=name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(annotation),
            description=description,
            default=default,
        )


__all__ = ["Connection", "Edge", "Page", "PageInfo", "Paged", "connection"]
