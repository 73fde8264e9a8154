"""EPC patterns of queries.

a pattern
├── with stars -> the beginnings of what it stands for
├── without -> the one thing it names
└── that is wrong -> refused
"""

import pytest

from core.epcis.query import patterns
from core.errors import InvalidIdentifier


@pytest.mark.parametrize(
    ("pattern", "beginnings"),
    [
        ("sgln:9521141.*.*", ("https://id.gs1.org/414/9521141",)),
        ("giai:9521141.*", ("https://id.gs1.org/8004/9521141",)),
        ("gid:1.2.*", ("urn:epc:id:gid:1.2.",)),
        ("gid:*.*.*", ("urn:epc:id:gid:",)),
        ("usdod:2S194.*", ("urn:epc:id:usdod:2S194.",)),
        ("adi:2S194..*", ("urn:epc:id:adi:2S194..",)),
    ],
)
def test_stars_leave_a_beginning(pattern: str, beginnings: tuple[str, ...]) -> None:
    assert patterns.is_pattern(f"urn:epc:idpat:{pattern}")
    assert patterns.prefixes(f"urn:epc:idpat:{pattern}") == beginnings


@pytest.mark.parametrize("body", ["sgtin:9521141.012345.1", "sgtin:9521141.012345.1*2"])
def test_a_pattern_without_a_star_names_one_thing(body: str) -> None:
    assert not patterns.is_pattern(f"urn:epc:idpat:{body}")
    assert patterns.single(f"urn:epc:idpat:{body}") == f"urn:epc:id:{body}"


@pytest.mark.parametrize(
    "pattern",
    ["gid:1.*.3", "gid:1.*", "bic:*", "nonsense:1.*", "sgtin:9521141.*", "giai:\u0669521141.*"],
)
def test_a_wrong_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(InvalidIdentifier):
        patterns.prefixes(f"urn:epc:idpat:{pattern}")
