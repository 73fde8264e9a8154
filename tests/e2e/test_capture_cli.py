"""`sr360 capture`: a supplier without a browser."""

import json
import os

import pytest

from tests.e2e.visitor import sr360

pytestmark = pytest.mark.e2e


def document(lot: str, gtin: str = "00860009999923") -> str:
    event = {
        "type": "ObjectEvent",
        "eventTime": "2026-04-17T09:26:42-04:00",
        "eventTimeZoneOffset": "-04:00",
        "action": "ADD",
        "bizStep": "creating_class_instance",
        "readPoint": {"id": "https://id.gs1.org/414/0860009999060"},
        "quantityList": [
            {"epcClass": f"https://id.gs1.org/01/{gtin}/10/{lot}", "quantity": 250, "uom": "KGM"}
        ],
    }
    return json.dumps(
        {
            "@context": ["https://ref.gs1.org/standards/epcis/epcis-context.jsonld"],
            "type": "EPCISDocument",
            "schemaVersion": "2.0",
            "creationDate": "2026-04-17T11:26:42Z",
            "epcisBody": {"eventList": [event]},
        }
    )


@pytest.fixture
def lot_file(tmp_path):
    file = tmp_path / "lot.json"
    file.write_text(document(f"CLI-{os.getpid()}"))
    return file


def test_a_lot_is_signed_and_followed_until_final(env, lot_file):
    done = sr360(env, "capture", str(lot_file), "--actor", "FARM", "--json")
    assert done.returncode == 0, done.stderr
    (event,) = json.loads(done.stdout)["events"]
    assert event["state"] == "final"
    again = sr360(env, "capture", str(lot_file), "--actor", "PACKER")
    assert again.returncode == 2
    assert "not_custodian" in again.stderr


def test_a_person_reads_a_sentence(env, tmp_path):
    file = tmp_path / "lot.json"
    file.write_text(document(f"WORDS-{os.getpid()}"))
    done = sr360(env, "capture", str(file), "--actor", "FARM")
    assert done.returncode == 0, done.stderr
    assert "final: You, Sunrise Valley Farm LLC, record: created as a lot 250 kg" in done.stderr


def test_a_wrong_check_digit_comes_with_its_fix(env, tmp_path):
    file = tmp_path / "bad.json"
    file.write_text(document("X", gtin="00860009999924"))
    refused = sr360(env, "capture", str(file), "--actor", "FARM")
    assert refused.returncode == 2
    assert "gs1.check_digit" in refused.stderr
    assert "the last one is 3" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_key_others_can_read_is_not_used(env, lot_file, tmp_path):
    key = tmp_path / "key"
    key.write_text("0x" + "11" * 32)
    key.chmod(0o644)
    refused = sr360(env, "capture", str(lot_file), "--key-file", str(key))
    assert refused.returncode == 2
    assert "bad_config" in refused.stderr
    assert "chmod 600" in refused.stderr
