"""What every implementation must refuse: JSON texts, and documents that break RFC 9901."""

from typing import Any, Final

from core.document import disclosure
from core.document.disclosure import Disclosure
from core.document.lexical import LexicalObject, LexicalValue
from core.document.payload import Payload
from core.types import Address

TEXTS: Final = {
    "a name that stands twice": '{"a":1,"b":{"c":1,"c":2}}',
    "a name that stands twice, once escaped": '{"a":1,"\\u0061":2}',
    "a leading zero": '{"lot":00123}',
    "a bare point": "[1.]",
    "a plus sign": "[+1]",
    "NaN": "[NaN]",
    "infinity": "[-Infinity]",
    "half a surrogate pair": '["\\ud800"]',
    "half a pair in a name": '{"\\udc00":1}',
    "a control character": '["\x01"]',
    "an unknown escape": '["\\x41"]',
    "an unterminated string": '["abc',
    "a trailing comma": "[1,]",
    "a comma alone": "[,]",
    "a name without quotes": "{a:1}",
    "two values": "{}{}",
    "a comment": "[1] // one",
    "a form feed between tokens": "[1,\f2]",
    "nothing": "",
    "65 levels": "[" * 65 + "]" * 65,
}
TIMES: Final = (
    "2026-04-17T09:26:42-04:00",
    "2026-04-17T09:26:42.5+05:30",
    "2026-04-17T09:26:42.123999Z",
    "1969-12-31T23:59:59.001Z",
    "2024-02-29T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "2026-04-17T24:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-04-17T09:26:61Z",
    "2026-04-17T09:60:00Z",
    "2026-04-17T09:26:42+24:00",
    "2026-04-17T09:26:42",
    "2026-04-17 09:26:42Z",
    "2026-04-17T09:26:42z",
    "0000-01-01T00:00:00Z",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59.999Z",
    "",
)
_SALT: Final = "A" * 22
_FIELD: Final = disclosure.make(_SALT, "a", "x")
_ELEMENT: Final = disclosure.make(_SALT, None, "x")


def documents(chain_id: int, contract: Address) -> list[dict[str, Any]]:
    """Documents with disclosures, none of which may open."""
    found = []
    for name, (event, disclosures) in _cases().items():
        payload = Payload(chain_id, contract, event, {}).encode().decode()
        texts = [made.text for made in disclosures]
        found.append({"name": name, "payload": payload, "disclosures": texts})
    good = Payload(chain_id, contract, {"type": "T"}, {}).encode().decode()
    for name, (old, new) in _REWRITES.items():
        found.append({"name": name, "payload": good.replace(old, new), "disclosures": []})
    return found


_REWRITES: Final = {
    "spaces": (",", ", "),
    "another format": ("sr360-event/1", "sr360-event/2"),
    "another hash algorithm": ('"sha-256"', '"sha-512"'),
    "an unknown member": ('{"_sd_alg"', '{"_extra":1,"_sd_alg"'),
    "a chain id with a fraction": ("31337", "31337.0"),
    "a chain id beyond 2^53": ("31337", "9007199254740993"),
    "a mixed-case address": ("0x5fb", "0x5FB"),
    "a bundle with another name": ('"bundles":{}', '"bundles":{"secret":"x"}'),
    "a bundle that is no CID": ('"bundles":{}', '"bundles":{"public":"QmYwAP1"}'),
}


def _cases() -> dict[str, tuple[LexicalObject, list[Disclosure]]]:
    outer = disclosure.make(_SALT, "outer", {"_sd": [_FIELD.digest]})
    cases: dict[str, tuple[LexicalObject, list[Disclosure]]] = {
        "an unused disclosure": (_committed(), [_FIELD]),
        "a disclosure given twice": (_committed(_FIELD), [_FIELD, _FIELD]),
        "a digest that stands twice": (_committed(_FIELD, _FIELD), [_FIELD]),
        "a digest on two levels": (_committed(_FIELD, outer), [_FIELD, outer]),
        "a child without its parent": (_committed(outer), [_FIELD]),
        "an element disclosed as a member": (_committed(_ELEMENT), [_ELEMENT]),
        "no type": ({"_sd": [_FIELD.digest]}, [_FIELD]),
        "a field in clear": ({"type": "T", "bizStep": "shipping"}, []),
    }
    single: dict[str, tuple[str, LexicalValue, list[Disclosure]]] = {
        "a member disclosed as an element": ("l", [{"...": _FIELD.digest}], [_FIELD]),
        "a digest element with company": ("l", [{"...": _ELEMENT.digest, "b": ""}], [_ELEMENT]),
        "a digest element outside an array": ("l", {"...": _ELEMENT.digest}, []),
        "digests that are no list": ("l", {"_sd": "x"}, []),
        "a digest that is no string": ("l", {"_sd": [None]}, []),
        "a disclosure that overwrites the type": ("type", "U", []),
        "a reserved name": ("_sd", "x", []),
    }
    for name, (member, value, more) in single.items():
        made = disclosure.make(_SALT, member, value)
        cases[name] = (_committed(made), [made, *more])
    short = disclosure.make("short", "a", "x")
    return cases | {"a short salt": (_committed(short), [short])}


def _committed(*disclosures: Disclosure) -> LexicalObject:
    return {"type": "T", "_sd": [made.digest for made in disclosures]}
