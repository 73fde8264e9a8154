"""Blocks that lost their place in the chain, as they stood: for auditors."""

import strawberry
from sqlmodel import col, select

from api.graphql.connection import Connection, Page, Paged, connection
from api.graphql.context import Info
from api.graphql.scalars import Address, Hash, Hex, Long
from api.queries.page import slice_of
from core.db import chain_tables as tables


@strawberry.type(description="A raw log of our contracts in an orphaned block.")
class OrphanedLog:
    log_index: Long
    address: Address
    topics: Hex = strawberry.field(description="Concatenated, 32 bytes each.")
    data: Hex
    tx_hash: Hash


@strawberry.type(description="A row that went with its block.")
class OrphanedRow:
    table: str
    content: str = strawberry.field(
        description="Its columns as RFC 8785 JSON: bytes as 0x-hex, integers as decimal text."
    )


@strawberry.type(description="A block that was mirrored and is no longer canonical.")
class OrphanedBlock:
    number: Long
    hash: Hash
    parent_hash: Hash
    timestamp: Long
    state_digest: Hash = strawberry.field(description="As it was while the block stood.")
    orphaned_at: Long = strawberry.field(description="Unix milliseconds of the mirror's clock.")

    @strawberry.field(extensions=[Paged()])
    async def logs(self, info: Info, page: Page) -> Connection[OrphanedLog]:
        place = col(tables.Log.block_number) == self.number
        mine = select(tables.Log).where(place, col(tables.Log.block_hash) == self.hash)
        found = await slice_of(info.context.snapshot, mine, ("log_index",), page)
        return connection(found, _log)

    @strawberry.field(extensions=[Paged()])
    async def rows(self, info: Info, page: Page) -> Connection[OrphanedRow]:
        mine = select(tables.OrphanedRow).where(col(tables.OrphanedRow.block_hash) == self.hash)
        found = await slice_of(info.context.snapshot, mine, ("position",), page)
        return connection(found, _row)


def orphaned_node(row: tables.OrphanedBlock) -> OrphanedBlock:
    """The GraphQL object of a row of table `orphaned_block`."""
    return OrphanedBlock(
        number=Long(row.number),
        hash=Hash(row.hash),
        parent_hash=Hash(row.parent_hash),
        timestamp=Long(row.timestamp),
        state_digest=Hash(row.state_digest),
        orphaned_at=Long(row.orphaned_at),
    )


def _log(row: tables.Log) -> OrphanedLog:
    return OrphanedLog(
        log_index=Long(row.log_index),
        address=Address(row.address),
        topics=Hex(row.topics),
        data=Hex(row.data),
        tx_hash=Hash(row.tx_hash),
    )


def _row(row: tables.OrphanedRow) -> OrphanedRow:
    return OrphanedRow(table=row.table_name, content=row.content)
