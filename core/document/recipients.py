"""Handing an event's data key to a recipient: HPKE (RFC 9180), so only its private key opens it.

A wrapped key is bound to one document: put beside another document's, it does not open.
"""

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from core.errors import Malformed, Unauthorized

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_INFO: Final = b"sr360-key/1"


def new_recipient() -> tuple[bytes, bytes]:
    """(private key, public key) of a fresh X25519 recipient, 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def wrap(data_key: bytes, data_hash: bytes, recipient: bytes) -> bytes:
    """A document's data key for one recipient (X25519 public key, 32 bytes). Raises Malformed."""
    try:
        public = X25519PublicKey.from_public_bytes(recipient)
        return _SUITE.encrypt(data_key, public, info=_INFO + data_hash)
    except ValueError as error:
        raise Malformed("a recipient is an X25519 public key of 32 bytes") from error


def unwrap(wrapped: bytes, data_hash: bytes, private_key: bytes) -> bytes:
    """The data key of the document, for its recipient's private key (32 bytes).

    Raises:
        Malformed: the private key has not 32 bytes.
        Unauthorized: wrapped for another recipient or document, or altered.
    """
    try:
        private = X25519PrivateKey.from_private_bytes(private_key)
    except ValueError as error:
        raise Malformed("an X25519 private key has 32 bytes") from error
    try:
        return _SUITE.decrypt(wrapped, private, info=_INFO + data_hash)
    except (InvalidTag, ValueError) as error:
        raise Unauthorized("this key was wrapped for another recipient or document") from error
