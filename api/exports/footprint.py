"""What a stated carbon footprint says, in the words of the formats that tell it."""

from decimal import Decimal
from typing import Any, Final

_SCOPES: Final = {"cradle to gate": "CradleToGate", "cradle to grave": "CradleToGrave"}


def kilograms(footprint: dict[str, Any]) -> str:
    """The whole footprint in kg CO2e, to the gram."""
    return format(Decimal(footprint["co2eGrams"]).scaleb(-3), "f")


def scope(footprint: dict[str, Any]) -> str | None:
    """`CradleToGate` or `CradleToGrave`, where the standard's name says so."""
    said = footprint["standard"].lower()
    return next((scope for words, scope in _SCOPES.items() if words in said), None)
