"""Disclosure bundles: public, sealed, erased."""

import json
from typing import Any

import pytest

from core import document
from core.crypto import cid_v1_raw, sha256
from core.document import bundle
from core.errors import Malformed, Unauthorized

CONTRACT = b"\x05" * 20
EVENT = document.parse_event(
    '{"type":"ObjectEvent","bizStep":"shipping","sourceList":[{"type":"owning_party",'
    '"source":"https://id.gs1.org/417/0860009999060"}],"driver":{"name":"Ana","plate":"00123"}}'
)
POLICY = document.Policy(private=("/driver", "/sourceList/*/source"))


def build(policy: document.Policy = POLICY) -> document.SignedDocument:
    return document.build(EVENT, chain_id=31337, contract=CONTRACT, policy=policy)


def test_a_public_event_has_one_bundle_named_in_its_document() -> None:
    built = build(document.PUBLIC)
    assert built.sealed is None
    assert json.loads(built.payload)["bundles"] == {"public": built.bundle_cid}
    assert built.bundle_cid == cid_v1_raw(sha256(built.bundle))
    opened = document.open_document(built.payload, bundle.decode(built.bundle))
    assert opened.event == EVENT


def test_private_fields_are_in_the_sealed_bundle_only() -> None:
    built = build()
    assert built.sealed is not None
    public = document.open_document(built.payload, bundle.decode(built.bundle))
    assert public.event == {
        "type": "ObjectEvent",
        "bizStep": "shipping",
        "sourceList": [{"type": "owning_party"}],
    }
    for block in (built.payload, built.bundle, built.sealed):
        assert b"Ana" not in block


def test_the_data_key_opens_everything() -> None:
    built = build()
    assert built.sealed is not None
    assert built.data_key is not None
    texts = bundle.decode(built.bundle) + bundle.unseal(built.sealed, built.data_key)
    opened = document.verify_document(built.data_hash, built.payload, texts)
    assert opened.event == EVENT
    assert opened.bundles["private"] == built.sealed_cid


def test_erasure_is_destroying_the_key() -> None:
    built = build()
    assert built.sealed is not None
    with pytest.raises(Unauthorized):
        bundle.unseal(built.sealed, bundle.new_data_key())
    opened = document.verify_document(built.data_hash, built.payload, bundle.decode(built.bundle))
    assert opened.event["bizStep"] == "shipping"
    assert len(opened.withheld) == 2


def test_an_altered_sealed_block_does_not_open() -> None:
    built = build()
    assert built.sealed is not None
    assert built.data_key is not None
    members: Any = json.loads(built.sealed)
    first = members["ciphertext"][0]
    members["ciphertext"] = ("A" if first != "A" else "B") + members["ciphertext"][1:]
    with pytest.raises(Unauthorized):
        bundle.unseal(json.dumps(members).encode(), built.data_key)


def test_the_sealed_length_says_little() -> None:
    key = bundle.new_data_key()
    short, long = (
        document.disclosure.make("A" * 22, "plate", value).text for value in ("1", "1" * 200)
    )
    assert len(bundle.seal([short], key)) == len(bundle.seal([long], key))


def test_the_key_is_not_printed() -> None:
    built = build()
    assert built.data_key is not None
    assert repr(built.data_key) not in repr(built)


def test_the_type_can_not_be_private() -> None:
    built = build(document.Policy(private=("/type",)))
    assert built.sealed is None


BROKEN = {
    "not json": b"{",
    "another format": b'{"disclosures":[],"format":"x"}',
    "no list": b'{"disclosures":{},"format":"sr360-disclosures/1"}',
    "not strings": b'{"disclosures":[1],"format":"sr360-disclosures/1"}',
    "an extra member": b'{"disclosures":[],"extra":1,"format":"sr360-disclosures/1"}',
}


@pytest.mark.parametrize("block", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_bundle_is_a_typed_error(block: bytes) -> None:
    with pytest.raises(Malformed):
        bundle.decode(block)
    with pytest.raises(Malformed):
        bundle.unseal(block, bytes(32))


def test_a_bundle_larger_than_an_ipfs_block_is_refused() -> None:
    with pytest.raises(Malformed, match="IPFS block"):
        bundle.encode(["A" * (1 << 20)])
