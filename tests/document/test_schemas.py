"""The JSON Schemas say what the readers do: on every vector, good and refused."""

import json
import re
from typing import Any

import jsonschema_rs
import pytest

from core.chain.proof import decode
from core.document import bundle, payload
from core.errors import Malformed
from scripts import vectors
from scripts.vectors_proof import apply

REFERENCE = vectors.FOLDER.parent
DOCUMENTS = json.loads((vectors.FOLDER / "document.json").read_text())["documents"]
REFUSED = json.loads((vectors.FOLDER / "refused.json").read_text())
PROOF = json.loads((vectors.FOLDER / "proof.json").read_text())


def schema(name: str) -> Any:
    return jsonschema_rs.validator_for(json.loads((REFERENCE / f"{name}.schema.json").read_text()))


def readable(read: Any, source: bytes) -> bool:
    try:
        read(source)
    except Malformed:
        return False
    return True


@pytest.mark.parametrize("made", DOCUMENTS, ids=lambda made: made["event"][:40])
def test_documents_and_bundles_fit_their_schema(made: dict[str, str]) -> None:
    assert schema("event-document").is_valid(json.loads(made["payload"]))
    assert schema("disclosures").is_valid(json.loads(made["bundle"]))


def test_a_sealed_bundle_fits_the_schema() -> None:
    sealed = bundle.seal(DOCUMENTS[0]["disclosures"], bundle.new_data_key())
    assert schema("disclosures").is_valid(json.loads(sealed))


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case["name"])
def test_the_document_schema_refuses_nothing_the_reader_takes(case: dict[str, Any]) -> None:
    if readable(payload.decode, case["payload"].encode()) and "twice" not in case["name"]:
        assert schema("event-document").is_valid(json.loads(case["payload"]))


@pytest.mark.parametrize("case", PROOF["cases"], ids=lambda case: case["name"])
def test_the_proof_schema_and_the_reader_agree(case: dict[str, Any]) -> None:
    changed = apply(PROOF["bundle"], case["changes"])
    read = readable(decode.decode, json.dumps(changed).encode())
    assert schema("proof-bundle").is_valid(changed) == read


def test_every_finding_is_documented() -> None:
    page = (REFERENCE / "proof-bundle.md").read_text()
    sources = (REFERENCE.parent.parent / "core/chain/proof").glob("*.py")
    groups = "bundle|contract|block|product|document|entry|lineage|logs|chain"
    quoted = re.compile(rf'"((?:{groups})\.[a-z]+)"')
    names = {name for path in sources for name in quoted.findall(path.read_text())}
    assert len(names) > 20
    documented = {
        name for name in names if f"`{name}`" in page or f"`.{name.split('.')[1]}`" in page
    }
    assert names == documented
