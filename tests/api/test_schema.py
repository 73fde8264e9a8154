"""The committed schema text is what clients generate their types from."""

from pathlib import Path

from api.graphql.schema import schema

COMMITTED = Path(__file__).parents[2] / "api" / "schema.graphql"


def test_committed_schema_is_current() -> None:
    assert COMMITTED.read_text() == schema.as_str() + "\n", (
        "write it anew: python -m api.graphql.schema > api/schema.graphql"
    )
