"""What a subscription asks for, from its body or, on a WebSocket, from the query string."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from api.subscriptions.schedule import FIELDS, Schedule, read_schedule
from api.subscriptions.store import new_id, next_run
from api.subscriptions.target import check_target
from core import clock
from core.db.app_tables import Subscription
from core.document.event_time import event_time_ms
from core.epcis.query.errors import SubscriptionControlsInvalid

_KNOWN: Final = {
    *("dest", "signatureToken", "secret", "stream", "schedule", "reportIfEmpty"),
    "initialRecordTime",
}
_LONGEST: Final = 500


def read_subscription(
    name: str, body: Mapping[str, Any], epc_format: str, *, allow_private: bool
) -> Subscription:
    """The subscription that a body asks for. Raises SubscriptionControlsInvalid."""
    for member in body:
        if member not in _KNOWN:
            raise _wrong(member, "is not a member of a subscription")
    target = check_target(_text(body, "dest"), allow_private=allow_private)
    token = "signatureToken" if "signatureToken" in body else "secret"
    schedule = controls(body.get("stream"), body.get("schedule"))
    return Subscription(
        subscription_id=new_id(),
        query_name=name,
        target=target,
        secret=_text(body, token),
        schedule=None if schedule is None else orjson.dumps(body["schedule"]).decode(),
        report_if_empty=_truth(body, "reportIfEmpty"),
        epc_format=epc_format,
        initial_record_time=initial(body.get("initialRecordTime")),
        created_at=clock.now_ms(),
        due_at=clock.now_ms() if schedule is None else next_run(schedule, 0),
    )


def controls(stream: object, schedule: object) -> Schedule | None:
    """The schedule, or None for a stream. Raises SubscriptionControlsInvalid for both or none."""
    if (stream is True) == (schedule is not None):
        raise SubscriptionControlsInvalid("either stream: true or a schedule", pointer="/stream")
    if schedule is None:
        return None
    if not isinstance(schedule, dict):
        raise _wrong("schedule", f"is an object of {', '.join(FIELDS)}")
    return read_schedule(schedule)


def initial(value: object) -> int:
    """Unix milliseconds from which on events are told; now, if nothing is said."""
    if value is None:
        return clock.now_ms()
    found = event_time_ms(value) if isinstance(value, str) else None
    if found is None:
        raise _wrong("initialRecordTime", "is not an RFC 3339 time")
    return found


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST or "\0" in value:
        raise _wrong(name, f"is text of 1 to {_LONGEST} characters")
    return value


def _truth(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _wrong(name, "is true or false")
    return value


def _wrong(member: str, what: str) -> SubscriptionControlsInvalid:
    return SubscriptionControlsInvalid(f"{member[:80]} {what}", pointer=f"/{member[:80]}")
