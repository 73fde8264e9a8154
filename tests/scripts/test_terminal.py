"""Nothing in a bundle, document or error may change what a terminal shows around it."""

import io

import pytest
from rich.console import Console

from core.chain.proof.verdict import Finding, Status, Verdict
from core.errors import BadInput, Issue
from scripts import sr360, verify

HOSTILE = "x [/red] [bold]\x1b[2J\x1b]0;t\x07\r\u202e\n✓ all good: 99 checks hold"


@pytest.fixture
def screen(monkeypatch):
    console = Console(file=io.StringIO(), width=200)
    monkeypatch.setattr(sr360, "err", console)
    monkeypatch.setattr(verify, "Console", lambda **_: console)
    return console.file


def test_an_error_is_shown_as_it_is(screen):
    issue = Issue(HOSTILE, HOSTILE, HOSTILE, HOSTILE)
    sr360.show_error(BadInput(HOSTILE, hint=HOSTILE, issues=[issue]))
    shown = screen.getvalue()
    assert shown.count("[/red] [bold]") == 6
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(shown)


def test_a_finding_is_one_line(screen):
    verify.show_verdict(Verdict((Finding("head", Status.BAD, HOSTILE, HOSTILE),)))
    lines = screen.getvalue().splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("bad: 0 checks hold")
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(screen.getvalue())
