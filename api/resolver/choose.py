"""Which of several links is meant: by link type, nearest level, context, language, media type."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from api.resolver.links import Level, Target, full


@dataclass(frozen=True, slots=True)
class Wish:
    """What a client said it wants."""

    link_type: str
    context: str | None = None
    accept_language: str | None = None
    accept: str | None = None


def choose(levels: Iterable[Level], wish: Wish) -> Target | None:
    """The link to follow; None if no level has one of this type.

    The nearest level that has the type decides; a wish nobody can meet there is dropped, so that a
    link is found rather than none.
    """
    relation = full(wish.link_type)
    for level in levels:
        found = [one for one in level.targets if relation == one.relation]
        if found:
            found = _by_context(found, wish.context)
            found = _by_language(found, wish.accept_language)
            return _by_media(found, wish.accept)[0]
    return None


def _by_context(found: list[Target], context: str | None) -> list[Target]:
    if context is not None and (meant := [one for one in found if context in one.contexts]):
        return meant
    return [one for one in found if not one.contexts] or found


def _by_language(found: list[Target], accept_language: str | None) -> list[Target]:
    """Lookup (RFC 4647, 3.4): `de-AT` finds `de-AT`, then `de`; then what has no language."""
    for wanted in _ranges(accept_language):
        for tag in _widening(wanted):
            if meant := [one for one in found if tag in map(str.lower, one.languages)]:
                return meant
    return [one for one in found if not one.languages] or found


def _by_media(found: list[Target], accept: str | None) -> list[Target]:
    for wanted in _ranges(accept):
        if meant := [one for one in found if _is_in(one.media, wanted)]:
            return meant
    return found


def _is_in(media: str, wanted: str) -> bool:
    return wanted in ("*/*", media) or (wanted.endswith("/*") and media.startswith(wanted[:-1]))


def _widening(tag: str) -> Iterator[str]:
    """`zh-hant-tw`, `zh-hant`, `zh`; a single letter goes together with what follows it."""
    parts = tag.split("-")
    while parts:
        yield "-".join(parts)
        parts.pop()
        if parts and len(parts[-1]) == 1:
            parts.pop()


def _ranges(header: str | None) -> list[str]:
    """The header's ranges, most wanted first; those of quality 0 are not wanted."""
    found = []
    for position, part in enumerate((header or "").lower().split(",")):
        value, *parameters = (piece.strip() for piece in part.split(";"))
        quality = next((_quality(p[2:]) for p in parameters if p.startswith("q=")), 1.0)
        if value and quality > 0:
            found.append((-quality, position, value))
    return [value for _, _, value in sorted(found)]


def _quality(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0
