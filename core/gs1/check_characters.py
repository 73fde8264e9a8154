"""Check digits and check character pairs (GS1 General Specifications, sections 7.9.1 and 7.9.5)."""

from typing import Final

from core.gs1.charsets import CSET_32, CSET_82, is_digits

_MODULUS: Final = 1021
_ZERO: Final = ord("0")


def check_digit(digits: str) -> str:
    """The modulo-10 check digit for the digits before it.

    Raises ValueError for other characters.
    """
    if not is_digits(digits):
        raise ValueError(f"not digits: {digits[:80]!r}")
    codes = digits.encode()
    thrice, once = codes[::-2], codes[-2::-2]
    weighted = 3 * (sum(thrice) - len(thrice) * _ZERO) + sum(once) - len(once) * _ZERO
    return str(-weighted % 10)


def with_check_digit(digits: str) -> str:
    return digits + check_digit(digits)


def has_check_digit(digits: str) -> bool:
    """Whether the last of these digits is the right check digit of the others."""
    return len(digits) > 1 and is_digits(digits) and check_digit(digits[:-1]) == digits[-1]


def check_pair(text: str) -> str:
    """The two check characters of a GMN; the text must be of character set 82."""
    values = (CSET_82.index(character) for character in reversed(text))
    total = sum(value * prime for value, prime in zip(values, _primes(len(text)), strict=True))
    first, second = divmod(total % _MODULUS, 32)
    return CSET_32[first] + CSET_32[second]


def _primes(count: int) -> list[int]:
    found: list[int] = []
    candidate = 2
    while len(found) < count:
        if all(candidate % prime for prime in found):
            found.append(candidate)
        candidate += 1
    return found
