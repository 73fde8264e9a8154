"""What the chain itself says about a forecast: that it was shown, and what it lost."""

import strawberry

from api.graphql.entry import Entry
from api.graphql.scalars import Address, BigInt, Hash, Hex, Long
from core.db.chain_tables import ForecastReveal as RevealRow
from core.db.chain_tables import ForecastScore as ScoreRow


@strawberry.type(description="The forecast, shown on chain and checked against its commitment.")
class ForecastReveal(Entry):
    tx_hash: Hash
    forecaster: Address
    series_id: Hash = strawberry.field(
        description="On chain: keccak256(abi.encode(observer, keccak256(series name)))."
    )
    salt: Hash
    document_hash: Hash = strawberry.field(description="SHA-256 of the document.")
    points: Hex = strawberry.field(
        description="48 bytes a period, big-endian: its start in Unix seconds, five quantiles."
    )


@strawberry.type(description="The loss that the contract computed from forecast and outcome.")
class ForecastScore(Entry):
    tx_hash: Hash
    forecaster: Address
    series_id: Hash
    loss: BigInt = strawberry.field(
        description="Pinball loss in thousandths of the series' unit, summed over five quantiles "
        "of `steps` periods; divided by 5000 * steps it is the mean."
    )
    steps: int


def reveal_of(row: RevealRow) -> ForecastReveal:
    """A reveal."""
    return ForecastReveal(
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        forecaster=Address(row.forecaster),
        series_id=Hash(row.series_id),
        salt=Hash(row.salt),
        document_hash=Hash(row.document_hash),
        points=Hex(row.points),
    )


def score_of(row: ScoreRow) -> ForecastScore:
    """A score."""
    return ForecastScore(
        row=row,
        block_number=Long(row.block_number),
        log_index=row.log_index,
        tx_hash=Hash(row.tx_hash),
        forecaster=Address(row.forecaster),
        series_id=Hash(row.series_id),
        loss=BigInt(row.loss),
        steps=row.steps,
    )
