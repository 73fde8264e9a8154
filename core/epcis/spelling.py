"""An event with its identifiers spelled as Digital Links, or as EPC URNs; nothing else is touched.

A Digital Link does not tell how long its company prefix is: it can be written as a URN where GS1's
list of prefixes says so (EPC Tag Data Standard section 7).
"""

from collections.abc import Callable
from typing import Final

from core.document.lexical import LexicalObject, LexicalValue
from core.epcis import digital_link, epc_urn_writer, identifiers
from core.epcis.company_prefix import PrefixLengths
from core.errors import InvalidIdentifier
from core.gs1.refusal import refuse

Speller = Callable[[str], str]

_LISTS: Final = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_NAMED: Final = {
    "quantityList": "epcClass",
    "childQuantityList": "epcClass",
    "inputQuantityList": "epcClass",
    "outputQuantityList": "epcClass",
    "bizTransactionList": "bizTransaction",
    "sourceList": "source",
    "destinationList": "destination",
}
_PLACES: Final = ("readPoint", "bizLocation")


def digital_links(event: LexicalObject) -> LexicalObject:
    """EPC URNs become canonical Digital Links; Digital Links of whatever domain stay."""
    return _spelled(event, lambda text: _link(text) if identifiers.is_epc_urn(text) else text)


def urns(event: LexicalObject, lengths: PrefixLengths) -> LexicalObject:
    """URNs stay. Raises InvalidIdentifier (`gs1.epc_urn`) for a Digital Link that has none, or
    whose company prefix is not in the list."""
    return _spelled(event, lambda text: _urn(text, lengths))


def _link(text: str) -> str:
    try:
        return identifiers.parse(text).canonical()
    except InvalidIdentifier:
        return text  # a business transaction of a scheme that is no key


def _urn(text: str, lengths: PrefixLengths) -> str:
    if not text.startswith(("http://", "https://")):
        return text
    try:
        link = digital_link.parse(text).epcis_level()
    except InvalidIdentifier:
        return text
    length = lengths.of(link)
    if length is None:
        hint = "Leave GS1-EPC-Format out, or ask for Always_GS1_Digital_Link."
        message = f"nobody here knows how long the company prefix of {text[:120]} is"
        raise refuse("gs1.epc_urn", message, hint)
    urn = epc_urn_writer.write(link, length)
    if identifiers.parse(urn).canonical() != link.canonical():
        hint = "Leave GS1-EPC-Format out, or ask for Always_GS1_Digital_Link."
        raise refuse("gs1.epc_urn", f"no EPC URN says all that {text[:120]} does", hint)
    return urn


def _spelled(event: LexicalObject, spell: Speller) -> LexicalObject:
    return {name: _member(name, value, spell) for name, value in event.items()}


def _member(name: str, value: LexicalValue, spell: Speller) -> LexicalValue:
    if name == "parentID" and isinstance(value, str):
        return spell(value)
    if name in _PLACES:
        return _with(value, "id", spell)
    if name in _LISTS and isinstance(value, list):
        return [spell(item) if isinstance(item, str) else item for item in value]
    if name in _NAMED and isinstance(value, list):
        return [_with(item, _NAMED[name], spell) for item in value]
    return value


def _with(value: LexicalValue, name: str, spell: Speller) -> LexicalValue:
    if isinstance(value, dict) and isinstance(text := value.get(name), str):
        return value | {name: spell(text)}
    return value
