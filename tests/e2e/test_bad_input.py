"""Bad input at the doors of a running stack: a typed answer each time, and the stack stays up.

What each service refuses is tested in its own room; here it comes through the command line, HTTP
and MQTT, over real processes.
"""

import asyncio
import json

import paho.mqtt.client as mqtt
import pytest

from core import clock
from core.chain import keys
from core.chain.bindings import device_registry
from core.chain.client import Rpc
from core.chain.deployments import load
from core.config import Settings
from core.crypto import address_of, keccak256, new_private_key, to_hex
from core.crypto.structs import reading_domain
from core.messages import Reading, ack_topic, readings_topic
from edge.profile import load_key
from scripts.story import PALLET, SCENARIO
from scripts.transact import transact
from tests.e2e.processes import mirror
from tests.e2e.visitor import ask, sr360

pytestmark = pytest.mark.e2e

READ_AT = 1_776_625_200
"""When the readings here were measured, in Unix seconds."""

FARM = to_hex(address_of(keys.account(Settings(), keys.Actor.FARM)))
HARVEST = (SCENARIO / "harvest-cte.jsonld").read_text()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"type": "EPCISDocument",', "malformed"),
        (HARVEST.replace('"eventTimeZoneOffset"', '"offset"'), "invalid_document"),
        (HARVEST.replace("00860009999923", "00860009999924"), "invalid_document"),
        (HARVEST, "not_custodian"),
    ],
    ids=["no JSON", "against the schema", "wrong check digit", "another's product"],
)
def test_captures_are_refused_in_words(stack, env, tmp_path, content, code):
    file = tmp_path / "document.jsonld"
    file.write_text(content)
    result = sr360(env, "capture", str(file), "--actor", "FARM")
    assert result.returncode == 2, result.stdout + result.stderr
    assert f"error ({code})" in result.stderr
    assert "Traceback" not in result.stderr
    answer = ask(f"{stack.api_url}/capture?actor={FARM}", method="POST", body=content.encode())
    assert (answer.kind, answer.json["code"]) == ("application/problem+json", code)
    assert 400 <= answer.status < 500


def test_a_wrong_check_digit_in_a_link(stack):
    answer = ask(stack.api_url + "/01/10860009998030/10/X")
    assert (answer.status, answer.kind) == (400, "application/problem+json")
    assert answer.json["code"] == "invalid_identifier"


@pytest.fixture
def settings(stack, env, monkeypatch):
    """What the stack's own processes read."""
    for name, value in env.items():
        if name.startswith("SR360_"):
            monkeypatch.setenv(name, value)
    return Settings()


@pytest.fixture
def deployment(settings):
    return load(settings)


@pytest.fixture
def refusal(settings, deployment):
    """Publish one reading and return the gateway's answer to it."""

    def send(key, seq, at=0):
        device = address_of(key)
        domain = reading_domain(settings.chain.chain_id, deployment.sensor_oracle)
        reading = Reading(device, seq, keccak256(PALLET.encode()), -40_000, at or READ_AT * 1000)
        answers = []
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.on_message = lambda _client, _data, message: answers.append(message.payload)
        client.on_connect = lambda *_: client.subscribe(ack_topic(device), qos=1)
        client.on_subscribe = lambda *_: client.publish(
            readings_topic(device), reading.signed(domain, key).encode(), qos=1
        )
        client.connect(settings.mqtt.host, settings.mqtt.port)
        while not answers:
            assert client.loop(timeout=30) == mqtt.MQTT_ERR_SUCCESS
        client.disconnect()
        return json.loads(answers[0])

    return send


def quarantined(stack, code):
    with mirror(stack.state_dir) as connection:
        statement = "SELECT count(*) FROM app.reading_quarantine WHERE code = ?"
        return connection.execute(statement, (code,)).fetchone()[0]


def test_an_unknown_device(stack, refusal):
    assert refusal(new_private_key(), 1)["code"] == "unknown_device"
    assert quarantined(stack, "unknown_device") >= 1


def test_a_clock_that_is_ahead(stack, refusal):
    answer = refusal(load_key(stack.state_dir / "edge/truck"), 1, at=clock.now_ms() + 3_600_000)
    assert answer["code"] == "reading_from_future"
    assert quarantined(stack, "reading_from_future") >= 1


def test_a_number_used_before(stack, refusal):
    truck = load_key(stack.state_dir / "edge/truck")
    assert refusal(truck, 1)["code"] == "replayed_reading"
    assert quarantined(stack, "replayed_reading") >= 1


async def test_a_revoked_device(stack, settings, deployment, refusal):
    key = new_private_key()
    registry, deployer = deployment.device_registry, keys.deployer(settings)
    device = address_of(key)
    register = device_registry.encode_register(device, bytes(32), READ_AT - 60, READ_AT + 60)
    async with Rpc(settings.chain.rpc_url) as rpc:
        await transact(rpc, deployer, registry, register)
        await transact(rpc, deployer, registry, device_registry.encode_revoke(device, READ_AT))
    while not mirrored_revocation(stack, address_of(key)):
        await asyncio.sleep(0.1)
    assert refusal(key, 1)["code"] == "revoked_device"


def mirrored_revocation(stack, address):
    with mirror(stack.state_dir) as connection:
        statement = "SELECT 1 FROM device WHERE address = ? AND revoked_since IS NOT NULL"
        return connection.execute(statement, (address,)).fetchone()


def test_no_service_ended_in_a_traceback(stack):
    for log in sorted((stack.state_dir / "logs").glob("*.log")):
        assert "Traceback" not in log.read_text(), log
