"""Recording for partners without a wallet: this service signs as itself, one event at a time.

What it records it then holds: a product that somebody else holds is refused, as for any signer.
"""

import asyncio
import itertools
import random
from typing import Any, Final

import structlog
from sqlmodel import Session, col, select

from api.capture.prepare import self_contained
from api.capture.service import CaptureService
from api.capture.store import intent_of
from api.queries.event_search import search
from api.queries.snapshot import Snapshot
from core import clock
from core.crypto import Domain, address_of, sign, to_hex
from core.db.app_tables import Capture
from core.db.chain_tables import Document
from core.db.engine import Database
from core.document.lexical import canonical
from core.epcis.hash import event_hash
from core.epcis.model import EpcisEvent
from core.epcis.query.errors import EventExists
from core.epcis.query.model import EventQuery, Words
from core.errors import AlreadyExists, Conflict, Expired, SmartRetailError, StaleHead

log = structlog.get_logger(__name__)

MINED_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.2
_MINED: Final = ("recorded", "final")
OVERTAKEN_S: Final = 120
"""Other processes may record about the same things at the same moment; each time one is first."""


class NotRecorded(Conflict):
    """A captured event did not get into a block."""

    code = "not_recorded"
    hint_default = "Send the event again; what is recorded already is not recorded twice."


class Recorder:
    """Captures, signs and relays events under the service's own key."""

    def __init__(
        self, database: Database, captures: CaptureService, domain: Domain, key: bytes
    ) -> None:
        self._database = database
        self._captures = captures
        self._domain = domain
        self._key = key
        self.address = address_of(key)

    async def record(self, event: EpcisEvent) -> str:
        """The id the event is then found by. An event that is recorded already stays as it is.

        Raises EventExists, NotCustodian, BadInput, RpcUnavailable, IpfsUnavailable.
        """
        name = event.event_id or event_hash(event)
        if await self._is_known(event, name):
            return name
        body = canonical(self_contained(event)).encode()
        patience = clock.now_s() + OVERTAKEN_S
        for number in itertools.count():
            try:
                await self._try(body, f"event {name}" + (f" again {number}" if number else ""))
            except AlreadyExists as error:
                message = f"another event {name} was captured"
                raise EventExists(message, pointer="/eventID") from error
            except (StaleHead, Expired) as error:
                if clock.now_s() > patience:
                    message = f"for {OVERTAKEN_S} s other events about its things came first"
                    raise NotRecorded(message, pointer=error.pointer) from error
                # Prepared anew on what the head is then; chance decides who of two is first.
                await asyncio.sleep(random.uniform(0, min(1.0, 0.05 * 2 ** min(number, 5))))  # noqa: S311
            else:
                return name
        raise AssertionError("it counts for ever")

    async def _try(self, body: bytes, key: str) -> None:
        """Have it in a block. The same key again goes on with what was begun under it.

        Raises StaleHead, Expired when nothing can come of it any more.
        """
        [captured] = await self._captures.capture(body, actor=self.address, key=key)
        if captured["state"] == "captured":
            await self._captures.submit(captured["id"], await self._signed(captured["id"]), None)
        await self._mined(captured["id"])

    async def _is_known(self, event: EpcisEvent, name: str) -> bool:
        """Whether the mirror has it. Raises EventExists if it has another one of this name."""
        query = EventQuery(conditions=(Words("eventID", (name,)),))
        async with Snapshot(self._database) as snapshot:
            hits = await search(snapshot, query, 1, None)
            if not hits:
                return False
            document = select(Document).where(col(Document.data_hash) == hits[0].data_hash)
            known = await snapshot.first(document)
        if known is None or known.event_json != canonical(self_contained(event)):
            raise EventExists(f"another event {name} is recorded", pointer="/eventID")
        return True

    async def _signed(self, capture_id: str) -> str:
        def read(session: Session) -> Capture | None:
            return session.get(Capture, capture_id)

        row = await self._database.read(read)
        assert row is not None, "captured just now"
        return to_hex(sign(self._key, intent_of(row).digest(self._domain)))

    async def _mined(self, capture_id: str) -> None:
        """Wait for the block, so that the next event builds on it."""
        found: dict[str, Any] = {}
        try:
            async with asyncio.timeout(MINED_S):
                while (found := await self._captures.look(capture_id))["state"] not in _MINED:
                    if found["state"] == "failed":
                        raise _failure(found)
                    await asyncio.sleep(_LOOK_EVERY_S)
        except TimeoutError as error:
            raise NotRecorded(f"no block took the event within {MINED_S:.0f} s") from error


def _failure(captured: dict[str, Any]) -> SmartRetailError:
    """Why the chain did not take it."""
    message = str(captured["error"])
    for kind in (StaleHead, Expired):
        if captured["errorCode"] == kind.code:
            return kind(message)
    return NotRecorded(message)
