"""Values of any shape as elements, the reverse of `generic.open_value`."""

import re
from collections.abc import Callable, Mapping
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from core.document.lexical import LexicalValue, Number, canonical
from core.epcis.xml.exact import NCNAME

WRAPPERS: Final = frozenset({"extension", "baseExtension"})
"""Elements of EPCIS 1.2 that the reader looks through."""
Tag = Callable[[str], str | None]
_NUMERIC: Final = frozenset(
    {"value", "minValue", "maxValue", "meanValue", "percRank", "percValue", "sDev"}
)
_PLAIN: Final = re.compile(r"[\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")


def open_element(name: str, value: LexicalValue, tag: Tag) -> str:
    """An element, or several for a list of several; what XML cannot show is marked as JSON."""
    if isinstance(value, list) and len(value) > 1 and not any(_nested(one) for one in value):
        return "".join(open_element(name, one, tag) for one in value)
    start, end = _tags(name, tag)
    if value is None:
        return f'<{start} xsi:nil="true"/>'
    if isinstance(value, dict) and value and not _repeats(value):
        inside = "".join(open_element(member, one, tag) for member, one in value.items())
        return f"<{start}>{inside}</{end}>"
    if isinstance(value, str) and is_plain(value):
        return f"<{start}>{escape(value)}</{end}>"
    return json_element(name, value, tag)


def json_element(name: str, value: LexicalValue, tag: Tag) -> str:
    """An element whose text is JSON."""
    start, end = _tags(name, tag)
    return f'<{start} j:type="json">{escape(ascii_json(value))}</{end}>'


def attribute_text(name: str, value: LexicalValue) -> tuple[str, bool]:
    """A member as an attribute's text, and whether a mark must say that the text is JSON."""
    if isinstance(value, Number) and name in _NUMERIC:
        return value.lexeme, False
    if isinstance(value, bool) and name == "booleanValue":
        return ("true" if value else "false"), False
    if isinstance(value, str) and is_plain(value) and name not in _NUMERIC:
        return value, False
    return ascii_json(value), True


def tag_of(name: str, declared: Mapping[str, str]) -> tuple[str | None, str]:
    """How an element of this name is written, None if it cannot be; and a prefix to declare."""
    prefix, colon, local = name.rpartition(":")
    if not NCNAME.fullmatch(local) or (colon and not NCNAME.fullmatch(prefix)):
        return None, ""
    if prefix.lower() in ("xml", "xmlns", "xsi", "j") or name in WRAPPERS:
        return None, ""
    return name, prefix if colon and prefix not in declared and prefix != "rdf" else ""


def is_plain(text: str) -> bool:
    """Whether the reader gives this text back: no control characters, no space around it."""
    return text == text.strip() and bool(_PLAIN.fullmatch(text))


def _tags(name: str, tag: Tag) -> tuple[str, str]:
    found = tag(name)
    if found is None:
        return f"j:member name={quoteattr(ascii_json(name))}", "j:member"
    return found, found


def _nested(value: LexicalValue) -> bool:
    """Lists in lists, which repetition cannot show."""
    return isinstance(value, list)


def _repeats(value: Mapping[str, LexicalValue]) -> bool:
    """Members that would be read in another way than they are written."""
    return "rdf:value" in value and not isinstance(value["rdf:value"], str)


def ascii_json(value: LexicalValue) -> str:
    """JSON text that holds no character XML forbids."""
    text = canonical(value)
    return "".join(one if _PLAIN.fullmatch(one) else f"\\u{ord(one):04x}" for one in text)
