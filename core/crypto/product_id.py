"""The id under which a product's history is kept: keccak256 of its URI, or of a salt and its URI.

Twin of contracts/libraries/ProductId.sol, on the same vectors. The contracts take any 32 bytes.
"""

from typing import Final

from core.crypto.hashes import keccak256
from core.errors import Malformed

SALT_BYTES: Final = 32


def plain(uri: str) -> bytes:
    """The id that anyone who reads a product's canonical Digital Link URI can look up."""
    return keccak256(uri.encode())


def blinded(salt: bytes, uri: str) -> bytes:
    """The id of a confidential product: only who was told the salt can tell whose history it is.

    Draw the salt at random (`secrets.token_bytes(32)`): a serial number is quickly guessed, and a
    guessable salt hides nothing. Raises Malformed unless it has 32 bytes.
    """
    if len(salt) != SALT_BYTES:
        raise Malformed(f"a salt has {SALT_BYTES} bytes, got {len(salt)}")
    return keccak256(salt + uri.encode())
