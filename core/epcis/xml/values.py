"""XML Schema's spellings of numbers and truth as JSON's."""

import re
from typing import Final

from core.document.lexical import Number
from core.errors import Malformed

_DECIMAL: Final = re.compile(r"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?")
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


def number(text: str, name: str) -> Number:
    """The same number in JSON: `26.0` stays `26.0`, `+.5` becomes `0.5`.

    Raises Malformed for what is no number there, INF and NaN included.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None or not (match[2] or match[3]):
        raise Malformed(
            f"{name} {text[:40]!r} is not a number",
            pointer=name,
            hint="Write a decimal number, e.g. 26.5; JSON knows no INF or NaN.",
        )
    sign, whole, fraction, exponent = match.groups()
    return Number(
        ("-" if sign == "-" else "")
        + (whole.lstrip("0") or "0")
        + (f".{fraction}" if fraction else "")
        + (f"e{exponent}" if exponent else "")
    )


def truth(text: str, name: str) -> bool:
    """Raises Malformed for anything but true, false, 1 and 0."""
    if text not in _TRUTH:
        hint = "Write true or false."
        raise Malformed(f"{name} {text[:40]!r} is neither true nor false", pointer=name, hint=hint)
    return _TRUTH[text]
