"""Data keys reach their recipient and nobody else."""

import pytest

from core.crypto import sha256
from core.document import bundle, recipients
from core.errors import Malformed, Unauthorized

DATA_HASH = sha256(b"a document")


def test_a_recipient_gets_the_data_key() -> None:
    private, public = recipients.new_recipient()
    key = bundle.new_data_key()
    wrapped = recipients.wrap(key, DATA_HASH, public)
    assert key not in wrapped
    assert recipients.unwrap(wrapped, DATA_HASH, private) == key


def test_two_wrappings_of_one_key_differ() -> None:
    _, public = recipients.new_recipient()
    key = bundle.new_data_key()
    assert recipients.wrap(key, DATA_HASH, public) != recipients.wrap(key, DATA_HASH, public)


def test_another_recipient_document_or_byte_does_not_open_it() -> None:
    private, public = recipients.new_recipient()
    stranger, _ = recipients.new_recipient()
    wrapped = recipients.wrap(bundle.new_data_key(), DATA_HASH, public)
    altered = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for blob, data_hash, key in (
        (wrapped, DATA_HASH, stranger),
        (wrapped, sha256(b"another"), private),
        (altered, DATA_HASH, private),
        (b"", DATA_HASH, private),
    ):
        with pytest.raises(Unauthorized):
            recipients.unwrap(blob, data_hash, key)


def test_a_key_of_another_length_is_malformed() -> None:
    with pytest.raises(Malformed):
        recipients.wrap(bundle.new_data_key(), DATA_HASH, b"short")
    with pytest.raises(Malformed):
        recipients.unwrap(b"", DATA_HASH, b"short")
