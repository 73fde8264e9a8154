"""The linters that the syntax dictionary names: each takes a part of a value and gives its fault.

A fault is the name GS1's reference linters give it, in lower case; None = nothing is wrong. Whether
a company prefix was ever given out (`gcppos1`, `gcppos2`) only GS1's live register could tell: no
check in this project asks a server of somebody else's.
"""

from collections.abc import Callable, Mapping
from typing import Final

from core.gs1.linters import codes, coupons, dates, numbers, texts

Linter = Callable[[str], str | None]


LINTERS: Final[Mapping[str, Linter]] = {
    "couponcode": coupons.couponcode,
    "couponposoffer": coupons.couponposoffer,
    "cset39": texts.cset39,
    "cset64": texts.cset64,
    "cset82": texts.cset82,
    "csetnumeric": numbers.csetnumeric,
    "csum": numbers.csum,
    "csumalpha": numbers.csumalpha,
    "gcppos1": numbers.gcppos1,
    "gcppos2": numbers.gcppos2,
    "hasnondigit": numbers.hasnondigit,
    "hh": dates.hh,
    "hhmi": dates.hhmi,
    "hyphen": texts.hyphen,
    "iban": texts.iban,
    "importeridx": texts.importeridx,
    "iso3166": codes.iso3166,
    "iso3166999": codes.iso3166999,
    "iso3166alpha2": codes.iso3166alpha2,
    "iso4217": codes.iso4217,
    "iso5218": numbers.iso5218,
    "latitude": numbers.latitude,
    "longitude": numbers.longitude,
    "mediatype": codes.mediatype,
    "mi": dates.mi,
    "nonzero": numbers.nonzero,
    "nozeroprefix": numbers.nozeroprefix,
    "packagetype": codes.packagetype,
    "pcenc": texts.pcenc,
    "pieceoftotal": numbers.pieceoftotal,
    "posinseqslash": numbers.posinseqslash,
    "ss": dates.ss,
    "winding": numbers.winding,
    "yesno": numbers.yesno,
    "yymmd0": dates.yymmd0,
    "yymmdd": dates.yymmdd,
    "yyyymmd0": dates.yyyymmd0,
    "yyyymmdd": dates.yyyymmdd,
    "zero": numbers.zero,
}
