"""The `GS1-…` headers: what this repository speaks, and what a request wants of it."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from fastapi import Request
from starlette.responses import Response

from core.epcis.query.errors import NotAcceptable

ChoiceT = TypeVar("ChoiceT", bound=StrEnum)

EPCIS_VERSION: Final = "2.0.0"
CBV_VERSION: Final = "2.0.0"
OLDEST: Final = "1.2.0"
"""What capture still reads; answers are 2.0."""
VENDOR_VERSION: Final = "SmartRetail360-1"

VERSIONS: Final = {"GS1-EPCIS-Version": EPCIS_VERSION, "GS1-CBV-Version": CBV_VERSION}
"""What every answer carries."""
_VERSION: Final = re.compile(r"(\d+)\.(\d+)(?:\.(\d+))?")


class EpcFormat(StrEnum):
    """How identifiers are written in an answer."""

    NO_PREFERENCE = "No_Preference"
    DIGITAL_LINK = "Always_GS1_Digital_Link"
    URN = "Always_EPC_URN"
    UNCHANGED = "Never_Translates"


class CbvFormat(StrEnum):
    """How words of the CBV are written in XML."""

    NO_PREFERENCE = "No_Preference"
    WEB_URI = "Always_Web_URI"
    URN = "Always_URN"
    UNCHANGED = "Never_Translates"


def discovery(allow: str, extra: Mapping[str, str] | None = None) -> Response:
    """The answer to OPTIONS."""
    headers = VERSIONS | {
        "Allow": allow,
        "GS1-EPCIS-Min": OLDEST,
        "GS1-EPCIS-Max": EPCIS_VERSION,
        "GS1-CBV-Min": OLDEST,
        "GS1-CBV-Max": CBV_VERSION,
        "GS1-EPC-Format": EpcFormat.UNCHANGED,
        "GS1-CBV-XML-Format": CbvFormat.URN,
        "GS1-Vendor-Version": VENDOR_VERSION,
    }
    return Response(status_code=204, headers=headers | dict(extra or {}))


def check_versions(request: Request) -> None:
    """Whether an answer of 2.0 is what the request can read. Raises NotAcceptable."""
    for name, ours in (("EPCIS", EPCIS_VERSION), ("CBV", CBV_VERSION)):
        lowest = _version(request, f"GS1-{name}-Min")
        highest = _version(request, f"GS1-{name}-Max")
        own = _parts(ours)
        if (lowest and lowest[:2] > own[:2]) or (highest and highest[:2] < own[:2]):
            raise NotAcceptable(
                f"answers are in {name} {ours}, which the request excludes",
                pointer=f"GS1-{name}-Max" if highest and highest < own else f"GS1-{name}-Min",
            )


def epc_format(request: Request) -> EpcFormat:
    """What the request wishes. Raises NotAcceptable for a word that is none."""
    return _choice(request, "GS1-EPC-Format", EpcFormat, EpcFormat.NO_PREFERENCE)


def cbv_format(request: Request) -> CbvFormat:
    return _choice(request, "GS1-CBV-XML-Format", CbvFormat, CbvFormat.NO_PREFERENCE)


def _choice(request: Request, name: str, kind: type[ChoiceT], default: ChoiceT) -> ChoiceT:
    text = request.headers.get(name)
    if text is None:
        return default
    if text not in list(kind):
        hint = f"Use {', '.join(kind)}."
        raise NotAcceptable(f"{name} {text[:80]!r} is unknown", pointer=name, hint=hint)
    return kind(text)


def _version(request: Request, name: str) -> tuple[int, int, int] | None:
    text = request.headers.get(name)
    if text is None:
        return None
    if not _VERSION.fullmatch(text.strip()):
        hint = "Write it like 2.0.0."
        raise NotAcceptable(f"{name} {text[:40]!r} is no version", pointer=name, hint=hint)
    return _parts(text.strip())


def _parts(text: str) -> tuple[int, int, int]:
    match = _VERSION.fullmatch(text)
    assert match is not None, "checked before"
    return int(match[1]), int(match[2]), int(match[3] or 0)
