"""Which AIs may, must and must not stand beside each other on one item.

Source: GS1 General Specifications, section 4.14, as the syntax dictionary's `req` and `ex` say it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from core.gs1.dictionary import application_identifiers, matches
from core.gs1.elements import Element
from core.gs1.refusal import refuse

_SIGNATURE: Final = "8030"
_SERIALISED: Final = ("253", "255", "8003")


def check(elements: Sequence[Element]) -> None:
    """Pass silently if these elements, of all barcodes on an item, belong together.

    Raises InvalidIdentifier with one of the rules below.
    """
    check_excluded(elements)
    check_required(elements)
    check_repeated(elements)
    check_signature(elements)


def check_excluded(elements: Sequence[Element]) -> None:
    """Rule `gs1.excluded_pair`: an AI that another one excludes."""
    present = {element.ai for element in elements}
    for ai in sorted(present):
        for pattern in application_identifiers()[ai].excludes:
            if others := sorted(one for one in present - {ai} if matches(pattern, one)):
                message = f"({ai}) and ({others[0]}) exclude each other"
                raise refuse("gs1.excluded_pair", message, f"Leave out ({ai}) or ({others[0]}).")


def check_required(elements: Sequence[Element]) -> None:
    """Rule `gs1.missing_association`: an AI without the one it says something about."""
    present = {element.ai for element in elements}
    for ai in sorted(present):
        for groups in application_identifiers()[ai].requires:
            if not any(_met(group, present - {ai}) for group in groups):
                wanted = ", or ".join(" with ".join(f"({a})" for a in group) for group in groups)
                message = f"({ai}) says something about an item that is not named"
                raise refuse("gs1.missing_association", message, f"Add {wanted}.")


def check_repeated(elements: Sequence[Element]) -> None:
    """Rule `gs1.contradiction`: one AI twice with different values."""
    known: dict[str, str] = {}
    for element in elements:
        if known.setdefault(element.ai, element.value) != element.value:
            values = f"{known[element.ai]!r} and {element.value!r}"
            message = f"({element.ai}) is both {values}"
            raise refuse("gs1.contradiction", message, "Scan the barcodes of one item only.")


def check_signature(elements: Sequence[Element]) -> None:
    """Rule `gs1.signature_without_serial`: (8030) signs one thing, so its key needs a serial."""
    if all(element.ai != _SIGNATURE for element in elements):
        return
    for element in elements:
        entry = application_identifiers()[element.ai]
        if element.ai in _SERIALISED and len(element.value) == entry.shortest:
            message = f"({element.ai}) has no serial, but (8030) signs it"
            raise refuse("gs1.signature_without_serial", message, "Add the serial component.")


def _met(group: Iterable[str], present: Iterable[str]) -> bool:
    there = list(present)
    return all(any(matches(pattern, ai) for ai in there) for pattern in group)
