"""The report as one HTML file: no script, nothing loaded, readable on paper and in the dark.

The signed JSON stands in it as text, so that the page can be checked like the JSON file.
"""

from collections.abc import Iterable, Sequence
from html import escape
from html.parser import HTMLParser
from typing import Any, Final

import orjson

from core.errors import BadInput

_ID: Final = "sr360-report"
_WORDS: Final = {
    "good": ("✓", "Good: everything was checked and everything holds."),
    "bad": ("✗", "Bad: something is wrong, named below."),
    "unchecked": ("?", "Not everything could be checked."),
}
_STYLE: Final = """\
:root{color-scheme:light dark;--ink:#1a1a1a;--paper:#fff;--line:#767676;--quiet:#4a4a4a;
--good:#0b5d1e;--bad:#9b1111;--unchecked:#7a4b00}
@media (prefers-color-scheme:dark){:root{--ink:#f0f0f0;--paper:#161616;--line:#8f8f8f;
--quiet:#c4c4c4;--good:#7fd694;--bad:#ff9c94;--unchecked:#f2c069}}
@media print{:root{--ink:#000;--paper:#fff;--line:#666;--quiet:#333;--good:#0b5d1e;--bad:#9b1111;
--unchecked:#7a4b00}details{display:none}tr{break-inside:avoid}}
body{margin:0 auto;padding:1.5rem;max-width:70rem;font:1rem/1.5 system-ui,sans-serif;
color:var(--ink);background:var(--paper)}
h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2rem 0 .5rem}
.verdict{border:2px solid;padding:.75rem 1rem;font-size:1.2rem;font-weight:700}
.good{color:var(--good)}.bad{color:var(--bad)}.unchecked{color:var(--unchecked)}
table{border-collapse:collapse;width:100%}caption{text-align:left;color:var(--quiet)}
th,td{border:1px solid var(--line);padding:.3rem .5rem;text-align:left;vertical-align:top;
overflow-wrap:anywhere}td.n{text-align:right;font-variant-numeric:tabular-nums}
code,pre{font:0.875rem/1.4 ui-monospace,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
.wide{overflow-x:auto}"""


def render(file: dict[str, Any]) -> str:
    """The page of a sealed report: the same text for the same file, always."""
    report, seal = file["report"], file["seal"]
    sign, words = _WORDS[report["verdict"]]
    chain = report["chain"]["chainId"]
    title = f"SmartRetail360 verify report, chain {chain}"
    parts = [
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
        "style-src 'unsafe-inline'\">",
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1>",
        f'<p class="verdict {report["verdict"]}"><span aria-hidden="true">{sign}</span> '
        f"{words}</p>",
        _section("Who answers for it", _pairs("Signature", _signed(seal))),
        _findings(report["findings"]),
        _listed("What could not be checked", report["unchecked"], "Everything was checked."),
        _listed("What the verdict rests on", report["restsOn"], "The chain's own headers."),
        _section("What was checked", _counts(report["checked"])),
        _section("Against what", _pairs("Chain, blocks and endpoints", _against(report))),
        _section("Contracts", _pairs("Addresses", report["chain"]["contracts"].items())),
        "<h2>The signed report</h2><p>Check this file offline: <code>sr360 verify "
        "--check-report FILE</code></p><details><summary>JSON</summary>",
        f'<pre id="{_ID}">{escape(orjson.dumps(file).decode())}</pre></details>',
        "</main></body></html>\n",
    ]
    return "\n".join(parts)


def embedded(text: str) -> str:
    """The JSON in a page. Raises BadInput when it holds none."""
    finder = _Finder()
    finder.feed(text)
    if finder.found is None:
        raise BadInput("the page holds no report")
    return finder.found


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: str | None = None
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "pre" and ("id", _ID) in attrs and self.found is None:
            self._inside, self.found = True, ""

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "pre"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.found = (self.found or "") + data


def _section(title: str, body: str) -> str:
    return f'<h2>{escape(title)}</h2><div class="wide">{body}</div>'


def _pairs(caption: str, pairs: Iterable[tuple[str, Any]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td><code>{escape(str(value))}</code></td></tr>'
        for name, value in pairs
    )
    return f"<table><caption>{escape(caption)}</caption>{rows}</table>"


def _table(caption: str, heads: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def _cell(value: Any) -> str:
    if isinstance(value, int):
        return f'<td class="n">{value:,}</td>'
    return f"<td>{escape(str(value))}</td>"


def _findings(findings: Sequence[dict[str, str]]) -> str:
    if not findings:
        return "<h2>Findings</h2><p>Nothing wrong was found.</p>"
    names = ("rule", "place", "message", "column", "expected", "found")
    rows = [[finding[name] for name in names] for finding in findings]
    return _section("Findings", _table(f"{len(rows)} found wrong", names, rows))


def _listed(title: str, lines: Sequence[str], none: str) -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<h2>{escape(title)}</h2>" + (
        f"<ul>{items}</ul>" if lines else f"<p>{escape(none)}</p>"
    )


def _counts(checked: dict[str, int]) -> str:
    return _table("Compared, or named as a finding", ("what", "how many"), checked.items())


def _signed(seal: dict[str, str] | None) -> list[tuple[str, str]]:
    if seal is None:
        return [("Auditor", "nobody: this report is unsigned")]
    return [
        ("Auditor", seal["auditor"]),
        ("Hash of the report", seal["reportHash"]),
        ("Signature", seal["signature"]),
    ]


def _against(report: dict[str, Any]) -> list[tuple[str, Any]]:
    blocks, options, software = report["blocks"], report["options"], report["software"]
    pairs = [("RPC endpoint", url) for url in report["endpoints"]["rpc"]]
    pairs += [("IPFS", report["endpoints"]["ipfs"]), ("Database", report["endpoints"]["database"])]
    if blocks:
        if blocks["first"]:
            pairs.append(("From block", f"{blocks['first']['number']} {blocks['first']['hash']}"))
        last = blocks["last"]
        pairs += [
            ("To block", f"{last['number']} {last['hash']}"),
            ("State root", last["stateRoot"]),
            ("Final up to", blocks["finalized"]),
            ("Hash over blocks and logs", report["digests"]["history"]),
            ("State digest", report["digests"]["state"]),
        ]
    pairs += [("Product", options["product"])] if options["product"] else []
    if options["since"]:
        pairs.append(("Since block", options["since"]["number"]))
    return [
        *pairs,
        ("Started", report["startedAt"]),
        ("Took", f"{report['durationMs'] / 1000:.1f} s in {options['jobs']} processes"),
        ("Software", f"{software['name']} {software['version']}"),
    ]
