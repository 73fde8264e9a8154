"""Linters of North American coupons (GS1 General Specifications, AIs 8110 and 8112).

A coupon is a string of digits in which a length stands before each field of variable length, and
a digit of its own before each optional part.
"""

from typing import Final

from core.gs1.charsets import is_digits
from core.gs1.linters.dates import yymmdd


class Broken(Exception):
    """Carries the fault."""


class Reader:
    """Takes fields off the front of a coupon. Methods raise Broken."""

    def __init__(self, text: str) -> None:
        self._rest = text

    def code(self, name: str, allowed: str) -> str:
        """One digit of those allowed."""
        if not self._rest:
            raise Broken(f"coupon_missing_{name}")
        digit = self._take(1)
        if digit not in allowed:
            raise Broken(f"coupon_invalid_{name}")
        return digit

    def fixed(self, name: str, length: int) -> str:
        """So many digits."""
        if len(self._rest) < length:
            raise Broken(name)
        return self._take(length)

    def sized(self, name: str, lengths: str, plus: int = 0, absent: str = "") -> str:
        """A digit, which with `plus` is the length of what follows; `absent` = nothing follows."""
        if not self._rest:
            raise Broken(f"coupon_missing_{name}_vli")
        given = self._take(1)
        if given == absent:
            return ""
        if given not in lengths:
            raise Broken(f"coupon_invalid_{name}_length")
        return self.fixed(f"coupon_truncated_{name}", int(given) + plus)

    def opens(self, part: str) -> bool:
        """Whether the optional part of this number comes next; its number is taken."""
        found = self._rest.startswith(part)
        if found:
            self._take(1)
        return found

    def end(self) -> None:
        if self._rest:
            raise Broken("coupon_excess_data")

    def _take(self, length: int) -> str:
        taken, self._rest = self._rest[:length], self._rest[length:]
        return taken


_ANY: Final = "0123456789"
_PREFIX: Final = "0123456"
_AMOUNT: Final = "12345"
_REQUIREMENTS: Final = "012349"


def couponcode(text: str) -> str | None:
    """A coupon of AI 8110."""
    if not is_digits(text):
        return "non_digit_character"
    reader = Reader(text)
    try:
        reader.sized("gcp", _PREFIX, 6)
        reader.fixed("coupon_truncated_offer_code", 6)
        reader.sized("save_value", _AMOUNT)
        _purchase(reader, "1st")
        _more_purchases(reader)
        _dates(reader)
        _parties(reader)
        _rules(reader)
        reader.end()
    except Broken as broken:
        return str(broken)
    return None


def couponposoffer(text: str) -> str | None:
    """A positive offer of AI 8112."""
    if not is_digits(text):
        return "non_digit_character"
    reader = Reader(text)
    try:
        reader.code("format_code", "01")
        reader.sized("funder", _PREFIX, 6)
        reader.fixed("coupon_truncated_offer_code", 6)
        reader.sized("serial_number", _ANY, 6)
        reader.end()
    except Broken as broken:
        return str(broken)
    return None


def _purchase(reader: Reader, which: str) -> None:
    reader.sized(f"{which}_purchase_requirement", _AMOUNT)
    reader.code(f"{which}_purchase_requirement_code", _REQUIREMENTS)
    reader.fixed(f"coupon_truncated_{which}_purchase_family_code", 3)


def _more_purchases(reader: Reader) -> None:
    if reader.opens("1"):
        reader.code("additional_purchase_rules_code", "0123")
        _purchase(reader, "2nd")
        reader.sized("2nd_purchase_gcp", _PREFIX, 6, absent="9")
    if reader.opens("2"):
        _purchase(reader, "3rd")
        reader.sized("3rd_purchase_gcp", _PREFIX, 6, absent="9")


def _dates(reader: Reader) -> None:
    expiration = _date(reader, "3", "expiration", "exipiration")
    start = _date(reader, "4", "start", "start")
    if expiration and start > expiration:
        raise Broken("coupon_expiration_before_start")


def _date(reader: Reader, part: str, name: str, spelled: str) -> str:
    """`spelled` is how GS1 spells the fault."""
    if not reader.opens(part):
        return ""
    date = reader.fixed(f"coupon_too_short_for_{name}_date", 6)
    if yymmdd(date):
        raise Broken(f"coupon_invalid_{spelled}_date")
    return date


def _parties(reader: Reader) -> None:
    if reader.opens("5"):
        reader.sized("serial_number", _ANY, 6)
    if reader.opens("6"):
        reader.sized("retailer_gcp_or_gln", "1234567", 6)


def _rules(reader: Reader) -> None:
    if reader.opens("9"):
        reader.code("save_value_code", "01256")
        reader.code("save_value_applies_to_item", "012")
        reader.code("store_coupon_flag", _ANY)
        reader.code("dont_multiply_flag", "01")
