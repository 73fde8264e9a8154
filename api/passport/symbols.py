"""A product's symbols: a QR code of its passport's address, a GS1 DataMatrix of its elements."""

import html
import io
import struct
import zlib
from typing import Any, Final

import segno
import zxingcpp

from core.epcis.digital_link import parse_elements
from core.errors import UnknownEntity
from core.gs1.elements import bracketed

SYMBOLS: Final = {
    "/qr.svg": "image/svg+xml",
    "/qr.png": "image/png",
    "/datamatrix.svg": "image/svg+xml",
    "/datamatrix.png": "image/png",
}
"""What may follow a product's path, with the media type."""
_SCALE: Final = 8
_QUIET: Final = 4
"""Modules: what a QR code needs around it; a Data Matrix needs one (ISO/IEC 16022)."""


def suffix_of(path: str) -> str | None:
    """Which symbol a path asks for."""
    return next((suffix for suffix in SYMBOLS if path.endswith(suffix)), None)


def draw(suffix: str, uri: str, address: str) -> bytes:
    """The symbol. Raises UnknownEntity for a suffix that is none."""
    match suffix:
        case "/qr.svg" | "/qr.png":
            return _qr(suffix[4:], uri, address)
        case "/datamatrix.svg" | "/datamatrix.png":
            return _data_matrix(suffix.rsplit(".", 1)[-1], uri)
    raise UnknownEntity(f"{suffix} is no symbol")


def _qr(kind: str, uri: str, address: str) -> bytes:
    """Error correction M (ISO/IEC 18004)."""
    code = segno.make(address, error="m", micro=False)
    if kind == "png":
        rows = code.matrix_iter(border=_QUIET)
        return _png([[0 if dark else 255 for dark in row] for row in rows])
    out = io.BytesIO()
    code.save(out, kind="svg", scale=4, border=_QUIET, light="#fff", title=f"Passport of {uri}")
    return out.getvalue()


def _data_matrix(kind: str, uri: str) -> bytes:
    """With FNC1 first and between values (GS1 General Specifications, 5.6)."""
    text = bracketed(parse_elements(uri))
    symbol = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix, gs1=True)
    image: Any = symbol.to_image(scale=1, add_quiet_zones=True)
    modules: list[list[int]] = memoryview(image).tolist()  # type: ignore[assignment] # two axes
    return _svg(modules, text) if kind == "svg" else _png(modules)


def _svg(modules: list[list[int]], title: str) -> bytes:
    dark = "".join(
        f"M{x} {y}h1v1h-1z" for y, row in enumerate(modules) for x, m in enumerate(row) if m == 0
    )
    side, size = len(modules), len(modules) * 4
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size}" height="{size}" '
        f'viewBox="0 0 {side} {side}"><title>{html.escape(title)}</title>'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{dark}"/></svg>'
    ).encode()


def _png(modules: list[list[int]]) -> bytes:
    """Eight-bit grey, each module a square (PNG, second edition)."""
    rows = [bytes(m for m in row for _ in range(_SCALE)) for row in modules]
    pixels = b"".join(b"\0" + row for row in rows for _ in range(_SCALE))
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows) * _SCALE, 8, 0, 0, 0, 0)
    parts = (b"IHDR", header), (b"IDAT", zlib.compress(pixels, 9)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
