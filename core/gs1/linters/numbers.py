"""Linters of numbers: zeros, check digits, pieces, positions, places on earth."""

import re
from typing import Final

from core.gs1.charsets import CSET_82, is_digits, only
from core.gs1.check_characters import check_digit, check_pair

_LONGEST_PAIRED: Final = 99
_LATITUDES: Final = 1_800_000_000  # tenths of a micro-degree, counted from the south pole
_LONGITUDES: Final = 3_600_000_000  # the same, eastwards round the globe
_SHORTEST_PREFIX: Final = 4
_POSITION: Final = re.compile(r"([0-9]+)/([0-9]+)")


def csetnumeric(text: str) -> str | None:
    return None if is_digits(text) else "non_digit_character"


def zero(text: str) -> str | None:
    return None if text and not text.strip("0") else "not_zero"


def nonzero(text: str) -> str | None:
    if not is_digits(text):
        return "non_digit_character"
    return None if text.strip("0") else "illegal_zero_value"


def nozeroprefix(text: str) -> str | None:
    if not is_digits(text):
        return "non_digit_character"
    return "illegal_zero_prefix" if text.startswith("0") else None


def hasnondigit(text: str) -> str | None:
    return "requires_non_digit_character" if is_digits(text) else None


def yesno(text: str) -> str | None:
    return None if text in ("0", "1") else "not_zero_or_one"


def winding(text: str) -> str | None:
    return None if text in ("0", "1", "9") else "invalid_winding_direction"


def iso5218(text: str) -> str | None:
    return None if text in ("0", "1", "2", "9") else "invalid_biological_sex_code"


def gcppos1(text: str) -> str | None:
    """Whether a GS1 Company Prefix, 4 to 12 digits, can stand in front.

    Whose it is, only GS1's live register could tell.
    """
    if len(text) < _SHORTEST_PREFIX:
        return "too_short_for_gcp"
    return None if is_digits(text[:_SHORTEST_PREFIX]) else "invalid_gcp_prefix"


def gcppos2(text: str) -> str | None:
    """The same behind an indicator or an extension digit."""
    return gcppos1(text[1:])


def csum(text: str) -> str | None:
    if not text:
        return "too_short_for_check_digit"
    if not is_digits(text):
        return "non_digit_character"
    return None if check_digit(text[:-1]) == text[-1] else "incorrect_check_digit"


def csumalpha(text: str) -> str | None:
    if len(text) > _LONGEST_PAIRED:
        return "too_long_for_check_pair_implementation"
    if len(text) < 2:
        return "too_short_for_check_pair"
    if not only(text[:-2], CSET_82):
        return "invalid_cset82_character"
    return None if check_pair(text[:-2]) == text[-2:] else "incorrect_check_pair"


def pieceoftotal(text: str) -> str | None:
    """Halves of equal length: piece 02 of 05 is `0205`."""
    if not text or len(text) % 2:
        return "invalid_length_for_piece_of_total"
    if not is_digits(text):
        return "non_digit_character"
    piece, total = text[: len(text) // 2], text[len(text) // 2 :]
    if not piece.strip("0"):
        return "zero_piece_number"
    if not total.strip("0"):
        return "zero_total_pieces"
    return "piece_number_exceeds_total" if piece > total else None


def posinseqslash(text: str) -> str | None:
    """Third of five is `3/5`."""
    match = _POSITION.fullmatch(text)
    if match is None:
        return "position_in_sequence_malformed"
    if "0" in (match[1][0], match[2][0]):
        return "illegal_zero_prefix"
    return "position_exceeds_end" if int(match[1]) > int(match[2]) else None


def latitude(text: str) -> str | None:
    return _place(text, "latitude", _LATITUDES)


def longitude(text: str) -> str | None:
    return _place(text, "longitude", _LONGITUDES)


def _place(text: str, kind: str, most: int) -> str | None:
    if len(text) != 10:
        return f"{kind}_invalid_length"
    if not is_digits(text):
        return "non_digit_character"
    return f"invalid_{kind}" if int(text) > most else None
