"""Credentials as signed JSON Web Tokens, and the DID that names the key.

Source: VC Data Model 2.0; Securing Verifiable Credentials using JOSE and COSE, section 3.1; UNTP's
credential profile, which wants an enveloping proof by Ed25519 of a `did:web`.
"""

import base64
from typing import Any, Final
from urllib.parse import quote, urlsplit

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CREDENTIALS: Final = "https://www.w3.org/ns/credentials/v2"
JWT: Final = "application/vc+jwt"


class Issuer:
    """Our key under our address; whoever runs the site vouches for what it says."""

    def __init__(self, public_url: str, seed: bytes) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.did = "did:web:" + quote(urlsplit(public_url).netloc, safe="")
        self.key_id = f"{self.did}#key-1"

    def document(self) -> dict[str, Any]:
        """The DID document (`/.well-known/did.json`)."""
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        jwk = {"kty": "OKP", "crv": "Ed25519", "x": base64url(public)}
        method = {
            "id": self.key_id, "type": "JsonWebKey", "controller": self.did, "publicKeyJwk": jwk,
        }  # fmt: skip
        return {
            "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/jwk/v1"],
            "id": self.did,
            "verificationMethod": [method],
            "assertionMethod": [self.key_id],
        }

    def sign(self, credential: str) -> str:
        """The JWT of a credential's JSON text, whose numbers stay as they are written."""
        header = {"alg": "EdDSA", "typ": "vc+jwt", "cty": "vc", "kid": self.key_id}
        head, body = base64url(orjson.dumps(header)), base64url(credential.encode())
        signature = self._key.sign(f"{head}.{body}".encode())
        return f"{head}.{body}.{base64url(signature)}"


def enveloped(token: str) -> dict[str, Any]:
    """A credential object that carries the token."""
    return {
        "@context": CREDENTIALS,
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:{JWT},{token}",
    }


def base64url(data: bytes) -> str:
    """Without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
