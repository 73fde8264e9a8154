"""The key that opens a job's quarantine: made here, given once, kept as a hash."""

import secrets
from typing import Final

from starlette.requests import Request

from core.crypto import sha256
from core.errors import BadInput

WANTED: Final = "SR360-Quarantine"
KEY: Final = "SR360-Quarantine-Key"


def wanted_key(request: Request) -> str | None:
    """A new key if refused events shall be kept apart, else None. Raises BadInput."""
    text = request.headers.get(WANTED, "false").strip().lower()
    if text not in ("true", "false"):
        hint = "Use true or false."
        raise BadInput(f"{WANTED} {text[:40]!r} is unknown", pointer=WANTED, hint=hint)
    return secrets.token_urlsafe(32) if text == "true" else None


def hashed(key: str) -> bytes:
    """What is kept of a key."""
    return sha256(key.encode())
