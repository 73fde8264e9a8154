"""The schema; `api/schema.graphql` is its committed text."""

import strawberry

from api.graphql.query import Query
from api.graphql.scalars import CONFIG

schema = strawberry.Schema(Query, config=CONFIG)

if __name__ == "__main__":
    print(schema.as_str())  # noqa: T201
