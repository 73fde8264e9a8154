"""The embedded MQTT broker: amqtt, in a process of its own, nothing to install.

MQTT 3.1.1 only, sessions in memory: enough for development and tests. What must not be lost is
signed, numbered and kept by the devices, so the broker may forget at any time.
"""

import asyncio
import contextlib
import logging
import socket

from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig

from core.config import MqttSettings, Settings
from core.errors import BadConfig, PortTaken


async def run(settings: Settings) -> None:
    """Serve until cancelled.

    Raises:
        PortTaken: something else listens on the port.
        BadConfig: users and passwords are for a real broker.
    """
    if settings.mqtt.username:
        raise BadConfig(
            "the embedded broker knows no users",
            hint="Set SR360_MQTT__EMBEDDED=false and point SR360_MQTT__HOST at mosquitto or EMQX.",
        )
    _require_free(settings.mqtt)
    logging.getLogger("amqtt").setLevel(logging.WARNING)
    logging.getLogger("transitions").setLevel(logging.WARNING)
    broker = Broker(config(settings.mqtt))
    await broker.start()
    try:
        await asyncio.Event().wait()
    finally:
        with contextlib.suppress(Exception):  # amqtt raises when a client vanished meanwhile
            await broker.shutdown()


def config(mqtt: MqttSettings) -> BrokerConfig:
    """amqtt's settings: one listener, anonymous clients, no $SYS traffic."""
    return BrokerConfig(
        listeners={"default": ListenerConfig(bind=f"{mqtt.host}:{mqtt.port}")},
        plugins={"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
    )


def _require_free(mqtt: MqttSettings) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((mqtt.host, mqtt.port))
        except OSError as error:
            raise PortTaken(
                f"{mqtt.host}:{mqtt.port} is in use: {error.strerror}",
                hint="Stop what listens there, or set SR360_MQTT__PORT.",
            ) from error
