"""Identifiers, element strings, scans and Digital Links, against the vectors in tests/data/gs1."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote

from core.epcis import digital_link, epc_urn, identifiers, vocab
from core.epcis.epc_urn_writer import write
from core.epcis.xml.words import WORDS, Spelling
from core.gs1 import associations, elements, scan
from core.gs1.linters import LINTERS
from core.gs1.scan import Symbology
from scripts.conformance.row import Row, attempt, judged

_REGISTER: Final = ("gcp_datasource_offline", "invalid_gcp_prefix")
_RULES: Final = {
    "validateAImutex": associations.check_excluded,
    "validateAIrequisites": associations.check_required,
    "validateAIrepeats": associations.check_repeated,
    "validateDigSigRequiresSerialisedKey": associations.check_signature,
}
_CHECK_DIGIT: Final = "the vector's check digit is wrong"
_PIECE: Final = "the piece's number is greater than the total"
_WRONG: Final = {
    "http://example.de/gtin-8/01/97803111": _CHECK_DIGIT,
    "urn:epc:idpat:itip:493494.3399430.40.39.*": _PIECE,
    "urn:epc:idpat:itip:164759476414.5.56.34.*": _PIECE,
    "urn:epc:id:giai:42512183..SENSOR.TR-07-AVE-583:1": "a GIAI has at most 30 characters",
    "urn:epc:id:gsrnp:1234567890.1234567": _CHECK_DIGIT,
    "urn:epc:id:gsrnp:645933932413.12123": _CHECK_DIGIT,
    "urn:epc:id:upui:93594438.84737.8398439": _CHECK_DIGIT,
}
_SHORT: Final = "short GTINs are always read, as GS1's engine does when told to"
_LENIENT: Final = {
    "https://a/01/02345673": _SHORT,
    "https://a/8004/9520614141234567?01=02345673": _SHORT,
    "https://a/8004/9520614141234567?01=2112345678900": _SHORT,
    "https://[fe80::1%25lo]/01/12312312312333": "a zone id is the URL parser's business",
}
_NO_WORD: Final = ("SDT-processing_party", "er:other", "ER-other")
_TO_URI: Final = ("toURI", "toURIForClassLevelIdentifier")
_TO_URN: Final = ("toURN", "toURNForClassLevelIdentifier")


def rows(folder: Path) -> Iterator[Row]:
    """One for each file of vectors."""
    for name, (what, judge) in _FILES.items():
        lines = (folder / name).read_text("utf-8").splitlines()
        yield judged(f"gs1/{name}", what, map(json.loads, lines), judge)


def _canonical(vector: dict[str, Any]) -> bool | str:
    if not isinstance(vector["in"], str):
        return "no text is given"
    if vector["in"] in _WRONG:
        return _WRONG[vector["in"]]
    return bool(attempt(identifiers.product_uri, vector["in"]) == vector["expect"])


def _converted(vector: dict[str, Any]) -> bool | str:
    for text in (vector["in"], vector["expect"]):
        if text in _WRONG:
            return _WRONG[text]
    if not vector["in"].strip():
        return "no text is given"
    if vector["op"] in _TO_URI:
        made = identifiers.product_uri(vector["in"])
        return unquote(made) in (vector["expect"], unquote(vector["expect"]))
    if vector["op"] not in _TO_URN:
        return _spelled(vector["in"], vector["expect"])
    link = digital_link.parse(_escaped(vector["in"]))
    urn = write(link, len(vector["expect"].split(":", 4)[4].partition(".")[0]))
    return bool(unquote(urn) == vector["expect"]) and epc_urn.parse(urn) == link


def _spelled(text: str, expected: str) -> bool | str:
    """A word of the CBV in one of our spellings; what is no word of it stays."""
    known = [
        (name, word)
        for name in WORDS
        if (word := vocab.bare(name, text)) is not None and word in vocab.words(name)
    ]
    if known and text == expected:
        return "the vector asks for no translation"
    if expected.endswith(_NO_WORD):
        return "no such word is in the schema of EPCIS 2.0.1"
    ways = {way.of(name, word) for name, word in known for way in Spelling}
    return expected in (ways or {text})


def _escaped(uri: str) -> str:
    """OpenEPCIS leaves reserved characters of a key as they are, which is no URI."""
    scheme, _, rest = uri.partition("://")
    host, _, path = rest.partition("/")
    segments = path.split("/")
    if "8004" in segments or path.endswith("/"):  # here the slash belongs to the key
        at = segments.index("8004" if "8004" in segments else "21")
        segments = [*segments[: at + 1], "/".join(segments[at + 1 :])]
    return f"{scheme}://{host}/" + "/".join(quote(one, safe="") for one in segments)


def _validated(vector: dict[str, Any]) -> bool | str:
    if not vector["in"].startswith("urn:epc:"):
        return "OpenEPCIS checks no check digits of Digital Links"
    if vector["in"] in _WRONG:
        return _WRONG[vector["in"]]
    return bool((attempt(identifiers.product_uri, vector["in"]) is not None) == vector["valid"])


def _constrained(vector: dict[str, Any]) -> bool | str:
    if not vector["conformant"]:
        return "CBV's narrower form is not asked of events: what is wider is read too"
    return bool(identifiers.product_uri(vector["uri"]))


def _read_link(vector: dict[str, Any]) -> bool | str:
    if vector["dl_uri"] in _LENIENT:
        return _LENIENT[vector["dl_uri"]]
    found = attempt(digital_link.parse_elements, vector["dl_uri"])
    if found is None or not vector["should_succeed"]:
        return bool((found is not None) == vector["should_succeed"])
    return bool(elements.unbracketed(found) == vector["expect_element_string"])


def _written_link(vector: dict[str, Any]) -> bool:
    found = elements.parse_bracketed(vector["ai_element_string"])
    made = attempt(lambda stem: digital_link.from_elements(found, stem), vector["stem"])
    return bool((made or "") == vector["expect_dl_uri"])


def _scanned(vector: dict[str, Any]) -> bool | str:
    if vector["scan_data"] == "]Q1https://a/NOPRIMARYAI":
        return "a QR code may hold any URL: to us it is text"
    found = attempt(scan.parse, vector["scan_data"])
    if found is None or not vector["should_succeed"]:
        return bool((found is not None) == vector["should_succeed"])
    return bool(_as_engine_writes(found) == vector["expect_data"])


def _as_engine_writes(found: scan.Scan) -> str:
    """The engine's own notation: FNC1 as ^, a text that starts with one escaped."""
    if found.symbology in (Symbology.EAN_13, Symbology.EAN_8):
        length = 13 if found.symbology is Symbology.EAN_13 else 8
        gtin, composite = found.elements[0].value, found.elements[1:]
        return gtin[-length:] + ("|" + elements.unbracketed(composite) if composite else "")
    if found.elements:
        return elements.unbracketed(found.elements)
    return ("\\" if found.text.lstrip("\\").startswith("^") else "") + found.text


