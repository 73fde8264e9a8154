"""Relay's Node: any object by one global id."""

import base64
import binascii
from typing import Any

import strawberry

from api.queries.page import Key
from core.crypto import from_hex, to_hex
from core.errors import BadInput, Malformed


@strawberry.interface(description="Anything that `node(id)` can fetch again.")
class Node:
    id: strawberry.ID


def global_id(type_name: str, *key: Key) -> strawberry.ID:
    """Opaque id of one object: its type and its key."""
    parts = [to_hex(part) if isinstance(part, bytes) else str(part) for part in key]
    return strawberry.ID(base64.urlsafe_b64encode(":".join((type_name, *parts)).encode()).decode())


def parse_id(text: str) -> tuple[str, tuple[Key, ...]]:
    """(type name, key) of a global id. Raises BadInput."""
    try:
        name, *parts = base64.urlsafe_b64decode(text).decode().split(":")
        return name, tuple(_part(part) for part in parts)
    except (binascii.Error, ValueError, Malformed) as error:
        raise BadInput("not an id of this API", pointer="id") from error


def _part(text: str) -> Any:
    if text.startswith("0x"):
        return from_hex(text)
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise ValueError
    return int(text)
