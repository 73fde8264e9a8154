"""secp256k1 keys and 65-byte Ethereum signatures `r | s | v`, v in {27, 28}."""

import secrets
from typing import TYPE_CHECKING, Final

from core.crypto.hashes import keccak256
from core.errors import InvalidSignature
from core.types import Address

if TYPE_CHECKING:
    from coincurve import PublicKey

# coincurve is imported where it is used: a megabyte that who only hashes never needs

CURVE_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
HALF_ORDER: Final = CURVE_ORDER // 2


def new_private_key() -> bytes:
    """A fresh 32-byte private key from the system's random source."""
    return (secrets.randbelow(CURVE_ORDER - 1) + 1).to_bytes(32, "big")


def address_of(private_key: bytes) -> Address:
    """The account (20 bytes) a private key (32 bytes) signs for."""
    from coincurve import PrivateKey

    return _address(PrivateKey(private_key).public_key)


def sign(private_key: bytes, digest: bytes) -> bytes:
    """Sign a 32-byte digest: 65 bytes, deterministic (RFC 6979), low s (EIP-2)."""
    from coincurve import PrivateKey

    signature = PrivateKey(private_key).sign_recoverable(digest, hasher=None)
    return signature[:64] + bytes([signature[64] + 27])


def recover(digest: bytes, signature: bytes) -> Address:
    """The account that made a signature over a 32-byte digest.

    Raises:
        InvalidSignature: wrong length, v not 27/28, high s (EIP-2), or no point on the curve.
    """
    from coincurve import PublicKey

    _check_form(signature)
    try:
        key = PublicKey.from_signature_and_message(
            signature[:64] + bytes([signature[64] - 27]), digest, hasher=None
        )
    except Exception as error:
        raise InvalidSignature("no key can have made this signature") from error
    return _address(key)


def compact(signature: bytes) -> tuple[bytes, bytes]:
    """A 65-byte signature as EIP-2098's `r` and `vs`: the parity is the highest bit of s.

    Raises:
        InvalidSignature: wrong length, v not 27/28, or a high s, which has no such form.
    """
    _check_form(signature)
    s = int.from_bytes(signature[32:64], "big")
    return signature[:32], (s | signature[64] - 27 << 255).to_bytes(32, "big")


def verify(digest: bytes, signature: bytes, signer: bytes) -> None:
    """Pass silently if `signer` (20 bytes) made the signature. Raises InvalidSignature."""
    actual = recover(digest, signature)
    if actual != signer:
        raise InvalidSignature(f"signed by 0x{actual.hex()}, not by 0x{signer.hex()}")


def checksum(address: bytes) -> str:
    """The mixed-case display form of an address (EIP-55)."""
    text = address.hex()
    nibbles = keccak256(text.encode()).hex()
    pairs = zip(text, nibbles, strict=False)
    return "0x" + "".join(c.upper() if int(n, 16) > 7 else c for c, n in pairs)


def _check_form(signature: bytes) -> None:
    if len(signature) != 65:
        raise InvalidSignature(f"a signature has 65 bytes, got {len(signature)}")
    if signature[64] not in (27, 28):
        raise InvalidSignature(f"recovery byte must be 27 or 28, got {signature[64]}")
    if int.from_bytes(signature[32:64], "big") > HALF_ORDER:
        raise InvalidSignature("high s: the signature is malleable (EIP-2)")


def _address(key: "PublicKey") -> Address:
    return Address(keccak256(key.format(compressed=False)[1:])[12:])
