"""docs/reference/errors.md is what the code says, and a code means one thing."""

import re
from collections import Counter

import pytest

from core.chain.revert import ERRORS
from scripts import error_docs, error_docs_web
from scripts.error_docs_reverts import explained, unexplained


@pytest.fixture(scope="module")
def classes():
    return error_docs.error_classes()


def test_the_page_is_up_to_date():
    assert error_docs.PAGE.read_text() == error_docs.render(), "run python -m scripts.error_docs"


def test_the_browsers_sentences_are_up_to_date():
    for path, text in error_docs_web.files().items():
        assert path.read_text() == text, "run python -m scripts.error_docs"


def test_no_two_errors_share_a_code(classes):
    shared = [code for code, times in Counter(kind.code for kind in classes).items() if times > 1]
    assert shared == []


def test_every_error_says_what_it_is(classes):
    mute = [kind for kind in classes if "code" not in vars(kind) or not kind.__doc__]
    assert mute == []
    assert [k.code for k in classes if not re.fullmatch(r"[a-z]+(_[a-z]+)*", k.code)] == []


def test_every_custom_error_of_the_contracts_is_told():
    told = {one.signature.split("(")[0] for one in explained()} | set(unexplained())
    assert told == {kind.__name__ for kind in ERRORS.values()}


def test_codes_written_out_in_the_api_are_told():
    page = error_docs.PAGE.read_text()
    sources = [path.read_text() for path in (error_docs.ROOT / "api").rglob("*.py")]
    written = {code for text in sources for code in re.findall(r'"code": "(\w+)"', text)}
    assert written
    assert {code for code in written if f"| `{code}` |" not in page} == set()
