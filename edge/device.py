"""One sensor: measures, signs, keeps, and delivers until the gateway has confirmed everything."""

import asyncio
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import structlog

from core.config import MqttSettings
from core.crypto import address_of, to_hex
from core.errors import SmartRetailError
from core.messages import Acknowledgement, Reading, Refusal, decode_answer
from core.types import MilliCelsius, Millis
from edge.link import Link
from edge.outbox import BufferFull, Outbox
from edge.profile import load, load_key
from edge.trace import replay

WINDOW: Final = 200
"""Readings published ahead of the gateway's acknowledgement."""
RESEND_MIN_S: Final = 1.0
RESEND_MAX_S: Final = 30.0
GROUP: Final = 32
"""Readings per sync to disk when they come faster than a sync takes."""
_log = structlog.get_logger(__name__)


class Device:
    """A device in its folder (edge.profile); what it has done so far is in its outbox."""

    def __init__(self, folder: Path, mqtt: MqttSettings) -> None:
        self.profile = load(folder)
        self._key = load_key(folder)
        self.address = address_of(self._key)
        self.outbox = Outbox(folder)
        self.refusal: Refusal | None = None
        """The gateway's last refusal, until something is confirmed again."""
        self._link = Link(mqtt, self.address)
        self._sent = 0
        self._resend_s = RESEND_MIN_S
        self._resend_at = 0.0

    async def run(self) -> None:
        """Measure the whole trace and deliver it; runs until cancelled."""
        self._link.open()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._measure())
                tasks.create_task(self._deliver())
        finally:
            self._link.close()
            self.outbox.close()

    # Measuring.

    async def _measure(self) -> None:
        pace_s = self.profile.replay.pace_s
        group = GROUP if pace_s < 0.01 else 1
        values = self._remaining()
        while taken := list(islice(values, group)):
            await self._keep([self._reading(value) for value in taken])
            self._link.wake()
            await asyncio.sleep(pace_s * len(taken))
        _log.info("trace_ended", device=self.profile.name, readings=self.outbox.last_seq)

    def _remaining(self) -> Iterator[MilliCelsius]:
        """The trace from where the last run of this device stopped: reading n is value n."""
        part = self.profile.replay
        values = replay(part.trace, start=part.start, count=part.count, shift_mc=part.shift_mc)
        return islice(values, self.outbox.last_seq, None)

    def _reading(self, value: MilliCelsius) -> Callable[[int], bytes]:
        profile = self.profile

        def build(seq: int) -> bytes:
            at = Millis(profile.start_at + (seq - 1) * profile.replay.interval_ms)
            reading = Reading(self.address, seq, profile.product_id, value, at)
            return reading.signed(profile.domain, self._key).encode()

        return build

    async def _keep(self, readings: list[Callable[[int], bytes]]) -> None:
        while True:
            try:
                self.outbox.append(readings)
                return
            except BufferFull as error:
                _log.error("buffer_full", device=self.profile.name, hint=error.hint)
                await asyncio.sleep(1)

    # Delivering.

    async def _deliver(self) -> None:
        while True:
            await self._link.online.wait()
            self._publish()
            try:
                timeout = max(0.01, self._resend_at - time.monotonic())
                async with asyncio.timeout(timeout):
                    payload = await self._link.answers.get()
            except TimeoutError:
                self._start_over()
                continue
            if payload is not None:
                self._hear(payload)

    def _publish(self) -> None:
        confirmed = self.outbox.confirmed
        self._sent = max(self._sent, confirmed)
        ahead = self._sent - confirmed
        rows = self.outbox.after(self._sent, WINDOW - ahead)
        if ahead == 0:
            wait_s = self._resend_s if rows else RESEND_MAX_S
            self._resend_at = time.monotonic() + wait_s
        for seq, payload in rows:
            self._link.publish(payload)
            self._sent = seq

    def _start_over(self) -> None:
        """No confirmation in time: send everything unconfirmed again, more patiently."""
        self._sent = 0
        self._resend_s = min(2 * self._resend_s, RESEND_MAX_S)
        self._resend_at = time.monotonic() + self._resend_s

    def _hear(self, payload: bytes) -> None:
        try:
            answer = decode_answer(payload)
            if answer.device != self.address:
                return
            if isinstance(answer, Refusal):
                self._refused(answer)
            else:
                answer.check_signature(self.profile.domain, self.profile.gateway_address)
                self._confirmed(answer)
        except SmartRetailError as error:
            # Anybody may publish on the topic; only the gateway's signature counts.
            _log.warning("answer_ignored", device=self.profile.name, reason=error.message)

    def _confirmed(self, answer: Acknowledgement) -> None:
        if self.outbox.confirm(min(answer.up_to, self.outbox.last_seq)):
            self.refusal = None
            self._resend_s = RESEND_MIN_S
            self._resend_at = time.monotonic() + self._resend_s

    def _refused(self, answer: Refusal) -> None:
        if self.refusal != answer:
            _log.warning(
                "reading_refused",
                device=to_hex(self.address),
                seq=answer.seq,
                code=answer.code,
                reason=answer.message,
            )
        self.refusal = answer
