"""From a request's path to a product: the Digital Link as it was scanned, byte for byte."""

from dataclasses import dataclass

from fastapi import Request

from api import links
from core.epcis import digital_link
from core.epcis.digital_link import DigitalLink
from core.errors import InvalidIdentifier, Malformed


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a path names."""

    link: DigitalLink

    @property
    def uri(self) -> str:
        """The canonical URI products are recorded under."""
        return self.link.epcis_level().canonical()

    @property
    def is_class(self) -> bool:
        """A GTIN alone: all lots of a product, none of them meant in particular."""
        return self.link.key == "01" and not self.link.epcis_level().qualifiers


def scanned(request: Request, *, prefix: str = "", suffix: str = "") -> Scanned:
    """The product of a request. Raises InvalidIdentifier naming the rule that is broken."""
    # raw_path, because a lot may hold an escaped slash
    try:
        raw = request.scope["raw_path"].split(b"?")[0].decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("the path is not ASCII", hint="Percent-encode it.") from error
    path = raw.removeprefix(prefix).removesuffix(suffix)
    link = digital_link.parse(links.canonical(path))
    if link.key not in ("00", "01"):
        raise InvalidIdentifier(
            f"({link.key}) names no product or logistic unit",
            hint="Passports are under /01/… (products) and /00/… (logistic units).",
        )
    return Scanned(link)
