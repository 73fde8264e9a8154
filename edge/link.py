"""A device's connection to the broker: MQTT 3.1.1, QoS 1, a session that survives reconnects.

The broker's acknowledgement means nothing here (design, 7b): a reading counts as delivered when
the gateway's signed acknowledgement arrives on the device's own topic.
"""

import asyncio
from typing import Any

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion

from core.config import MqttSettings
from core.messages import ack_topic, readings_topic

_log = structlog.get_logger(__name__)


class Link:
    """Publishes readings and hands over what the gateway answers."""

    def __init__(self, settings: MqttSettings, device: bytes) -> None:
        self.online = asyncio.Event()
        self.answers: asyncio.Queue[bytes | None] = asyncio.Queue()
        """Payloads from the gateway; None = wake up and look again."""
        self._settings = settings
        self._topic = readings_topic(device)
        self._ack_topic = ack_topic(device)
        self._loop = asyncio.get_running_loop()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2, client_id=f"sr360-{device.hex()}", clean_session=False
        )
        if settings.username:
            self._client.username_pw_set(settings.username, settings.password.get_secret_value())
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        self._client.on_connect = self._on_connect
        self._client.on_disconnect = self._on_disconnect
        self._client.on_message = self._on_message

    def open(self) -> None:
        """Connect in the background, again and again until the broker is there."""
        self._client.connect_async(self._settings.host, self._settings.port, keepalive=30)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, payload: bytes) -> None:
        self._client.publish(self._topic, payload, qos=1)

    def wake(self) -> None:
        """Make a reader of `answers` look at the outbox again."""
        self.answers.put_nowait(None)

    # Called by paho's thread.

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            _log.warning("broker_refused", reason=str(reason))
            return
        client.subscribe(self._ack_topic, qos=1)
        self._loop.call_soon_threadsafe(self._came_online)

    def _on_disconnect(
        self, _client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self.online.clear)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self.answers.put_nowait, bytes(message.payload))

    def _came_online(self) -> None:
        self.online.set()
        self.wake()
