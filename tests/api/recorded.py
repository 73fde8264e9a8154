"""The SQL that the API's readers really send, and how PostgreSQL would run it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import event

from api.graphql.context import Context
from api.graphql.node import global_id
from api.graphql.query import _FETCH
from api.graphql.schema import schema
from api.queries.snapshot import Snapshot
from core.config import Settings
from core.crypto import to_hex
from core.db.engine import Database
from tests.api.asked import PRODUCT, TRACES, epcis, passport
from tests.api.grown import key

PERSON: Final = to_hex(key("person", 7))
LISTS: Final = {
    "products": ("", f'custodian:"{PERSON}"', "recalled:true", 'gtin:"00000000000007"'),
    "events": ("", f'productId:"{PRODUCT}"', f'actor:"{PERSON}"', f'dataHash:"{PRODUCT}"'),
    "custodyTransfers": ("", f'productId:"{PRODUCT}"'),
    "recalls": ("", f'productId:"{PRODUCT}"'),
    "actors": ("", "role:SUPPLIER", "active:false"),
    "creditBatches": ("", f'creditId:"{PRODUCT}"', f'project:"{PRODUCT}"'),
    "creditRetirements": ("", f'productId:"{PRODUCT}"', f'creditId:"{PRODUCT}"'),
    "attestations": ("", f'productId:"{PRODUCT}"', f'device:"{PERSON}"'),
    "documents": ("", "status:PENDING", "media:MANIFEST", f'productId:"{PRODUCT}"'),
    "orphanedBlocks": ("", "number:7"),
    "forecasts": ("", f'seriesId:"{PRODUCT}"'),
}

_DEEPER: Final = {
    "offer.state": ("offers", "outcome"),
    "delivery.steps": ("deliveries", "steps(first:3){edges{cursor}}"),
    "footprint.verifiers": ("footprints", "verifiers{address}"),
    "event.corrected": ("events", "words correctedBy{id}"),
}
SMALL: Final = {
    "checkpoint": "one row",
    "actor": "one row a party that a registrar admitted; passports read all locations of them",
    "forecast": "schema app: the operator's own forecasts, not the chain's",
}
"""Tables that may be read from end to end, and why."""


@dataclass(frozen=True)
class Scan:
    """One statement, what asked for it, and what of each table it reads."""

    asked: str
    sql: str
    sequential: tuple[str, ...]
    """Tables read from end to end."""
    indices: tuple[str, ...]
    reads: tuple[str, ...] = ()
    """Tables and partitions read in any way."""

    @property
    def unserved(self) -> set[str]:
        """Growing tables that no index serves."""
        return set(self.sequential) - SMALL.keys()


def questions() -> dict[str, str]:
    """Name -> GraphQL query: every list by every filter, every edge of a product, every node."""
    found = {
        f"{name}({how})": f"{{{name}(first:5{',' + how if how else ''}){{edges{{cursor}}}}}}"
        for name, filters in LISTS.items()
        for how in filters
    }
    for edge in _edges_of("Product"):
        inner = f"{edge}(first:3){{edges{{cursor}}}}"
        found[f"product.{edge}"] = f'{{product(id:"{PRODUCT}"){{{inner}}}}}'
    for edge in _edges_of("Actor"):
        inner = f"{edge}(first:3){{edges{{cursor}}}}"
        found[f"actor.{edge}"] = f'{{actor(address:"{PERSON}"){{{inner}}}}}'
    found["product.trace"] = f'{{product(id:"{PRODUCT}"){{mass{{__typename}} trace{{truncated}}}}}}'
    for place, (edge, inner) in _DEEPER.items():
        found[place] = f'{{product(id:"{PRODUCT}"){{{edge}(first:3){{edges{{node{{{inner}}}}}}}}}}}'
    found |= TRACES
    found["creditBatch.sums"] = "{creditBatches(first:3){edges{node{issuedKg retiredKg}}}}"
    found["stateDigest"] = "{stateDigest(block:7) meta{block stateDigest}}"
    for kind in _FETCH:
        place: tuple[Any, ...] = (7, 7)
        if kind in ("Product", "Document", "Forecast"):
            place = (key("product", 7),)
        elif kind in ("Device", "Actor"):
            place = (key("person", 7),)
        found[f"node({kind})"] = f'{{node(id:"{global_id(kind, *place)}"){{id}}}}'
    return found


@dataclass(frozen=True)
class Sent:
    """A statement with its values, as it leaves for the server."""

    sql: str
    values: Any
    indices_only: bool
    """Whether its sender has forbidden reading from end to end (api/queries/event_few.py)."""


@contextmanager
def recording(database: Database) -> Iterator[list[Sent]]:
    """What is sent meanwhile."""
    sent: list[Sent] = []
    only: list[bool] = [False]

    def note(_c: Any, _cursor: Any, sql: str, values: Any, _x: Any, _many: bool) -> None:
        if "set_config(" in sql:
            only[0] = "off" in values.values()
        elif sql.lstrip().startswith(("SELECT", "WITH", "(SELECT")):
            sent.append(Sent(sql, values, only[0]))

    event.listen(database.reader, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.reader, "before_cursor_execute", note)


async def plans(database: Database, *, indices_only: bool = False) -> list[Scan]:
    """What the API asks a grown mirror, each statement once; read from end to end even though
    PostgreSQL was told not to, if `indices_only`.
    """
    services: Any = type("S", (), {"database": database, "settings": Settings()})()
    asked: dict[str, tuple[Sent, str]] = {}
    for name, query in questions().items():
        with recording(database) as sent:
            result = await schema.execute(query, context_value=Context(services))
        assert result.errors is None, (name, result.errors)
        for one in sent:
            asked.setdefault(_shape(one.sql), (one, name))
    for name, question in {"passport": passport, **epcis()}.items():
        with recording(database) as sent:
            async with Snapshot(database) as snapshot:
                await question(snapshot)
        for one in sent:
            asked.setdefault(_shape(one.sql), (one, name))
    return [explain(database, one, name, indices_only) for one, name in asked.values()]


def explain(database: Database, sent: Sent, asked: str, indices_only: bool = False) -> Scan:
    with database.reader.connect() as connection:
        run = connection.exec_driver_sql
        if sent.indices_only or indices_only:
            run("SET enable_seqscan = off")
        (plan,) = run(f"EXPLAIN (FORMAT JSON) {sent.sql}", sent.values).scalar_one()
        connection.rollback()
    nodes = list(_nodes(plan["Plan"]))
    return Scan(
        asked,
        _shape(sent.sql),
        tuple(sorted({n["Relation Name"] for n in nodes if n["Node Type"] == "Seq Scan"})),
        tuple(sorted({n["Index Name"] for n in nodes if "Index Name" in n})),
        tuple(sorted({n["Relation Name"] for n in nodes if "Relation Name" in n})),
    )


def _edges_of(kind: str) -> list[str]:
    """The connections of a GraphQL type."""
    fields = schema._schema.get_type(kind).fields.items()  # type: ignore[union-attr]
    return [name for name, field in fields if str(field.type).endswith("Connection!")]


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _shape(sql: str) -> str:
    """The statement without its columns and how many values a list has."""
    text = re.sub(r"\s+", " ", sql)
    text = re.sub(r"%\(\w+\)s(::\w+)?", "?", text)
    text = re.sub(r"\((\?|\(\?(, \?)*\))(, (\?|\(\?(, \?)*\)))*\)", "(…)", text)
    return re.sub(r"SELECT (?!count|min|max)[^()]*? FROM", "SELECT … FROM", text)
