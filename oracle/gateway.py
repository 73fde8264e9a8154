"""The gateway's loop: take a group of messages, commit it, then acknowledge it."""

import asyncio
from typing import Final

import structlog

from core.crypto import Domain
from core.db.engine import Database
from core.errors import DatabaseUnavailable
from core.messages import Acknowledgement, Refusal, ack_topic
from oracle.intake import Intake, Outcome, Refused, Verified, verify
from oracle.link import Link

GROUP: Final = 500
RETRY_S: Final = 1.0
_log = structlog.get_logger(__name__)


class Gateway:
    """Takes readings from a link into the database and answers their devices."""

    def __init__(
        self,
        link: Link,
        database: Database,
        domain: Domain,
        private_key: bytes,
        clock_skew_s: float,
    ) -> None:
        self._link = link
        self._database = database
        self._domain = domain
        self._key = private_key
        self._clock_skew_s = clock_skew_s
        self._intake = Intake()

    async def run(self) -> None:
        """Serve until cancelled."""
        self._link.open()
        try:
            while True:
                messages = await self._link.next_group(GROUP)
                judged = await asyncio.to_thread(verify, messages, self._domain, self._clock_skew_s)
                outcome = await self._committed(judged)
                self._link.done(messages)
                self._answer(outcome)
        finally:
            self._link.close()

    async def _committed(self, judged: list[Verified | Refused]) -> Outcome:
        while True:
            try:
                outcome = await self._database.write(lambda s: self._intake.store(s, judged))
            except DatabaseUnavailable as error:
                # Not acknowledged, so nothing is lost: the broker and the devices still have it.
                _log.warning("gateway_waits", code=error.code, reason=error.message)
                await asyncio.sleep(RETRY_S)
            else:
                self._intake.committed(outcome)
                return outcome

    def _answer(self, outcome: Outcome) -> None:
        for device, up_to in outcome.up_to.items():
            answer = Acknowledgement(device, up_to).signed(self._domain, self._key)
            self._link.publish(ack_topic(device), answer.encode())
        for one in outcome.refused:
            _log.warning(
                "reading_refused",
                topic=one.message.topic,
                code=one.error.code,
                reason=one.error.message,
            )
            if one.reading is not None:
                refusal = Refusal(
                    one.reading.device, one.reading.seq, one.error.code, one.error.message
                )
                self._link.publish(ack_topic(one.reading.device), refusal.encode())
