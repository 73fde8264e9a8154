"""`sr360 validate`: a document held against the rules on this machine, with no service running."""

import asyncio
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.epcis.choreography.judge import judge
from core.epcis.choreography.telling import telling
from core.epcis.profiles.evaluate import findings
from core.epcis.profiles.load import named, read_file
from core.epcis.profiles.model import Profile
from core.epcis.sift import sift
from core.epcis.xml import is_xml
from core.epcis.xml.xpath import xpath
from core.errors import BadInput, Issue


async def validate_file(file: Path, names: str, own: Path | None) -> dict[str, Any]:
    """`issues` and `warnings` of all five layers, each with rule, place, message and fix.

    What happened before the document is not known here. Raises Malformed, BadInput, BadConfig.
    """
    profiles = named(names, "--profile") + ((read_file(own),) if own else ())
    data = await asyncio.to_thread(_read, file)
    issues, warnings, events = _checked(data, profiles)
    if is_xml(data):
        issues, warnings = _with_xpath(issues), _with_xpath(warnings)
    return {
        "events": events,
        "issues": [asdict(issue) for issue in issues],
        "warnings": [asdict(issue) for issue in warnings],
    }


def _checked(data: bytes, profiles: tuple[Profile, ...]) -> tuple[list[Issue], list[Issue], int]:
    sifted = sift(data)
    issues: list[Issue] = list(sifted.issues)
    warnings: list[Issue] = []
    for event in sifted.events:
        for issue, warning in findings(event, profiles):
            (warnings if warning else issues).append(issue)
    for found in judge([telling(event, place) for place, event in enumerate(sifted.events)]):
        place = found.told.pointer + found.pointer
        issue = Issue(found.rule, place, found.message, found.hint)
        (warnings if found.warning else issues).append(issue)
    return issues, warnings, len(sifted.events)


def _with_xpath(issues: list[Issue]) -> list[Issue]:
    return [replace(one, xpath=xpath(one.pointer)) for one in issues]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}", pointer="FILE") from error
