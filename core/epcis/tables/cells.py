"""What the text of a cell means: numbers, times and words of one's own, never guessed."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final
from urllib.parse import quote

from core.document.lexical import LexicalValue, Number
from core.epcis.tables.mapping import PLACEHOLDER, Field, TableMapping

_NUMBER: Final = re.compile(r"(?P<sign>-?)0*(?P<whole>\d{1,32})(?P<part>\.\d{1,32})?")
_WORDS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_ISO: Final = "ISO 8601, e.g. 2026-04-17T09:26:42+02:00"


class CellError(ValueError):
    """A cell cannot be read as what it should be."""

    def __init__(self, rule: str, message: str, hint: str, column: str | None = None) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message
        self.hint = hint
        self.column = column
        """None = the field's only one."""


def value_of(field: Field, row: Mapping[str, str], mapping: TableMapping) -> LexicalValue:
    """The field's value in this row; None where its cells are empty and may be.

    Raises CellError.
    """
    if field.constant is not None:
        return field.constant
    empty = next((name for name in field.columns if not row[name]), None)
    if empty is not None:
        if field.required:
            hint = "Fill the cell, or set required to false in the mapping."
            raise CellError("csv.required", "the cell is empty", hint, empty)
        return None
    if field.template is not None:
        return PLACEHOLDER.sub(lambda found: _placed(found, row), field.template)
    assert field.column is not None, "the schema says so"
    text = row[field.column]
    if field.values is not None:
        text = _word(text, field.values)
    return _READ[field.kind](text, mapping)


def _placed(found: re.Match[str], row: Mapping[str, str]) -> str:
    """A cell inside a URI: escaped, and padded where a table program ate leading zeros."""
    text = row[found["column"]]
    width = int(found["width"] or 0)
    return quote(text.zfill(width) if text.isdigit() else text, safe="-_.~")


def _word(text: str, values: Mapping[str, str]) -> str:
    if text not in values:
        known = ", ".join(list(values)[:10])
        raise CellError(
            "csv.value",
            f"{text[:60]!r} is not one of the mapping's values",
            f"Write one of {known}, or add it to the mapping.",
        )
    return values[text]


def _text(text: str, _mapping: TableMapping) -> LexicalValue:
    return text


def _number(text: str, mapping: TableMapping) -> LexicalValue:
    plain = text.replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    if mapping.decimal == ",":
        plain = plain.replace(".", "").replace(",", ".")
    found = _NUMBER.fullmatch(plain)
    if found is None:
        example = "1234,5" if mapping.decimal == "," else "1234.5"
        message = f"{text[:60]!r} is not a number"
        hint = (
            f"Write it like {example}, without a unit; the mapping's decimal sign is {example[4]}"
        )
        raise CellError("csv.number", message, hint)
    return Number(f"{found['sign']}{found['whole']}{found['part'] or ''}")


def _boolean(text: str, _mapping: TableMapping) -> LexicalValue:
    if text.lower() not in _WORDS:
        message = f"{text[:60]!r} is neither true nor false"
        raise CellError("csv.value", message, "Write true, false, yes, no, 1 or 0.")
    return _WORDS[text.lower()]


def _date(text: str, mapping: TableMapping) -> LexicalValue:
    try:
        if mapping.date_format is None:
            return date.fromisoformat(text).isoformat()
        return _parsed(text, mapping.date_format).date().isoformat()
    except ValueError as error:
        raise _no_time(text, mapping) from error


def _time(text: str, mapping: TableMapping) -> LexicalValue:
    try:
        if mapping.date_format is None:
            moment = datetime.fromisoformat(text)
        else:
            moment = _parsed(text, mapping.date_format)
    except ValueError as error:
        raise _no_time(text, mapping) from error
    if moment.tzinfo is None:
        moment = _placed_in_zone(moment, text, mapping)
    return moment.isoformat(timespec="milliseconds")


def _parsed(text: str, form: str) -> datetime:
    """Local to whatever zone the mapping names, hence without one here."""
    return datetime.strptime(text, form)  # noqa: DTZ007  the zone comes from the mapping


def _placed_in_zone(moment: datetime, text: str, mapping: TableMapping) -> datetime:
    if mapping.timezone is None:
        hint = "Add an offset to the time, or timezone to the mapping."
        raise CellError("csv.time", f"{text[:60]!r} has no time zone", hint)
    first = moment.replace(tzinfo=mapping.timezone, fold=0)
    second = moment.replace(tzinfo=mapping.timezone, fold=1)
    if first.utcoffset() != second.utcoffset():
        exists = first.astimezone(UTC).astimezone(mapping.timezone).replace(tzinfo=None) == moment
        happens = "comes twice" if exists else "never comes"
        message = f"{text[:60]} {happens} in {mapping.timezone.key}: clocks are changed then"
        raise CellError("csv.time", message, "Write the time with its offset.")
    return first


def _no_time(text: str, mapping: TableMapping) -> CellError:
    form = mapping.date_format or _ISO
    message = f"{text[:60]!r} is not a time of the form {form}"
    return CellError("csv.time", message, "Correct the cell, or dateFormat in the mapping.")


def offset_of(time: str) -> str | None:
    """`+02:00` of a time that `value_of` gave."""
    offset = datetime.fromisoformat(time).utcoffset()
    if offset is None:
        return None
    sign, rest = ("-", -offset) if offset < timedelta() else ("+", offset)
    minutes = rest // timedelta(minutes=1)
    return f"{sign}{minutes // 60:02}:{minutes % 60:02}"


_READ: Final[Mapping[str, Callable[[str, TableMapping], LexicalValue]]] = {
    "text": _text,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "time": _time,
}
