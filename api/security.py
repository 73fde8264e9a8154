"""What every answer carries for the browser's protection, and how much a request may send."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import TooLarge, response

_PLAIN: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(), microphone=()",
}
_STRICT: Final = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"


def passport_policy(rpc_url: str, style_hash: str) -> str:
    """Own script only, our one inline style, and the RPC endpoint the check asks."""
    return (
        f"{_STRICT}; script-src 'self'; style-src '{style_hash}'; img-src 'self' data:; "
        f"connect-src 'self' {origin(rpc_url)}"
    )


def app_policy() -> str:
    """The React app: a wallet's and a verifier's RPC endpoint may be anywhere."""
    return (
        f"{_STRICT}; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self'; worker-src 'self' blob:; "
        "manifest-src 'self'; connect-src 'self' http: https: ws: wss: data:"
    )


def tools_policy() -> str:
    """GraphiQL and Swagger UI: their editors write styles into the page, and nothing else."""
    return (
        f"{_STRICT}; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
        "font-src 'self' data:; connect-src 'self'; worker-src 'self'"
    )


def origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class SecurityHeaders:
    """Adds the plain headers, and the strictest policy where a route set none."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _PLAIN.items():
                    headers.setdefault(name, value)
                headers.setdefault("content-security-policy", _STRICT)
            await send(message)

        await self._app(scope, receive, send_with_headers)


class BodyLimit:
    """Refuses bodies over `limit` bytes, announced or not, before anything parses them."""

    def __init__(self, app: ASGIApp, limit: int, captured: int | None = None) -> None:
        self._app = app
        self._usual = limit
        self._captured = limit if captured is None else max(limit, captured)
        """Of `POST /capture`, whose route reads as it streams."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        is_capture = (scope["method"], scope["path"]) == ("POST", "/capture")
        limit = self._captured if is_capture else self._usual
        announced = dict(scope["headers"]).get(b"content-length", b"0")
        if not _at_most(announced, limit):
            await self._refuse(limit, scope, receive, send)
            return
        body = _Counted(receive, limit)
        try:
            await self._app(scope, body, send)
        except TooLarge:
            await self._refuse(limit, scope, receive, send)

    async def _refuse(self, limit: int, scope: Scope, receive: Receive, send: Send) -> None:
        error = TooLarge(f"the body is larger than {limit} bytes")
        await response(error)(scope, receive, send)


def _at_most(announced: bytes, limit: int) -> bool:
    """Whether a header is a number up to `limit`; one too long to be read as a number is not."""
    digits = announced.lstrip(b"0")
    few = announced.isdigit() and len(digits) <= len(str(limit))
    return few and int(digits or b"0") <= limit


class _Counted:
    """A receive that stops at the limit."""

    def __init__(self, receive: Receive, limit: int) -> None:
        self._receive = receive
        self._left = limit

    async def __call__(self) -> Message:
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise TooLarge("the body is larger than announced, or than allowed")
        return message
