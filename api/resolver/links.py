"""Links of a product: our own, and those its operator lists in `SR360_API__LINKS_FILE`."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, HttpUrl, TypeAdapter, ValidationError

from api import links as paths
from core.epcis import digital_link
from core.epcis.digital_link import DigitalLink
from core.errors import BadConfig, SmartRetailError

VOCABULARY: Final = "https://ref.gs1.org/voc/"
DEFAULT: Final = VOCABULARY + "defaultLink"
DEFAULTS: Final = VOCABULARY + "defaultLinkMulti"
"""All of several defaults, e.g. one a language."""
PROOF: Final = "describedby"
_OURS: Final = ("linkType", "context")


@dataclass(frozen=True, slots=True)
class Target:
    """One link, as a resolver knows it."""

    relation: str
    """Full URI of a link type, or a registered relation."""
    href: str
    title: str
    media: str
    languages: tuple[str, ...] = ("en",)
    contexts: tuple[str, ...] = ()
    forwards: bool = True
    """Whether the query string of the request is passed on."""

    def bare(self) -> dict[str, object]:
        """The target without optional attributes, as a default link is told."""
        return {"href": self.href, "title": self.title}

    def json(self) -> dict[str, object]:
        """A link target object (RFC 9264, 4.2.3); attributes that may repeat are arrays."""
        told = self.bare() | {"type": self.media}
        if self.languages:
            told["hreflang"] = list(self.languages)
        if self.contexts:
            told["context"] = list(self.contexts)
        return told if self.forwards else told | {"fwqs": False}

    def followed(self, query: str) -> str:
        """The address a request with this query string is sent to; what speaks to us stays here."""
        pairs = [pair for pair in query.split("&") if pair.partition("=")[0] not in _OURS]
        if not self.forwards or not (passed := "&".join(filter(None, pairs))):
            return self.href
        address, hash_, fragment = self.href.partition("#")
        return f"{address}{'&' if '?' in address else '?'}{passed}{hash_}{fragment}"


@dataclass(frozen=True, slots=True)
class Level:
    """All links of one anchor: an item, a lot or a class."""

    anchor: str
    targets: tuple[Target, ...]


class _Entry(BaseModel):
    """One link in the operator's file."""

    model_config = ConfigDict(extra="forbid")
    product: str
    link_type: str = Field(alias="linkType", min_length=1)
    href: HttpUrl
    title: str
    type: str = "text/html"
    hreflang: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    fwqs: bool = True


@dataclass(frozen=True)
class Listed:
    """The operator's links by canonical URI."""

    by_uri: Mapping[str, tuple[Target, ...]] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path | None) -> "Listed":
        """Raises BadConfig: the file cannot be read, or an entry is not a link of a GS1 key."""
        if path is None:
            return cls()
        hint = "Correct the file SR360_API__LINKS_FILE names; docs/reference/resolver.md has one."
        try:
            entries = TypeAdapter(list[_Entry]).validate_json(path.read_bytes())
            return cls(_grouped(entries))
        except (OSError, ValidationError, SmartRetailError) as error:
            raise BadConfig(f"{path}: {error}", hint=hint) from error


def _grouped(entries: Iterable[_Entry]) -> dict[str, tuple[Target, ...]]:
    found: dict[str, tuple[Target, ...]] = {}
    for entry in entries:
        uri = digital_link.parse(entry.product).canonical()
        found[uri] = (*found.get(uri, ()), _target(entry))
    return found


def _target(entry: _Entry) -> Target:
    return Target(
        relation=full(entry.link_type),
        href=str(entry.href),
        title=entry.title,
        media=entry.type,
        languages=entry.hreflang,
        contexts=entry.context,
        forwards=entry.fwqs,
    )


def full(link_type: str) -> str:
    """`gs1:pip` as its URI; anything else as it is."""
    return VOCABULARY + link_type[4:] if link_type.startswith("gs1:") else link_type


def short(relation: str) -> str:
    """The other way."""
    return relation.replace(VOCABULARY, "gs1:", 1)


def upwards(link: DigitalLink) -> Iterator[DigitalLink]:
    """The link itself, then without its last qualifier, down to the key: item, lot, class."""
    for kept in range(len(link.qualifiers), -1, -1):
        yield DigitalLink(link.key, link.value, link.qualifiers[:kept])


def of_product(public_url: str, uri: str) -> tuple[Target, ...]:
    """Our own links of a product that has a history."""
    page = paths.page(public_url, uri)
    html, data = "text/html", "application/json"
    return (
        Target(DEFAULT, page, "Product passport", html),
        Target(VOCABULARY + "pip", page, "Product passport", html),
        Target(VOCABULARY + "traceability", page, "Journey as data", data),
        # EPCIS refuses parameters that it does not know
        Target(
            *(VOCABULARY + "epcis", paths.events(public_url, uri), "EPCIS events", data),
            forwards=False,
        ),
        Target(
            VOCABULARY + "dpp", paths.dpp(public_url, uri), "EU passport", "application/ld+json"
        ),
        Target(VOCABULARY + "sustainabilityInfo", f"{page}#carbon", "Footprint", html),
        Target(VOCABULARY + "certificationInfo", f"{page}#certificates", "Certificates", html),
        Target(VOCABULARY + "recallStatus", f"{page}#recalls", "Recalls", html),
        Target(PROOF, paths.proof(public_url, uri), "Proof bundle", data),
    )


def of_class(public_url: str, uri: str) -> tuple[Target, ...]:
    """Our own links of a GTIN of which lots are recorded."""
    page = paths.page(public_url, uri)
    return (
        Target(DEFAULT, page, "Recorded lots", "text/html"),
        Target(VOCABULARY + "pip", page, "Recorded lots", "text/html"),
    )
