"""Sentences for what ForecastLedger refuses."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.chain.bindings import forecast_ledger
from core.chain.revert_words import moment
from core.crypto import to_hex
from core.errors import (
    AlreadyExists,
    BadInput,
    Conflict,
    Expired,
    Malformed,
    SmartRetailError,
    UnknownEntity,
)


def _forecast(e: Any) -> str:
    return f"a forecast of series {to_hex(e.series_id)} for {moment(e.cutoff)}"


RULES: Final[Mapping[type[Any], tuple[type[SmartRetailError], Callable[[Any], str]]]] = {
    forecast_ledger.CutoffPassed: (
        Expired,
        lambda e: f"the outcome began at {moment(e.cutoff)}, now it is {moment(e.timestamp)}",
    ),
    forecast_ledger.CutoffTooFar: (
        BadInput,
        lambda e: f"the outcome at {moment(e.cutoff)} is over ten years away",
    ),
    forecast_ledger.AlreadyCommitted: (
        AlreadyExists,
        lambda e: f"series {to_hex(e.series_id)} has a forecast for {moment(e.cutoff)}",
    ),
    forecast_ledger.EmptyCommitment: (BadInput, lambda e: "a commitment of zero stands for none"),
    forecast_ledger.InvalidBond: (
        BadInput,
        lambda e: f"a bond of {e.amount} wei is none, or more than 96 bits hold",
    ),
    forecast_ledger.InvalidBeneficiary: (
        BadInput,
        lambda e: (
            f"a forfeited bond cannot go to {to_hex(e.beneficiary)}: nobody, or the forecaster"
        ),
    ),
    forecast_ledger.NotCommitted: (
        UnknownEntity,
        lambda e: f"{to_hex(e.forecaster)} did not commit {_forecast(e)}",
    ),
    forecast_ledger.WrongOpening: (
        BadInput,
        lambda e: (
            f"salt, document and points hash to {to_hex(e.opened)}, "
            f"but {to_hex(e.commitment)} was committed"
        ),
    ),
    forecast_ledger.AlreadyRevealed: (
        AlreadyExists,
        lambda e: f"{_forecast(e)} was revealed before",
    ),
    forecast_ledger.InvalidPoints: (
        Malformed,
        lambda e: f"{e.length} bytes are not 1 to 512 points of 48 bytes",
    ),
    forecast_ledger.PeriodsNotAscending: (
        Malformed,
        lambda e: f"the period from {moment(e.period)} does not follow {moment(e.previous)}",
    ),
    forecast_ledger.QuantilesNotAscending: (
        Malformed,
        lambda e: f"the quantiles of the period from {moment(e.period)} do not ascend",
    ),
    forecast_ledger.AlreadyReported: (
        AlreadyExists,
        lambda e: (
            f"{e.value} was reported of series {to_hex(e.series_id)} "
            f"for the period from {moment(e.period)}"
        ),
    ),
    forecast_ledger.NotRevealed: (
        Conflict,
        lambda e: f"{to_hex(e.forecaster)} has not revealed {_forecast(e)}",
    ),
    forecast_ledger.WrongPoints: (
        BadInput,
        lambda e: f"these points hash to {to_hex(e.shown)}, revealed were {to_hex(e.revealed)}",
    ),
    forecast_ledger.AlreadyScored: (
        AlreadyExists,
        lambda e: f"{_forecast(e)} was scored before",
    ),
    forecast_ledger.OutcomeMissing: (
        Conflict,
        lambda e: (
            f"nobody has reported series {to_hex(e.series_id)} for the period "
            f"from {moment(e.period)}"
        ),
    ),
    forecast_ledger.OutcomeBeforeCutoff: (
        Conflict,
        lambda e: (
            f"the outcome from {moment(e.period)} was public at {moment(e.reported_at)}, "
            f"before the cutoff {moment(e.cutoff)}"
        ),
    ),
    forecast_ledger.NoBond: (
        UnknownEntity,
        lambda e: f"no bond of {to_hex(e.forecaster)} waits for {_forecast(e)}",
    ),
    forecast_ledger.RevealPeriodOpen: (
        Conflict,
        lambda e: f"the forecast may be shown until {moment(e.until)}, now {moment(e.timestamp)}",
    ),
    forecast_ledger.NoCredit: (
        UnknownEntity,
        lambda e: f"{to_hex(e.account)} has no money to withdraw here",
    ),
    forecast_ledger.PaymentRefused: (
        BadInput,
        lambda e: f"{to_hex(e.to)} refused a payment of {e.amount} wei",
    ),
}
