"""Our primitives against independent implementations: eth-account, OpenZeppelin, EIP texts."""

import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from core import crypto
from core.crypto import product_id, structs
from core.crypto.keys import CURVE_ORDER
from core.errors import InvalidSignature, Malformed

KEY = bytes.fromhex("ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80")
CONTRACT = bytes.fromhex("5fbdb2315678afecb367f032d93f642f64180aa3")
ALL = [value for value in vars(structs).values() if isinstance(value, crypto.StructType)]


def sample(kind: str, number: int) -> object:
    """A value that uses the whole width of its type."""
    if kind.endswith("[]"):
        return [sample(kind[:-2], number + i) for i in range(3)]
    if kind == "address":
        return crypto.keccak256(bytes([number]))[:20]
    if kind.startswith("bytes"):
        return crypto.keccak256(bytes([number]))
    bits = int(kind.lstrip("uint"))
    return -(1 << bits - 1) + number if kind.startswith("int") else (1 << bits) - 1 - number


def test_keccak_and_address_of_the_first_anvil_account() -> None:
    assert (
        crypto.keccak256(b"").hex().startswith("c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b")
    )
    assert crypto.checksum(crypto.address_of(KEY)) == "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266"


@pytest.mark.parametrize("struct", ALL, ids=lambda s: s.name)
def test_digest_and_signature_equal_eth_account(struct: crypto.StructType) -> None:
    domain = structs.supply_chain_domain(31337, CONTRACT)
    values = [sample(kind, n) for n, (kind, _) in enumerate(struct.fields)]
    ours = crypto.digest(domain, struct.struct_hash(*values))
    message = encode_typed_data(full_message=crypto.typed_data(domain, struct, *values))
    assert ours == _hash_eip191_message(message)
    signed = Account.sign_message(message, KEY)
    assert crypto.sign(KEY, ours) == bytes(signed.signature)
    assert crypto.recover(ours, bytes(signed.signature)) == crypto.address_of(KEY)


def test_every_struct_is_covered() -> None:
    assert {s.name for s in ALL} >= {"Record", "RecordBatch", "Handover", "Recall", "Report"}


@given(st.binary(min_size=32, max_size=32), st.integers(1, CURVE_ORDER - 1))
def test_the_malleable_twin_of_a_signature_is_refused(digest: bytes, secret: int) -> None:
    signature = crypto.sign(secret.to_bytes(32, "big"), digest)
    high = CURVE_ORDER - int.from_bytes(signature[32:64], "big")
    twin = signature[:32] + high.to_bytes(32, "big") + bytes([55 - signature[64]])
    with pytest.raises(InvalidSignature, match="high s"):
        crypto.recover(digest, twin)


@pytest.mark.parametrize(
    "signature",
    [b"", bytes(64), bytes(65), b"\xff" * 31 + bytes(33) + b"\x1b", bytes(64) + b"\x1b"],
    ids=["empty", "short", "v 0", "r beyond the curve", "zero"],
)
def test_a_malformed_signature_is_a_typed_error(signature: bytes) -> None:
    with pytest.raises(InvalidSignature):
        crypto.recover(bytes(32), signature)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("uint8", 256), ("int64", 1 << 63), ("uint64", True), ("address", bytes(32)), ("string", b"")],
)
def test_a_value_that_does_not_fit_its_type_is_refused(kind: str, value: object) -> None:
    with pytest.raises(Malformed):
        crypto.StructType("T", ((kind, "x"),)).struct_hash(value)


def test_a_blinded_product_id_needs_its_whole_salt() -> None:
    uri = "https://id.gs1.org/01/00860009999923/10/ABC1234"
    salted = product_id.blinded(b"\x07" * 32, uri)
    assert salted == crypto.keccak256(b"\x07" * 32 + uri.encode())
    assert salted != product_id.plain(uri) == crypto.keccak256(uri.encode())
    with pytest.raises(Malformed, match="31"):
        product_id.blinded(b"\x07" * 31, uri)
