"""Linters of codes from lists: countries, currencies, packages, media."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files


@cache
def code_lists() -> dict[str, frozenset[str]]:
    """Every list of the bundled file by its name."""
    text = (files("core.gs1") / "data" / "code-lists.txt").read_text("utf-8")
    sections = text.split("\n[")[1:]
    pairs = (section.split("]\n", 1) for section in sections)
    return {name: frozenset(codes.split()) for name, codes in pairs}


def listed(name: str, fault: str) -> Callable[[str], str | None]:
    """A linter that takes what the list of this name holds."""
    return lambda text: None if text in code_lists()[name] else fault


iso3166 = listed("iso3166", "not_iso3166")
iso3166alpha2 = listed("iso3166alpha2", "not_iso3166_alpha2")
iso4217 = listed("iso4217", "not_iso4217")
packagetype = listed("packagetype", "invalid_package_type")
mediatype = listed("mediatype", "invalid_media_type")


def iso3166999(text: str) -> str | None:
    """999 stands for several countries."""
    return None if text == "999" or iso3166(text) is None else "not_iso3166_or_999"
