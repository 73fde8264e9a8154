"""Signed messages, as Standard Webhooks has it: HMAC-SHA256 over id, time and body.

Source: standardwebhooks.com specification 1.0, "Signature scheme". EPCIS leaves the scheme open and
names the header `GS1-Signature` (OpenAPI 2.0), which carries the same text.
"""

import base64
import hashlib
import hmac


def signature(secret: str, message_id: str, timestamp_s: int, body: bytes) -> str:
    """`v1,` and the base64 of the HMAC; the subscriber's token is the key, byte for byte."""
    signed = f"{message_id}.{timestamp_s}.".encode() + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).digest()
    return "v1," + base64.b64encode(digest).decode()


def headers(secret: str, message_id: str, timestamp_s: int, body: bytes) -> dict[str, str]:
    """What a message carries for its receiver to check."""
    signed = signature(secret, message_id, timestamp_s, body)
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp_s),
        "webhook-signature": signed,
        "GS1-Signature": signed,
    }
