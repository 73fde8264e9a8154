"""Each custom error our contracts declare is provoked by a forge test and explained on the page."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONTRACTS = ROOT / "contracts"
NOT_OURS = {"node_modules", "out", "cache", "test"}

_HOLDER = re.compile(
    r"^(?:abstract contract|contract|interface|library) (\w+)(?: is ([^{]+))?", re.MULTILINE
)
_ERROR = re.compile(r"^\s*error (\w+)\(", re.MULTILINE)


def _sources() -> list[str]:
    paths = (one for one in CONTRACTS.rglob("*.sol") if not NOT_OURS & set(one.parts))
    return [one.read_text() for one in paths]


def _declared() -> Iterator[tuple[str, str]]:
    """(contract, interface or library, error) of each declaration."""
    for source in _sources():
        holders = [(one.start(), one[1]) for one in _HOLDER.finditer(source)]
        for error in _ERROR.finditer(source):
            yield max(one for one in holders if one[0] < error.start())[1], error[1]


def _parents() -> dict[str, set[str]]:
    found = [one for source in _sources() for one in _HOLDER.finditer(source)]
    return {one[1]: set(re.findall(r"\w+", re.sub(r"\(.*?\)", "", one[2] or ""))) for one in found}


def _family(name: str, parents: dict[str, set[str]]) -> set[str]:
    """The holder and everything it inherits from: its errors may be named through it."""
    return {name}.union(*(_family(one, parents) for one in parents.get(name, ())))


DECLARED = sorted(_declared())
TESTS = "\n".join(path.read_text() for path in sorted((CONTRACTS / "test").rglob("*.sol")))
PARENTS = _parents()
EXPECTED = {
    (holder, error)
    for named, error in re.findall(r"\b(\w+)\s*\.\s*(\w+)\.selector\b", TESTS)
    for holder in _family(named, PARENTS)
}


def test_the_declarations_are_found():
    assert {"StaleHead", "SerialsTaken", "InvalidConfig"} <= {error for _, error in DECLARED}


@pytest.mark.parametrize(("holder", "error"), DECLARED)
def test_a_forge_test_provokes_it(holder: str, error: str):
    assert (holder, error) in EXPECTED, f"no test expects {holder}.{error}.selector"


@pytest.mark.parametrize("error", sorted({error for _, error in DECLARED}))
def test_the_page_explains_it(error: str):
    page = (ROOT / "docs/reference/errors.md").read_text()
    assert re.search(rf"`{error}\(", page), f"{error} is not in docs/reference/errors.md"
