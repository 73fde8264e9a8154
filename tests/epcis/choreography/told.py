"""Events in few words, as the tests of the rules about order need them."""

from dataclasses import replace

from core.epcis.choreography.telling import Named, Telling
from core.epcis.model import ProductRole
from core.epcis.units import measure

T0 = 1_776_600_000_000
CASE = "https://id.gs1.org/01/09506000134352/21/{}"
PALLET = "https://id.gs1.org/00/09506000134352000{}"
LOT = "https://id.gs1.org/01/09506000134352/10/L{}"
CLASS = "https://id.gs1.org/01/09506000134352"


def case(number: int) -> str:
    return CASE.format(number)


def pallet(number: int) -> str:
    return PALLET.format(number)


def lot(number: int) -> str:
    return LOT.format(number)


def thing(uri: str, role: str = "object", place: int = 0) -> Named:
    return Named(f"/epcList/{place}", uri, ProductRole(role), single=True)


def amount(uri: str, number: str, uom: str | None = "KGM", role: str = "object") -> Named:
    told = f"{number} {uom or 'pieces'}"
    pointer = "/quantityList/0/epcClass"
    return Named(pointer, uri, ProductRole(role), False, measure(number, uom), told)


def event(
    at: int, kind: str, action: str | None, *named: Named, step: str | None = None, **more: object
) -> Telling:
    """At so many minutes after T0; its key is a new one unless given."""
    given: dict[str, object] = {"disposition": None, "place": None} | more
    key = given.pop("key", None) or f"urn:test:{at}:{kind}:{action}:{[n.uri for n in named]}"
    return Telling(
        key=str(key), time_ms=T0 + 60_000 * at, type=kind, action=action, biz_step=step,
        named=named, **given,  # type: ignore[arg-type]
    )  # fmt: skip


def commission(at: int, *uris: str, **more: object) -> Telling:
    named = [thing(uri, place=n) for n, uri in enumerate(uris)]
    return event(at, "ObjectEvent", "ADD", *named, step="commissioning", **more)


def observe(at: int, *uris: str, step: str = "inspecting", **more: object) -> Telling:
    named = [thing(uri, place=n) for n, uri in enumerate(uris)]
    return event(at, "ObjectEvent", "OBSERVE", *named, step=step, **more)


def destroy(at: int, *uris: str, **more: object) -> Telling:
    named = [thing(uri, place=n) for n, uri in enumerate(uris)]
    return event(at, "ObjectEvent", "DELETE", *named, step="decommissioning", **more)


def pack(at: int, parent: str, *uris: str, action: str = "ADD", **more: object) -> Telling:
    children = [thing(uri, "child", n) for n, uri in enumerate(uris)]
    step = "unpacking" if action == "DELETE" else "packing"
    return event(
        at, "AggregationEvent", action, thing(parent, "parent"), *children, step=step, **more
    )


def make(at: int, *named: Named, **more: object) -> Telling:
    return event(at, "TransformationEvent", None, *named, **more)


def in_order(*tellings: Telling) -> list[Telling]:
    """As the new events of one document."""
    return [
        replace(one, place=n, pointer=f"/epcisBody/eventList/{n}") for n, one in enumerate(tellings)
    ]
