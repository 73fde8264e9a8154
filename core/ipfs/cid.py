"""Content identifiers, read and written as Kubo does; SHA-256 and inline identity only.

Source: multiformats CID specification, multibase and multihash tables.
"""

import base64
import binascii
import hashlib
from dataclasses import dataclass
from typing import Final

from core.errors import Malformed
from core.ipfs.varint import read_varint, write_varint
from core.types import Cid

RAW: Final = 0x55
DAG_PB: Final = 0x70
DAG_CBOR: Final = 0x71
DAG_JSON: Final = 0x0129
CODECS: Final = {"raw": RAW, "dag-pb": DAG_PB, "dag-cbor": DAG_CBOR, "dag-json": DAG_JSON}

_SHA2_256: Final = bytes([0x12, 0x20])
_IDENTITY: Final = 0x00
_MAX_IDENTITY: Final = 128
_MAX_TEXT: Final = 512
_B58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_HINT: Final = "Give a CID such as bafkrei… or Qm…, made with SHA-256."


@dataclass(frozen=True, slots=True)
class ParsedCid:
    """A CID taken apart. Blocks are stored by multihash, so both versions find the same block."""

    version: int
    codec: int
    multihash: bytes

    @property
    def inline(self) -> bytes | None:
        """The content itself, where the 'hash' is the content (identity)."""
        return self.multihash[2:] if self.multihash[0] == _IDENTITY else None

    def binary(self) -> bytes:
        if self.version == 0:
            return self.multihash
        return write_varint(1) + write_varint(self.codec) + self.multihash

    def text(self) -> Cid:
        """The form Kubo prints: base58btc for version 0, lowercase base32 for version 1."""
        if self.version == 0:
            return Cid(_base58_encode(self.multihash))
        return Cid("b" + base64.b32encode(self.binary()).decode().lower().rstrip("="))

    def matches(self, data: bytes) -> bool:
        """Whether these bytes are what the CID names."""
        if self.inline is not None:
            return self.inline == data
        return hashlib.sha256(data).digest() == self.multihash[2:]


def sha256_cid(data: bytes, codec: int = RAW, version: int = 1) -> ParsedCid:
    """The CID of a block."""
    return ParsedCid(version, codec, _SHA2_256 + hashlib.sha256(data).digest())


def parse_cid(text: str) -> ParsedCid:
    """Reads a CID in base58btc, base32, base16 or base64url; raises Malformed."""
    if len(text) == 46 and text.startswith("Qm"):
        return _from_multihash(0, DAG_PB, _base58_decode(text), text)
    decoder = _DECODERS.get(text[:1])
    if decoder is None or len(text) > _MAX_TEXT:
        raise _refuse(text, "unknown text form")
    try:
        cid = parse_binary(decoder(text[1:]))
    except (ValueError, binascii.Error) as error:
        raise _refuse(text, "not its base") from error
    if cid.version == 0:
        raise _refuse(text, "version 0 has no base prefix")
    return cid


def parse_binary(data: bytes) -> ParsedCid:
    """Reads a binary CID that fills the bytes; raises Malformed."""
    if data[:2] == _SHA2_256 and len(data) == 34:
        return _from_multihash(0, DAG_PB, data, data.hex())
    version, start = read_varint(data, 0)
    codec, start = read_varint(data, start)
    if version != 1:
        raise _refuse(data.hex(), f"version {version} is unknown")
    return _from_multihash(1, codec, data[start:], data.hex())


def _from_multihash(version: int, codec: int, multihash: bytes, text: str) -> ParsedCid:
    identity = multihash[:1] == bytes([_IDENTITY]) and version == 1
    if identity and 2 + multihash[1] == len(multihash) <= _MAX_IDENTITY + 2:
        return ParsedCid(version, codec, multihash)
    if multihash[:2] != _SHA2_256 or len(multihash) != 34:
        raise _refuse(text, "its hash function is not SHA-256")
    return ParsedCid(version, codec, multihash)


def _refuse(text: str, reason: str) -> Malformed:
    return Malformed(f"{text[:80]!r} is not a CID: {reason}", hint=_HINT)


def _base32_decode(text: str) -> bytes:
    if text != text.lower():
        raise ValueError("base32 CIDs are lowercase")
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


def _base64url_decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)


def _base58_decode(text: str) -> bytes:
    number = 0
    for character in text:
        digit = _B58.find(character)
        if digit < 0:
            raise _refuse(text, "not base58")
        number = number * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _base58_encode(data: bytes) -> str:
    number, text = int.from_bytes(data, "big"), ""
    while number:
        number, digit = divmod(number, 58)
        text = _B58[digit] + text
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + text


_DECODERS: Final = {
    "b": _base32_decode,
    "f": bytes.fromhex,
    "u": _base64url_decode,
    "z": _base58_decode,
}
