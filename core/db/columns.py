"""Column kinds that mean the same on SQLite and PostgreSQL."""

from typing import Any

from sqlalchemy import BigInteger, Integer, LargeBinary, Text
from sqlmodel import Field

CHAIN = {"schema": "chain"}
APP = {"schema": "app"}

_BigId = BigInteger().with_variant(Integer(), "sqlite")  # SQLite numbers only INTEGER keys itself


def big(**options: Any) -> Any:
    """A 64-bit integer: block numbers, sequence numbers, times."""
    return Field(sa_type=BigInteger, **options)


def big_key(**options: Any) -> Any:
    """An autonumbered 64-bit primary key."""
    return Field(default=None, primary_key=True, sa_type=_BigId, **options)


def blob(**options: Any) -> Any:
    """Raw bytes: hashes (32), addresses (20), documents."""
    return Field(sa_type=LargeBinary, **options)


def text(**options: Any) -> Any:
    """Text of any length; decimal numbers over 63 bits too."""
    return Field(sa_type=Text, **options)
