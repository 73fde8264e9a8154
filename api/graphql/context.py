"""What every resolver may reach: one snapshot, its loaders and the services."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

import strawberry
from starlette.requests import Request
from starlette.responses import Response

from api.deps import Services
from api.graphql.loaders import Loaders
from api.queries.snapshot import Snapshot


@dataclass
class Context:
    """Lives as long as one GraphQL request."""

    services: Services
    request: Request | None = None
    response: Response | None = None
    snapshot: Snapshot = field(init=False)

    def __post_init__(self) -> None:
        self.snapshot = Snapshot(self.services.database)

    @cached_property
    def load(self) -> Loaders:
        """Batched reads of this request."""
        return Loaders(self.snapshot)


Info: TypeAlias = strawberry.Info[Context, None]
