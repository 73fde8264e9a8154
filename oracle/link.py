"""The gateway's connection to the broker: a message is acknowledged only when it is committed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import paho.mqtt.client as mqtt
import structlog
from paho.mqtt.enums import CallbackAPIVersion

from core.config import MqttSettings
from core.messages import READINGS_FILTER

MAX_WAITING: Final = 10_000
CLIENT_ID: Final = "sr360-gateway"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the broker delivered it, not yet acknowledged."""

    topic: str
    payload: bytes
    mid: int
    qos: int


class Link:
    """Hands over messages in order; the broker keeps sending one until `done` is called."""

    def __init__(self, settings: MqttSettings) -> None:
        self.messages: asyncio.Queue[Message] = asyncio.Queue(MAX_WAITING)
        self._settings = settings
        self._loop = asyncio.get_running_loop()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            client_id=CLIENT_ID,
            clean_session=False,
            # paho's own acknowledgement goes out before anything is committed (design, 7b)
            manual_ack=True,
        )
        if settings.username:
            self._client.username_pw_set(settings.username, settings.password.get_secret_value())
        self._client.reconnect_delay_set(min_delay=1, max_delay=30)
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message

    def open(self) -> None:
        """Connect in the background, again and again until the broker is there."""
        self._client.connect_async(self._settings.host, self._settings.port, keepalive=30)
        self._client.loop_start()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    async def next_group(self, limit: int) -> list[Message]:
        """At least one message, and whatever else has arrived, for one commit."""
        group = [await self.messages.get()]
        while len(group) < limit and not self.messages.empty():
            group.append(self.messages.get_nowait())
        return group

    def done(self, messages: Sequence[Message]) -> None:
        """Let the broker forget these."""
        for message in messages:
            self._client.ack(message.mid, message.qos)

    def publish(self, topic: str, payload: bytes) -> None:
        """Answer a device. Losing it is harmless: the device sends again and is answered again."""
        self._client.publish(topic, payload, qos=1)

    # Called by paho's thread.

    def _on_connect(
        self, client: mqtt.Client, _data: Any, _flags: Any, reason: Any, _properties: Any
    ) -> None:
        if reason.is_failure:
            _log.warning("broker_refused", reason=str(reason))
            return
        _log.info("broker_connected", host=self._settings.host, port=self._settings.port)
        client.subscribe(READINGS_FILTER, qos=1)

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        received = Message(message.topic, bytes(message.payload), message.mid, message.qos)
        self._loop.call_soon_threadsafe(self._offer, received)

    def _offer(self, message: Message) -> None:
        if self.messages.full():
            return  # not acknowledged, so its device sends it again
        self.messages.put_nowait(message)
