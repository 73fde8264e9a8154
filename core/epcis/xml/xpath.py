"""Where in an XML document the place is that a JSON pointer names in its JSON form.

`//` steps over the `extension` elements that EPCIS 1.2 wraps around what came later, so that one
path fits both versions. Prefixes are the reader's business, hence `local-name()`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

_ITEMS: Final = {
    **dict.fromkeys(("epcList", "childEPCs", "inputEPCList", "outputEPCList"), "epc"),
    **dict.fromkeys(
        ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"),
        "quantityElement",
    ),
    "sensorElementList": "sensorElement",
    "correctiveEventIDs": "correctiveEventID",
}
_TEXTS: Final = {
    "bizTransactionList": "bizTransaction",
    "sourceList": "source",
    "destinationList": "destination",
}
"""Lists whose items are objects in JSON and an element with a type attribute in XML."""
_ATTRIBUTED: Final = ("sensorReport", "sensorMetadata")
_PLAIN: Final = re.compile(r"[A-Za-z_][\w.-]*")


def xpath(pointer: str) -> str:
    """The path, e.g. `/*/EPCISBody/EventList/*[1]//epcList/epc[2]`."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]
    if steps[:2] != ["epcisBody", "eventList"]:
        return "/*" + "".join(f"//{one}" for one in _inside(steps))
    if len(steps) == 2:
        return "/*/EPCISBody/EventList"
    event = f"/*/EPCISBody/EventList/*[{int(steps[2]) + 1}]"
    inner = "/".join(_inside(steps[3:]))
    return f"{event}//{inner}" if inner else event


def _inside(steps: Sequence[str]) -> Iterator[str]:
    """The steps below an event; its type is the element itself."""
    at, before = 0, ""
    while at < len(steps):
        name, follows = steps[at], steps[at + 1] if at + 1 < len(steps) else ""
        number = f"[{int(follows) + 1}]" if follows.isdigit() else ""
        if at == 0 and name == "type":
            return
        if before in _ATTRIBUTED:
            yield f"@{name}"
        elif name in _TEXTS and number:
            yield f"{name}/{_TEXTS[name]}{number}"
            yield from ["@type"] if steps[at + 2 : at + 3] == ["type"] else []
            return
        elif name in _ITEMS and number:
            yield f"{name}/{_ITEMS[name]}{number}"
        else:
            yield _element(name) + number
        at, before = at + (2 if number else 1), name


def _element(name: str) -> str:
    local = name.rpartition(":")[2]
    if local == name and _PLAIN.fullmatch(name):
        return name
    return f"*[local-name()='{local}']"
