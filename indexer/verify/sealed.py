"""A report that nobody can alter unseen: canonical JSON, its hash signed as EIP-712 typed data.

Everything to check a file stands in the file; only which auditor to trust is the reader's choice.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson
import rfc8785

from core.chain.client import to_bytes
from core.crypto import (
    Domain,
    StructType,
    address_of,
    checksum,
    digest,
    from_hex,
    recover,
    sha256,
    sign,
    to_address,
    to_hex,
    typed_data,
)
from core.errors import BadInput, SmartRetailError
from core.types import Address, BlockHash
from indexer.verify import page
from indexer.verify.base import Base
from indexer.verify.frame import software_version
from indexer.verify.report import FORMAT

SEAL: Final = StructType(
    "VerifyReport",
    (
        ("bytes32", "reportHash"),
        ("string", "verdict"),
        ("uint64", "blockNumber"),
        ("bytes32", "blockHash"),
    ),
)
"""What the auditor signs; a wallet that shows it shows the verdict."""
_NAME, _VERSION = "SmartRetail360 Audit", "1"


class ReportAltered(BadInput):
    """A report is not what its auditor signed."""

    code = "report_altered"
    hint_default = "Ask the auditor for the file again, or run `sr360 verify` yourself."


@dataclass(frozen=True, slots=True)
class Sealed:
    """A report as read from a file, its signature checked."""

    content: dict[str, Any]
    report_hash: bytes
    auditor: Address | None
    """Who signed; None for an unsigned report."""
    notes: tuple[str, ...] = ()
    """What could not be checked."""

    @property
    def signer(self) -> str:
        return "nobody" if self.auditor is None else checksum(self.auditor)


def seal(content: dict[str, Any], key: bytes | None) -> dict[str, Any]:
    """The file: the report and who answers for it. Without a key (32 bytes) nobody does."""
    if key is None:
        return {"report": content, "seal": None}
    report_hash = hash_of(content)
    signature = sign(key, _digest(content, report_hash))
    return {
        "report": content,
        "seal": {
            "auditor": checksum(address_of(key)),
            "reportHash": to_hex(report_hash),
            "signature": to_hex(signature),
        },
    }


def hash_of(content: dict[str, Any]) -> bytes:
    """SHA-256 of the report's RFC 8785 form. Raises ReportAltered when it has none."""
    try:
        return sha256(rfc8785.dumps(content))
    except rfc8785.CanonicalizationError as error:
        raise ReportAltered(f"the report has no canonical form: {error}") from error


def write(folder: Path, file: dict[str, Any]) -> tuple[Path, Path]:
    """The JSON and the HTML file, named by chain and block. Raises BadInput."""
    content = file["report"]
    blocks = content["blocks"]
    height = blocks["last"]["number"] if blocks else "none"
    stem = f"verify-{content['chain']['chainId']}-{height}"
    paths = folder / f"{stem}.json", folder / f"{stem}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        paths[0].write_bytes(orjson.dumps(file, option=orjson.OPT_INDENT_2) + b"\n")
        paths[1].write_text(page.render(file), encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"{folder} cannot be written: {error.strerror}", pointer="--report"
        ) from error
    return paths


