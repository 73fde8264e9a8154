"""Linters of dates and times. A day of `00` is the last of its month, where it is allowed."""

from calendar import monthrange

from core.gs1.charsets import is_digits


def yymmdd(text: str) -> str | None:
    return _date(text, 6, day_zero=False)


def yymmd0(text: str) -> str | None:
    return _date(text, 6, day_zero=True)


def yyyymmdd(text: str) -> str | None:
    return _date(text, 8, day_zero=False)


def yyyymmd0(text: str) -> str | None:
    return _date(text, 8, day_zero=True)


def hh(text: str) -> str | None:
    return _clock(text, "hour", 23)


def mi(text: str) -> str | None:
    return _clock(text, "minute", 59)


def ss(text: str) -> str | None:
    return _clock(text, "second", 59)


def hhmi(text: str) -> str | None:
    if len(text) != 4:
        return f"hour_with_minute_too_{'short' if len(text) < 4 else 'long'}"
    return hh(text[:2]) or mi(text[2:])


def _clock(text: str, unit: str, most: int) -> str | None:
    if len(text) != 2:
        return f"{unit}_too_{'short' if len(text) < 2 else 'long'}"
    if not is_digits(text):
        return "non_digit_character"
    return f"illegal_{unit}" if int(text) > most else None


def _date(text: str, length: int, *, day_zero: bool) -> str | None:
    if len(text) != length:
        return f"date_too_{'short' if len(text) < length else 'long'}"
    if not is_digits(text):
        return "non_digit_character"
    month, day = int(text[-4:-2]), int(text[-2:])
    if not 1 <= month <= 12:
        return "illegal_month"
    if day == 0:
        return None if day_zero else "illegal_day"
    return None if day <= _days(text[:-4], month) else "illegal_day"


def _days(year: str, month: int) -> int:
    """Of a two-digit year's century only the leap years matter, and 2000 was one."""
    return monthrange(int(year) or 2000, month)[1] if len(year) == 4 else _days(f"20{year}", month)
