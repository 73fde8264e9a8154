"""Forecasts, and the facts that show whether they came before their outcome."""

from functools import cached_property
from typing import Any

import orjson
import strawberry

from api.graphql.context import Info
from api.graphql.enums import EntryState
from api.graphql.forecast_facts import ForecastReveal, ForecastScore, reveal_of, score_of
from api.graphql.node import Node, global_id
from api.graphql.scalars import Hash, Hex, Long
from api.queries.snapshot import Meta
from core.crypto import forecasts
from core.db.app_tables import Forecast as ForecastRow
from core.errors import Malformed


@strawberry.type(description="A time series that is forecast.")
class Series:
    series_id: Hash
    name: str
    unit: str
    frequency: str
    source: str


@strawberry.type(description="Backtest of one candidate; figures as text with four decimals.")
class Candidate:
    model: str
    intervals: str = strawberry.field(description="`native` or `calibrated`.")
    mase: str
    smape: str
    pinball: str
    coverage_80: str = strawberry.field(
        name="coverage80", description="Share of outcomes inside the 80 % interval."
    )
    coverage_95: str = strawberry.field(name="coverage95")
    chosen: bool


@strawberry.type(description="One period ahead, in the series' smallest unit.")
class ForecastPoint:
    period: str
    quantiles: list[Long] = strawberry.field(description="At the levels of `perMille`.")


@strawberry.type(description="When the forecast was fixed, and when its outcome became known.")
class ForecastTiming:
    cutoff: Long = strawberry.field(description="Unix seconds; it had to be mined before.")
    committed_at: Long | None = strawberry.field(description="Its block's time, Unix seconds.")
    committed_block: Long | None
    tx_hash: Hash | None
    state: EntryState | None = strawberry.field(description="Null while it is in no block.")
    first_outcome_disclosed_at: Long | None = strawberry.field(
        description="When the first outcome became known here, Unix milliseconds."
    )
    proven_before_outcome: bool = strawberry.field(
        description="In a final block, before its cutoff and before any outcome was known here."
    )
    hash_matches: bool = strawberry.field(
        description="keccak256(salt ‖ sha256(document) ‖ keccak256(points)) equals the commitment."
    )


@strawberry.type(description="A forecast in the exact bytes its commitment stands for.")
class Forecast(Node):
    row: strawberry.Private[ForecastRow]
    commitment: Hash
    document: str = strawberry.field(description="RFC 8785 JSON.")
    salt: Hex
    state: str = strawberry.field(
        description="ready, submitted, committed, revealed or scored; failed or unscored."
    )
    created_at: Long

    @strawberry.field
    async def series(self, info: Info) -> Series | None:
        row = await info.context.load.series.load(self.row.series_id)
        if row is None:
            return None
        return Series(
            series_id=Hash(row.series_id),
            name=row.name,
            unit=row.unit,
            frequency=row.frequency,
            source=row.source,
        )

    @strawberry.field
    def model(self) -> str:
        return str(self._body["model"])

    @strawberry.field(description="The quantile levels of `points`, in thousandths.")
    def per_mille(self) -> list[int]:
        return list(self._body["quantiles"])

    @strawberry.field
    def points(self) -> list[ForecastPoint]:
        return [
            ForecastPoint(period=point["period"], quantiles=point["values"])
            for point in self._body["points"]
        ]

    @strawberry.field(description="All candidates of the rolling backtest, failures left out.")
    def candidates(self) -> list[Candidate]:
        chosen = (self._body["model"], self._body["intervals"])
        return [
            _candidate(entry["model"], kind, entry[kind], chosen)
            for entry in self._body["backtest"]["candidates"]
            for kind in ("native", "calibrated")
            if entry[kind] is not None
        ]

    @strawberry.field(description="The facts that say whether it came before its outcome.")
    async def timing(self, info: Info) -> ForecastTiming:
        load = info.context.load
        mined = await load.commitment.load(self.commitment)
        block = await load.block.load(mined.block_number) if mined else None
        outcome = await load.first_outcome.load(
            (self.row.series_id, str(self._body["points"][0]["period"]))
        )
        at = block.timestamp if block else None
        meta = await info.context.snapshot.meta()
        return ForecastTiming(
            cutoff=Long(self.row.cutoff),
            committed_at=None if at is None else Long(at),
            committed_block=Long(mined.block_number) if mined else None,
            tx_hash=Hash(mined.tx_hash) if mined else None,
            first_outcome_disclosed_at=None if outcome is None else Long(outcome),
            state=_state(meta, mined.block_number) if mined else None,
            proven_before_outcome=mined is not None
            and meta.is_final(mined.block_number)
            and self._proven(at, outcome),
            hash_matches=self._matches(),
        )

    @strawberry.field(description="Null until it is shown on chain.")
    async def reveal(self, info: Info) -> ForecastReveal | None:
        row = await info.context.load.reveal.load(self.commitment)
        return reveal_of(row) if row else None

    @strawberry.field(description="Null until the chain has its outcome.")
    async def score(self, info: Info) -> ForecastScore | None:
        row = await info.context.load.score.load(self.commitment)
        return score_of(row) if row else None

    def _matches(self) -> bool:
        try:
            opened = forecasts.opening(self.row.document, self.row.salt).commitment
        except Malformed:
            return False
        return opened == self.row.commitment

    def _proven(self, mined_at: int | None, outcome_ms: int | None) -> bool:
        if mined_at is None or mined_at >= self.row.cutoff or not self._matches():
            return False
        return outcome_ms is None or mined_at * 1000 < outcome_ms

    @cached_property
    def _body(self) -> dict[str, Any]:
        body: dict[str, Any] = orjson.loads(self.row.document)
        return body


def _state(meta: Meta, block_number: int) -> EntryState:
    return EntryState.FINAL if meta.is_final(block_number) else EntryState.RECORDED


def _candidate(model: str, kind: str, losses: dict[str, str], chosen: tuple[str, str]) -> Candidate:
    return Candidate(
        model=model,
        intervals=kind,
        mase=losses["mase"],
        smape=losses["smape"],
        pinball=losses["pinball"],
        coverage_80=losses["coverage80"],
        coverage_95=losses["coverage95"],
        chosen=(model, kind) == chosen,
    )


def forecast_node(row: ForecastRow) -> Forecast:
    """A forecast, committed or not."""
    return Forecast(
        id=global_id("Forecast", row.commitment),
        row=row,
        commitment=Hash(row.commitment),
        document=row.document.decode(),
        salt=Hex(row.salt),
        state=row.state,
        created_at=Long(row.created_at),
    )
