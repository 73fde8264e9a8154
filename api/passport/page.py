"""The HTML: one template, its style inline and named by hash in the policy, no blocking script."""

import base64
import hashlib
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

import jinja2

from api.exports import linked
from api.passport.chart import chart, degrees
from core.config import Settings

_FOLDER: Final = Path(__file__).parent / "templates"
_STYLE: Final = " ".join((_FOLDER / "style.css").read_text().split())
STYLE_HASH: Final = "sha256-" + base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_ENVIRONMENT: Final = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)


def passport(told: dict[str, Any], settings: Settings, found: dict[str, str]) -> str:
    """The page of one product."""
    return _render(
        "passport.html",
        p=told,
        rpc_url=settings.public_rpc_url,
        links=found,
        linked=linked.web_vocabulary(told),
    )


def missing(title: str, sentence: str, hint: str) -> str:
    """A page that explains why there is no passport."""
    return _render("missing.html", title=title, sentence=sentence, hint=hint)


def lots(gtin: str, products: list[dict[str, Any]], missing: str | None = None) -> str:
    """The recorded lots and items of one GTIN; `missing` is one that was asked for in vain."""
    return _render("lots.html", gtin=gtin, products=products, missing=missing)


def _render(name: str, **values: Any) -> str:
    return _ENVIRONMENT.get_template(name).render(style=_STYLE, **values)


def _reference(text: str) -> str | None:
    """A link for a certificate reference; None for what no browser should follow."""
    if text.startswith("ipfs://"):
        return f"/ipfs/{quote(text.removeprefix('ipfs://'), safe='')}"
    try:
        scheme = urlsplit(text).scheme
    except ValueError:  # what strangers record need not be a URL
        return None
    return text if scheme in ("http", "https") else None


def _kilograms(grams: int) -> str:
    """Grams as kilograms, exact: 1240500 -> `1,240.5`."""
    kilograms = Decimal(grams).scaleb(-3)
    return f"{kilograms.normalize():,f}" if kilograms else "0"


def _path(uri: str) -> str:
    """The path of one of our own URLs or of a canonical URI, so that links stay on this origin."""
    return "/" + uri.split("/", 3)[-1]


def _short(text: str) -> str:
    """A hash or address that fits a phone."""
    return f"{text[:8]}…{text[-6:]}" if len(text) > 20 else text


_ENVIRONMENT.filters.update(
    chart=chart,
    degrees=degrees,
    kilograms=_kilograms,
    path=_path,
    reference=_reference,
    short=_short,
)
