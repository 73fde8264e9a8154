"""Which values have the shape that EPCIS XML gives them; any other is written as JSON."""

from collections.abc import Mapping
from typing import Any, Final, TypeGuard, TypeVar

from core.document.lexical import LexicalObject, LexicalValue
from core.epcis import vocab
from core.epcis.xml import exact
from core.epcis.xml.open_writer import is_plain

OneT = TypeVar("OneT", bound="dict[str, Any] | str")

SENSOR_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "type": ("gs1:", "https://gs1.org/voc/"),
    "exception": ("gs1:", "https://gs1.org/voc/"),
    "component": ("cbv:Comp-", "https://ref.gs1.org/cbv/Comp-"),
}
"""Members of a sensor report with words of a vocabulary, and how XML begins those."""


def all_of(value: LexicalValue, kind: type[OneT]) -> list[OneT] | None:
    """The items of a list whose items are all of this kind; None for anything else."""
    found: list[Any] = value if isinstance(value, list) else [None]
    return found if all(isinstance(one, kind) for one in found) else None


def sensor_word(member: str, text: str) -> tuple[str, bool]:
    """A bare word with its prefix; and whether a mark must keep a prefix that is there already."""
    known = {"type": "measurementType", "exception": "sensorAlertType"}.get(member, member)
    prefixes = SENSOR_WORDS[member]
    if text in vocab.words(known):
        return prefixes[0] + text, False
    return text, text.startswith(prefixes)


def is_sensor(element: LexicalObject) -> bool:
    reports, metadata = element.get("sensorReport"), element.get("sensorMetadata", {})
    return isinstance(metadata, dict) and all_of(reports, dict) is not None


def is_text(value: LexicalValue) -> TypeGuard[str]:
    return isinstance(value, str) and is_plain(value)


def is_word(value: LexicalValue) -> TypeGuard[str]:
    """Text that is no URN of the CBV, which the reader takes for a bare word."""
    return is_text(value) and not exact.URN.fullmatch(value)
