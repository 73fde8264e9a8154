"""Files that events refer to, by CID, for readers who have no IPFS client at hand."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from api.deps import WithServices

router = APIRouter(tags=["ipfs"])

MAX_FILE_BYTES: Final = 10_000_000


@router.get("/ipfs/{cid}")
async def file(cid: str, services: WithServices) -> Response:
    """A file's bytes, re-hashed on the way; as text or a download, never as a page."""
    data = await services.ipfs.cat(cid, max_bytes=MAX_FILE_BYTES)
    headers = {
        "content-security-policy": "sandbox",
        "cache-control": "public, max-age=31536000, immutable",
        "etag": f'"{cid}"',
    }
    return Response(data, 200, headers, _media(data))


def _media(data: bytes) -> str:
    """Strangers wrote this: nothing a browser would run."""
    if data.startswith(b"%PDF-"):
        return "application/pdf"
    try:
        data.decode()
    except UnicodeDecodeError:
        return "application/octet-stream"
    return "text/plain; charset=utf-8"
