"""What codes mean in words people use. Vocabulary: CBV 2.0 sections 7.1, 7.2; UN/ECE Rec. 20."""

from typing import Final

from core.types import EventKind

_STEPS: Final = {
    "accepting": "accepted", "arriving": "arrived", "assembling": "assembled",
    "collecting": "collected", "commissioning": "commissioned", "consigning": "consigned",
    "creating_class_instance": "created as a lot", "cycle_counting": "counted",
    "decommissioning": "decommissioned", "departing": "departed", "destroying": "destroyed",
    "disassembling": "disassembled", "dispensing": "dispensed", "encoding": "encoded",
    "entering_exiting": "passed a door", "holding": "put on hold", "inspecting": "inspected",
    "installing": "installed", "killing": "deactivated", "loading": "loaded", "other": "handled",
    "packing": "packed", "picking": "picked", "receiving": "received", "removing": "removed",
    "repackaging": "repackaged", "repairing": "repaired", "replacing": "replaced",
    "reserving": "reserved", "retail_selling": "sold", "sampling": "sampled",
    "sensor_reporting": "measured", "shipping": "shipped", "staging_outbound": "made ready to go",
    "stock_taking": "counted", "stocking": "put on the shelf", "storing": "stored",
    "transporting": "transported", "unloading": "unloaded", "unpacking": "unpacked",
    "void_shipping": "shipping cancelled",
}  # fmt: skip

_KINDS: Final = {
    EventKind.OBJECT: "observed",
    EventKind.AGGREGATION: "packed together",
    EventKind.TRANSFORMATION: "made into something new",
    EventKind.TRANSACTION: "linked to a business document",
    EventKind.ASSOCIATION: "joined to an asset",
    EventKind.HANDOVER: "handed over",
    EventKind.RECALL_CLASS_1: "recalled, class I: a danger to health",
    EventKind.RECALL_CLASS_2: "recalled, class II: a possible harm to health",
    EventKind.RECALL_CLASS_3: "recalled, class III: harm unlikely",
}

_UNITS: Final = {
    "LBR": "lb", "KGM": "kg", "GRM": "g", "TNE": "t", "CS": "cases", "EA": "pieces", "LTR": "l",
    "BX": "boxes", "PF": "pallets", "CT": "cartons", "ONZ": "oz",
}  # fmt: skip

_AI_NAMES: Final = {"01": "product", "10": "lot", "21": "serial", "00": "pallet or parcel"}


def what(kind: int, biz_step: str | None) -> str:
    """A past participle for a history entry, e.g. `shipped`."""
    known = _KINDS.get(EventKind(kind)) if kind in EventKind._value2member_map_ else None
    if kind >= EventKind.HANDOVER:
        return known or "recorded"
    if kind == EventKind.TRANSFORMATION:
        return "made into something new"
    return step(biz_step) or known or "recorded"


def step(biz_step: str | None) -> str | None:
    """A business step in words; an unknown one as it is written."""
    return None if biz_step is None else _STEPS.get(biz_step, biz_step.replace("_", " "))


def amount(quantity: str | None, uom: str | None) -> str:
    """The author's number with its unit, e.g. `25000 lb`; empty if there is none."""
    if quantity is None:
        return ""
    unit = _UNITS.get(uom, uom) if uom else "pieces"
    return f"{quantity} {unit}"


def identifier_name(ai: str) -> str:
    """What an Application Identifier stands for."""
    return _AI_NAMES.get(ai, f"({ai})")
