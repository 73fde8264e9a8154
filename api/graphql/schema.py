"""The schema; `api/schema.graphql` is its committed text."""

from collections.abc import AsyncIterator
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from api.errors import graphql_error
from api.graphql import limits
from api.graphql.mutation import Mutation
from api.graphql.query import Query
from api.graphql.scalars import CONFIG
from api.queries.snapshot import Meta
from core.errors import SmartRetailError


class OneSnapshot(SchemaExtension):
    """Closes the request's snapshot, types its errors and puts `meta` beside every answer."""

    _meta: Meta | None = None

    async def on_operation(self) -> AsyncIterator[None]:
        yield
        context = self.execution_context.context
        result: Any = self.execution_context.result
        if errors := getattr(result, "errors", None):
            result.errors = [graphql_error(error) for error in errors]
        if context is None:
            return
        try:
            self._meta = await context.snapshot.meta()
        except SmartRetailError:
            self._meta = None  # the errors above say it
        finally:
            await context.snapshot.close()

    def get_results(self) -> dict[str, Any]:
        return {"meta": self._meta.json()} if self._meta else {}


class Schema(strawberry.Schema):
    """Errors reach the client typed; `api.errors` logs what is no error of ours."""

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Strawberry would log every refused query as an error of the server."""


schema = Schema(Query, Mutation, config=CONFIG, extensions=[OneSnapshot, *limits.extensions()])

if __name__ == "__main__":
    print(schema.as_str())  # noqa: T201