def read(path: Path) -> Sealed:
    """A report file, JSON or HTML, signature checked.

    Raises:
        BadInput: the file cannot be read, or is no report.
        ReportAltered: it is not what was signed, or the page says something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{path} cannot be read: {error}", pointer=str(path)) from error
    is_page = text.lstrip().startswith("<!")
    file = _parsed(page.embedded(text) if is_page else text, path)
    sealed = _opened(file)
    return _compared(text, file, sealed) if is_page else sealed


def base_of(path: Path, trusted: Address | None) -> Base:
    """Where an audit that continues a report begins.

    Raises:
        BadInput: unsigned, found something wrong, or signed by another than the one to trust.
        ReportAltered: as `read`.
    """
    sealed = read(path)
    content = sealed.content
    if sealed.auditor is None:
        raise BadInput(f"{path.name} is unsigned: no audit can build on it", pointer="--since")
    if trusted is not None and trusted != sealed.auditor:
        raise BadInput(
            f"{path.name} is signed by {sealed.signer}, not by {checksum(trusted)}",
            pointer="--since",
        )
    if content["findings"] or content["blocks"] is None or content["options"]["product"]:
        raise BadInput(
            f"{path.name} is no base: it is not about the whole mirror, or something was wrong",
            pointer="--since",
        )
    last = content["blocks"]["last"]
    return Base(
        number=last["number"],
        hash=BlockHash(from_hex(last["hash"], length=32)),
        history=from_hex(content["digests"]["history"], length=32),
        deployment=from_hex(content["chain"]["deployment"], length=32),
        final=last["number"] <= content["blocks"]["finalized"],
        source=f"report {to_hex(sealed.report_hash)[:18]}… signed by {sealed.signer}",
    )


def _parsed(text: str, path: Path) -> dict[str, Any]:
    try:
        file = orjson.loads(text)
        if file["report"]["format"] == FORMAT and {*file} == {"report", "seal"}:
            return dict(file)
    except (orjson.JSONDecodeError, KeyError, TypeError):
        pass
    raise BadInput(f"{path} is no report of the format {FORMAT}", pointer=str(path))


def _opened(file: dict[str, Any]) -> Sealed:
    content, given = file["report"], file["seal"]
    report_hash = hash_of(content)
    if given is None:
        return Sealed(content, report_hash, None, ("nobody signed this report",))
    try:
        if to_bytes(given["reportHash"]) != report_hash:
            raise ReportAltered(
                f"the report's hash is {to_hex(report_hash)}, the seal says {given['reportHash']}"
            )
        auditor = recover(_digest(content, report_hash), to_bytes(given["signature"]))
        named = to_address(given["auditor"])
    except ReportAltered:
        raise
    except (SmartRetailError, KeyError, TypeError) as error:
        raise ReportAltered(f"the seal does not hold: {error}") from error
    if named != auditor:
        raise ReportAltered(
            f"the seal names {checksum(named)}, but the signature is {checksum(auditor)}'s"
        )
    return Sealed(content, report_hash, auditor)


def _compared(text: str, file: dict[str, Any], sealed: Sealed) -> Sealed:
    """The page must be what this release makes of the report in it."""
    try:
        made_by = sealed.content["software"]["version"]
        if page.render(file) == text:
            return sealed
    except (KeyError, TypeError, ValueError) as error:
        raise ReportAltered(f"the report in the page lacks {error}") from error
    if made_by == software_version():
        raise ReportAltered("the page does not say what the report in it says")
    note = f"release {made_by} laid out the page: only the report embedded in it was checked"
    return Sealed(sealed.content, sealed.report_hash, sealed.auditor, (*sealed.notes, note))


def typed(content: dict[str, Any]) -> dict[str, Any]:
    """What a wallet is asked to sign, as `eth_signTypedData_v4` takes it."""
    return typed_data(_domain(content), SEAL, *_values(content, hash_of(content)))


def _digest(content: dict[str, Any], report_hash: bytes) -> bytes:
    try:
        values = _values(content, report_hash)
        return digest(_domain(content), SEAL.struct_hash(*values))
    except (KeyError, TypeError) as error:
        raise ReportAltered(f"the report lacks {error}") from error


def _domain(content: dict[str, Any]) -> Domain:
    chain = content["chain"]
    contract = to_address(chain["contracts"]["SupplyChain"])
    return Domain(_NAME, _VERSION, chain["chainId"], contract)


def _values(content: dict[str, Any], report_hash: bytes) -> tuple[Any, ...]:
    blocks = content["blocks"]
    last = blocks["last"] if blocks else {"number": 0, "hash": to_hex(bytes(32))}
    block_hash = from_hex(last["hash"], length=32)
    return report_hash, content["verdict"], last["number"], block_hash