def _transmitted(vector: dict[str, Any]) -> bool | str:
    if (data := vector["expect_scan_data"]) == "NULL":
        return "the engine transmits nothing"
    return bool(scan.transmitted(scan.parse(data)) == data.rstrip("\x1d"))


def _linted(vector: dict[str, Any]) -> bool | str:
    expected = vector.get("error", "").removeprefix("GS1_LINTER_").lower() or None
    if expected in _REGISTER:
        return "only GS1's live register of company prefixes can tell"
    if vector["linter"] not in LINTERS:
        return "a test of GS1's test, of no linter"
    return bool(LINTERS[vector["linter"]](vector["input"]) == expected)


def _bracketed(vector: dict[str, Any]) -> bool:
    found = attempt(elements.parse_bracketed, vector["bracketed_ai"])
    return bool((elements.unbracketed(found) if found else "") == vector["expect_unbracketed"])


def _unbracketed(vector: dict[str, Any]) -> bool:
    found = attempt(elements.parse_unbracketed, vector["unbracketed_ai"])
    return bool((found is not None) == vector["should_succeed"])


def _associated(vector: dict[str, Any]) -> bool:
    def judge(text: str) -> bool:
        _RULES[vector["rule"]](elements.parse(text))
        return True

    return bool((attempt(judge, vector["bracketed_ai"]) is True) == vector["should_succeed"])


_FILES: Final = {
    "epc_to_canonical_dl.jsonl": ("URNs and links in canonical form", _canonical),
    "openepcis_convert.jsonl": ("URN to link, link to URN and back", _converted),
    "openepcis_validate.jsonl": ("which URNs are valid", _validated),
    "cbv_constrained_dl_uri.jsonl": ("links of CBV's form are read", _constrained),
    "parse_dl_uri.jsonl": ("a link's elements", _read_link),
    "generate_dl_uri.jsonl": ("a link made of elements", _written_link),
    "parse_bracketed_ai.jsonl": ("bracketed element strings", _bracketed),
    "process_ai_data.jsonl": ("element strings with FNC1", _unbracketed),
    "process_scan_data.jsonl": ("what scanners transmit", _scanned),
    "generate_scan_data.jsonl": ("what scanners should transmit", _transmitted),
    "validate_ai_rules.jsonl": ("what may stand beside what", _associated),
    "linters.jsonl": ("every linter's fault", _linted),
}
