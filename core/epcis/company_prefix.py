"""How long company prefixes are, by GS1's own list of them.

A GS1 key does not tell where its company prefix ends, and an EPC URN must. GS1 publishes a list of
beginnings and lengths (GCPPrefixFormatList, JSON or XML, www.gs1.org/standards/bc-epc-interop),
which changes daily and is the operator's to fetch; without one, nobody's prefix is known.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from core.epcis.digital_link import DigitalLink
from core.errors import BadConfig

_LED: Final = ("00", "01", "8003", "8006")
"""Keys in front of whose prefix stands an extension, an indicator or a filler digit."""
_ENTRY: Final = re.compile(r'<entry\s+prefix="([^"]*)"\s+gcpLength="([^"]*)"\s*/?>')
_LONGEST: Final = 12


@dataclass(frozen=True, slots=True)
class PrefixLengths:
    """Beginnings of keys, and the length of the company prefixes that begin so; 0 for none."""

    lengths: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path | None) -> "PrefixLengths":
        """GS1's list from a file. Raises BadConfig."""
        if path is None:
            return cls()
        try:
            lengths = dict(_entries(path.read_text("utf-8-sig")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise _unreadable(path, str(error)) from error
        if not lengths:
            raise _unreadable(path, "it has no entry")
        return cls(lengths)

    def of(self, link: DigitalLink) -> int | None:
        """The length of a key's company prefix; None where the list does not say."""
        digits = link.value[1:] if link.key in _LED else link.value
        for end in range(1, _LONGEST + 1):
            if (length := self.lengths.get(digits[:end])) is not None:
                return length or None
        return None


NO_LENGTHS: Final = PrefixLengths()


def _entries(text: str) -> Iterator[tuple[str, int]]:
    found: Any = _ENTRY.findall(text)
    if not text.lstrip().startswith("<"):
        listed = json.loads(text)["GCPPrefixFormatList"]["entry"]
        found = [(one["prefix"], one["gcpLength"]) for one in listed]
    for prefix, length in found:
        if not (str(prefix).isascii() and str(prefix).isdigit() and 0 <= int(length) <= _LONGEST):
            raise ValueError(f"{prefix!r} with {length!r} digits is no entry")
        yield str(prefix), int(length)


def _unreadable(path: Path, why: str) -> BadConfig:
    return BadConfig(
        f"{path} is not GS1's list of prefix lengths: {why}"[:300],
        hint="SR360_API__GCP_LENGTHS_FILE names gcpprefixformatlist.json or .xml as GS1 has it.",
    )
