"""Disclosure bundles: one IPFS block of disclosures, readable by all or sealed with a data key.

Erasing an event's private fields means destroying its data key: the sealed block stays, nobody
can read it, and every proof about the other fields still holds.
"""

import secrets
from collections.abc import Iterable, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.document.disclosure import b64decode, b64encode
from core.document.lexical import LexicalObject, canonical_bytes, parse
from core.errors import Malformed, Unauthorized

FORMAT: Final = "sr360-disclosures/1"
SEALED_FORMAT: Final = "sr360-sealed/1"
MAX_BLOCK_BYTES: Final = 1 << 20
PADDING: Final = 512
"""A sealed bundle's length says how many fields it holds only to this many bytes."""


def encode(disclosures: Iterable[str]) -> bytes:
    """The block of these disclosures, in an order that says nothing. Raises Malformed."""
    ordered = sorted(disclosures)
    return _block({"disclosures": list(ordered), "format": FORMAT})


def of_texts(disclosures: Sequence[bytes]) -> bytes:
    """`encode` of disclosures in their order, whose base64url no JSON text would escape."""
    listed = b'"%b"' % b'","'.join(disclosures) if disclosures else b""
    return _bounded(b'{"disclosures":[%b],"format":"%b"}' % (listed, FORMAT.encode()))


def decode(block: bytes) -> tuple[str, ...]:
    """The disclosures in a block. Raises Malformed."""
    members = parse(block)
    if not isinstance(members, dict) or frozenset(members) != {"disclosures", "format"}:
        raise Malformed("a disclosure bundle has the members disclosures, format")
    if members["format"] != FORMAT:
        raise Malformed(f"the format is not {FORMAT}", pointer="/format")
    texts = members["disclosures"]
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise Malformed("disclosures is not a list of strings", pointer="/disclosures")
    return tuple(str(text) for text in texts)


def new_data_key() -> bytes:
    """A fresh 32-byte AES key for one event."""
    return AESGCM.generate_key(bit_length=256)


def seal(disclosures: Iterable[str], data_key: bytes) -> bytes:
    """The AES-256-GCM block of these disclosures; use a data key for one event only."""
    nonce = secrets.token_bytes(12)
    plain = encode(disclosures)
    padded = plain + b" " * (-len(plain) % PADDING)
    ciphertext = AESGCM(data_key).encrypt(nonce, padded, SEALED_FORMAT.encode())
    return _block(
        {
            "alg": "A256GCM",
            "ciphertext": b64encode(ciphertext),
            "format": SEALED_FORMAT,
            "nonce": b64encode(nonce),
        }
    )


def unseal(block: bytes, data_key: bytes) -> tuple[str, ...]:
    """The disclosures of a sealed block.

    Raises:
        Malformed: the block is no sealed bundle.
        Unauthorized: the key is not this block's key, or the block was altered.
    """
    nonce, ciphertext = _sealed_parts(block)
    try:
        plain = AESGCM(data_key).decrypt(nonce, ciphertext, SEALED_FORMAT.encode())
    except InvalidTag as error:
        raise Unauthorized("this key does not open the bundle, or it was altered") from error
    return decode(plain)


def _sealed_parts(block: bytes) -> tuple[bytes, bytes]:
    members = parse(block)
    if not isinstance(members, dict) or members.get("format") != SEALED_FORMAT:
        raise Malformed(f"the format is not {SEALED_FORMAT}", pointer="/format")
    nonce, ciphertext = members.get("nonce"), members.get("ciphertext")
    if members.get("alg") != "A256GCM" or not isinstance(nonce, str):
        raise Malformed("a sealed bundle names alg A256GCM and a nonce")
    if not isinstance(ciphertext, str) or len(b64decode(nonce)) != 12:
        raise Malformed("a sealed bundle has a 12-byte nonce and a ciphertext")
    return b64decode(nonce), b64decode(ciphertext)


def _block(members: LexicalObject) -> bytes:
    return _bounded(canonical_bytes(members))


def _bounded(block: bytes) -> bytes:
    if len(block) > MAX_BLOCK_BYTES:
        raise Malformed(f"the bundle has {len(block)} bytes, an IPFS block holds {MAX_BLOCK_BYTES}")
    return block
