"""Alembic's door: runs one schema's migrations on the connection `core.db.schema` hands over."""

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.sql.schema import SchemaItem

from core.db.schema import VERSION_TABLE, metadata

schema: str = context.config.attributes["schema"]
connection: Connection = context.config.attributes["connection"]


def belongs(_item: SchemaItem, name: str | None, kind: str, *_: object) -> bool:
    """Whether autogenerate looks at this table: ours and of this schema."""
    if kind != "table":
        return True
    return name != VERSION_TABLE and getattr(_item, "schema", None) == schema


context.configure(
    connection=connection,
    target_metadata=metadata(),
    version_table=VERSION_TABLE,
    version_table_schema=schema,
    include_schemas=True,
    include_name=lambda name, kind, _parent: kind != "schema" or name == schema,
    include_object=belongs,
)
with context.begin_transaction():
    context.run_migrations()
