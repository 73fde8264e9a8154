"""JSON-RPC over HTTP: one class, two calls, four ways to fail."""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit

import aiohttp
import orjson

from core.crypto import from_hex
from core.errors import Malformed, RpcUnavailable, SmartRetailError
from core.telemetry.traces import span

Call = tuple[str, Sequence[Any]]
Observe = Callable[[Sequence[str], float, str], None]
"""Told of each request: the methods in it, the seconds it took, its error's code or ''."""

MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
"""An endless answer is an endpoint's fault, not a reason to run out of memory."""

_EXECUTION_REVERTED = 3
"""The code geth, anvil and others give a reverted call (EIP-1474 leaves it open)."""
NOT_KNOWN: Final = frozenset({-32601, -32602})
"""JSON-RPC codes for a method or parameter a node does not know: it is well, it only cannot."""


class RpcFailed(RpcUnavailable):
    """The node answered with a JSON-RPC error; `details` holds its code, message and data."""

    code = "rpc_failed"


class RpcLimited(RpcUnavailable):
    """The endpoint asks to be asked less; `details` holds `retry_after_s` if it said how long."""

    code = "rpc_limited"
    hint_default = "Ask the provider for a higher limit, or name more endpoints."


class Answers(list[Any]):
    """Results of a batch, and how large the answer was."""

    size: int = 0
    """Bytes of JSON."""


def shown(url: str) -> str:
    """An endpoint as logs and callers may see it: hosted nodes carry a secret key in the path."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


class Rpc:
    """A connection to one node. Close it, or use it as an async context manager."""

    def __init__(self, url: str, *, timeout_s: float = 10, observe: Observe | None = None) -> None:
        self.url = url
        self._observe = observe
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._ids = itertools.count(1)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the pooled connections; the next call opens them again."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def call(self, method: str, *params: Any) -> Any:
        """The `result` of one call.

        Raises:
            RpcUnavailable: no connection, no answer in time, or no JSON-RPC in the answer.
            RpcLimited: the endpoint asks to be asked less.
            RpcFailed: the node refused.
            SmartRetailError: a contract reverted; core.chain.revert says which error it becomes.
        """
        with self._observed([method]):
            request = self._request(method, params)
            answer, _ = await self._post(orjson.dumps(request))
            return _result(method, answer)

    async def batch(self, calls: Sequence[Call]) -> Answers:
        """Results of many calls in their order, in one HTTP request. Raises as `call` does."""
        if not calls:
            return Answers()
        requests = [self._request(method, params) for method, params in calls]
        with self._observed([method for method, _ in calls]):
            answers, size = await self._post(orjson.dumps(requests))
            if not isinstance(answers, list):
                raise _refused("batch", answers)
            numbered = [a for a in answers if isinstance(a, dict) and isinstance(a.get("id"), int)]
            by_id = {answer["id"]: answer for answer in numbered}
            found = Answers(_result(r["method"], by_id.get(r["id"])) for r in requests)
            found.size = size
            return found

    @contextmanager
    def _observed(self, methods: Sequence[str]) -> Iterator[None]:
        """Tells the observer how the request inside went, and makes it a span."""
        started, code = time.monotonic(), "interrupted"
        try:
            with span("rpc", method=methods[0], calls=len(methods), endpoint=shown(self.url)):
                yield
            code = ""
        except SmartRetailError as error:
            code = error.code
            raise
        finally:
            if self._observe is not None:
                self._observe(methods, time.monotonic() - started, code)

    def _request(self, method: str, params: Sequence[Any]) -> dict[str, Any]:
        return {"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": list(params)}

    async def _post(self, body: bytes) -> tuple[Any, int]:
        try:
            async with self._open().post(self.url, data=body) as response:
                content = await self._read(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = str(error).replace(self.url, shown(self.url)) or type(error).__name__
            raise RpcUnavailable(f"{shown(self.url)} did not answer: {reason}") from error
        if response.status == HTTPStatus.TOO_MANY_REQUESTS or "Retry-After" in response.headers:
            raise _limited(self.url, response)
        try:
            return orjson.loads(content), len(content)
        except orjson.JSONDecodeError as error:
            raise RpcUnavailable(
                f"{shown(self.url)} answered HTTP {response.status} without JSON"
            ) from error

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        parts, size = [], 0
        async for part in response.content.iter_any():
            parts.append(part)
            size += len(part)
            if size > MAX_ANSWER_BYTES:
                raise RpcUnavailable(f"{shown(self.url)} answered over {MAX_ANSWER_BYTES} bytes")
        return b"".join(parts)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=self._timeout, headers={"content-type": "application/json"}
            )
        return self._session


def to_int(value: Any) -> int:
    """A JSON-RPC quantity such as `0x1b4`. Raises Malformed."""
    try:
        return int(value, 16)
    except (TypeError, ValueError) as error:
        raise Malformed(f"expected a 0x-hex quantity, got {value!r}") from error


def to_bytes(value: Any) -> bytes:
    """JSON-RPC data such as `0x00ff`. Raises Malformed."""
    return from_hex(value)


def _limited(url: str, response: aiohttp.ClientResponse) -> RpcLimited:
    """Retry-After may be a date too (RFC 9110, 10.2.3); that is left to the caller's patience."""
    after = response.headers.get("Retry-After", "")
    return RpcLimited(
        f"{shown(url)} answered HTTP {response.status}: too many requests",
        details={"retry_after_s": int(after)} if after.isdecimal() else {},
    )


def _result(method: str, answer: Any) -> Any:
    if isinstance(answer, dict) and "error" in answer:
        raise _refused(method, answer)
    if not isinstance(answer, dict) or "result" not in answer:
        raise RpcUnavailable(f"{method}: the answer is no JSON-RPC response")
    return answer["result"]


def _refused(method: str, answer: Any) -> SmartRetailError:
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return RpcUnavailable(f"{method}: the answer is no JSON-RPC response")
    message, data = str(error.get("message", "")), error.get("data")
    if error.get("code") == _EXECUTION_REVERTED or message.startswith("execution reverted"):
        # 6 MB of contract errors that a reader of blocks never sees
        from core.chain.revert import reverted

        return reverted(from_hex(data) if isinstance(data, str) else b"", message)
    return RpcFailed(
        f"{method}: {message}",
        hint="The node refused the request; its message says why.",
        details={"code": error.get("code"), "message": message, "data": data},
    )
