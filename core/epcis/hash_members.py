"""How each kind of member is written into the text of the CBV event hash.

Source: CBV 2.0 section 8.9.2; the names are those of the XML elements, which have wrappers JSON
does without.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Final, TypeAlias

from core.document.lexical import LexicalObject, LexicalValue
from core.epcis import vocab
from core.epcis.hash_values import Scope, canonical
from core.epcis.timestamps import in_utc
from core.errors import InvalidIdentifier

Writer: TypeAlias = Callable[[str, LexicalValue, Scope], str]

_COMMENTS: Final = frozenset({"rdfs:comment", "comment"})
"""What is left out below the event; `type` there is content."""


def members(
    raw: LexicalObject,
    order: Mapping[str, Writer],
    scope: Scope,
    ignored: Collection[str] = _COMMENTS,
) -> str:
    """Known members in their order, then extensions sorted by their text."""
    known = [write(name, raw[name], scope) for name, write in order.items() if name in raw]
    if len(known) < len(raw):
        rest = [name for name in raw if name not in order and name not in ignored]
        known += _extensions(raw, rest, scope) if rest else ()
    return "".join(known)


def _extensions(raw: LexicalObject, names: Iterable[str], scope: Scope) -> list[str]:
    """Their texts, sorted."""
    texts: list[str] = []
    for name in names:
        if not name.startswith("_comment"):
            _add(texts, name, raw[name], scope)
    texts.sort()
    return texts


def _add(texts: list[str], name: str, value: LexicalValue, scope: Scope) -> None:
    """One text for each value; an object's members follow its name, sorted."""
    if isinstance(value, list):
        for item in value:
            _add(texts, name, item, scope)
        return
    label = _expanded_name(name, scope.prefixes)
    if isinstance(value, dict):
        names = [inner for inner in value if inner != "rdfs:comment"]
        texts.append(label + "".join(_extensions(value, names, scope)))
    else:
        texts.append(f"{label}={text}" if (text := canonical(value, scope)) else label)


def _expanded_name(name: str, prefixes: Mapping[str, str]) -> str:
    prefix, colon, local = name.partition(":")
    return f"{{{prefixes[prefix]}}}{local}" if colon and prefix in prefixes else name


def leaf(name: str, value: LexicalValue, scope: Scope) -> str:
    """A plain value; nothing when it is empty."""
    return f"{name}={text}" if (text := canonical(value, scope)) else ""


def place(name: str, value: LexicalValue, scope: Scope) -> str:
    """A place, of which nearly always nothing but its identifier is told."""
    if isinstance(value, dict) and len(value) == 1 and "id" in value:
        return name + leaf("id", value["id"], scope)
    return _PLACE(name, value, scope)


def leaves(name: str, value: LexicalValue, scope: Scope) -> str:
    """A value or a list of values, sorted, the name before each."""
    values = value if isinstance(value, list) else [value]
    return "".join(sorted(leaf(name, item, scope) for item in values))


def write_time(name: str, value: LexicalValue, scope: Scope) -> str:
    """A time in UTC to the millisecond."""
    try:
        return f"{name}={in_utc(str(value))}"
    except (InvalidIdentifier, ValueError, OverflowError):
        return leaf(name, value, scope)  # no calendar year holds it, or it is no time at all


def term(vocabulary: str) -> Writer:
    """A CBV term in any spelling, as its web URI."""

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        return f"{name}={vocab.web_uri(vocabulary, scope.expanded(str(value)))}"

    return write


def terms(vocabulary: str) -> Writer:
    """One CBV term or a list of them."""

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        values = value if isinstance(value, list) else [value]
        return "".join(sorted(term(vocabulary)(name, item, scope) for item in values))

    return write


def bare_term(base: str) -> Writer:
    """A word of a vocabulary given bare, by prefix or by URI."""

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        text = str(value)
        return f"{name}={scope.expanded(text) if ':' in text else base + text}"

    return write


def write_list(child: str) -> Writer:
    """A list of plain values, each under the name its XML element has."""
    label = f"{child}="

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        texts = sorted(filter(None, (canonical(item, scope) for item in _as_list(value))))
        return f"{name}{label}{label.join(texts)}" if texts else ""

    return write


def objects(child: str, order: Mapping[str, Writer]) -> Writer:
    """A list of objects, sorted by their text; `child` is empty where XML has no wrapper."""

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        texts = sorted(
            child + members(item, order, scope)
            for item in _as_list(value)
            if isinstance(item, dict)
        )
        return name + "".join(texts) if any(texts) else ""

    return write


def repeated(order: Mapping[str, Writer]) -> Writer:
    """A list whose own name stands before each of its objects."""
    return lambda name, value, scope: objects(name, order)("", value, scope)


def write_object(order: Mapping[str, Writer]) -> Writer:
    """An object whose members have an order of their own."""

    def write(name: str, value: LexicalValue, scope: Scope) -> str:
        if not isinstance(value, dict):
            return ""
        return name + members(value, order, scope)

    return write


def _as_list(value: LexicalValue) -> list[LexicalValue]:
    return value if isinstance(value, list) else []


_PLACE: Final = write_object({"id": leaf})
