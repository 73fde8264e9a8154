"""`/graphql` as a raw ASGI app: no framework between the socket and the schema."""

from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL

from api.deps import Services
from api.errors import response
from api.graphql.context import Context
from api.graphql.schema import schema
from api.routes.tools import graphiql
from core.errors import BadInput


class GraphQLApp(GraphQL[Context, None]):
    """Queries by POST or GET, GraphiQL for browsers; what is no GraphQL request is typed too."""

    def __init__(self, services: Services) -> None:
        super().__init__(schema, graphql_ide="graphiql")
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        found: Response = await self._answer(Request(scope, receive))
        await found(scope, receive, send)

    async def get_context(
        self, request: Request | WebSocket, response: Response | WebSocket
    ) -> Context:
        """One context, and so one snapshot, per request."""
        return Context(self._services)

    async def render_graphql_ide(self, request: Request) -> Response:
        """GraphiQL from our own build; Strawberry's page would load it from other hosts."""
        return graphiql(self._services.settings.web_dist)

    async def _answer(self, request: Request) -> Response:
        from cross_web import HTTPException

        try:
            found: Any = await self.run(request)
        except HTTPException as error:
            if error.status_code == 405:
                return PlainTextResponse(error.reason, 405)
            hint = 'POST {"query": "{ meta { block } }"} as application/json.'
            return response(BadInput(error.reason, hint=hint))
        result: Response = found
        return result
