"""A supplier's side of `POST /capture`: prepare, sign with a wallet, follow until final."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import aiohttp

from core.config import Settings
from core.crypto import to_hex
from core.errors import BadInput, Conflict, Issue, NotPermitted, Retryable, SmartRetailError
from scripts.wallet import Wallet, demo_wallet, wallet_from_file

T = TypeVar("T")
FINAL_TIMEOUT_S: Final = 60.0
_BY_STATUS: Final[dict[int, type[SmartRetailError]]] = {
    403: NotPermitted,
    404: BadInput,
    409: Conflict,
    429: Retryable,
    503: Retryable,
}


class ApiClient:
    """The HTTP API as any partner sees it. Close it, or use it as an async context manager.

    With `patience_s`, a call that nobody answers is repeated for so long: every call we make is
    idempotent, a capture by its key and a signature by what it signs.
    """

    def __init__(self, url: str, *, patience_s: float = 0) -> None:
        self.url = url.rstrip("/")
        self._patience_s = patience_s
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self._session.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        params: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> Any:
        """The JSON answer. Raises Retryable when nobody answers, else the typed problem."""
        return await patiently(
            lambda: self._once(method, path, body, params, headers), self._patience_s
        )

    async def _once(
        self,
        method: str,
        path: str,
        body: bytes | None,
        params: dict[str, str] | None,
        headers: dict[str, str] | None,
    ) -> Any:
        wanted = {"content-type": "application/json", "accept": "application/json"}
        try:
            async with self._session.request(
                method, self.url + path, data=body, params=params, headers=wanted | (headers or {})
            ) as response:
                answer = await response.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Retryable(
                f"{self.url} did not answer: {error}", hint="Is it up? `sr360 up` starts it."
            ) from error
        if response.status >= 400:
            raise _problem(response.status, answer)
        return answer

    async def graphql(self, query: str, **variables: Any) -> Any:
        """The `data` of a GraphQL answer. Raises BadInput with the first error's message."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        answer = await self.request("POST", "/graphql", body=body)
        if answer.get("errors"):
            raise BadInput(answer["errors"][0]["message"])
        return answer["data"]


async def patiently(work: Callable[[], Awaitable[T]], patience_s: float) -> T:
    """Repeat `work` while it raises Retryable, at most for `patience_s`; then let it raise."""
    deadline = time.monotonic() + patience_s
    while True:
        try:
            return await work()
        except Retryable:
            if time.monotonic() >= deadline:
                raise
        await asyncio.sleep(0.3)


def _problem(status: int, answer: Any) -> SmartRetailError:
    """An RFC 9457 problem as the error it was before HTTP."""
    kind = _BY_STATUS.get(status, BadInput if status < 500 else Retryable)
    problem = answer if isinstance(answer, dict) else {}
    error = kind(
        str(problem.get("detail") or problem.get("title") or f"HTTP {status}"),
        hint=str(problem.get("hint", "")),
        pointer=str(problem.get("pointer", "")),
        issues=[
            Issue(i["rule"], i["pointer"], i["message"], i["hint"])
            for i in problem.get("issues", [])
        ],
    )
    error.code = str(problem.get("code", error.code))  # type: ignore[misc]
    return error


async def prepare(
    api: ApiClient,
    document: bytes,
    params: dict[str, str],
    *,
    key: str = "",
    choreography: str = "",
) -> list[dict[str, Any]]:
    """Capture a document: per event its id, sentence and typed data. Idempotent by `key`."""
    headers = {"idempotency-key": key} if key else {}
    if choreography:
        headers["sr360-choreography"] = choreography
    answer = await api.request("POST", "/capture", body=document, params=params, headers=headers)
    return list(answer["events"])


async def sign_and_submit(
    api: ApiClient, captured: dict[str, Any], signer: Wallet, receiver: Wallet | None
) -> None:
    """Sign one captured event, by both sides when it is a hand-over, and hand it to the relay."""
    typed_data = captured["typedData"]
    body = {"signature": to_hex(signer.sign_typed_data(typed_data))}
    if receiver is not None:
        body["counterSignature"] = to_hex(receiver.sign_typed_data(typed_data))
    path = f"/capture/{captured['id']}/signature"
    await api.request("POST", path, body=json.dumps(body).encode())


async def wait_for(api: ApiClient, capture_id: str, states: set[str]) -> dict[str, Any]:
    """Follow a capture until it is in one of `states`. Raises Retryable on time-out, Conflict."""
    deadline = time.monotonic() + FINAL_TIMEOUT_S
    while time.monotonic() < deadline:
        status: dict[str, Any] = await api.request("GET", f"/capture/{capture_id}")
        if status["state"] in states:
            return status
        if status["state"] == "failed":
            raise Conflict(str(status.get("error") or "the chain refused the event"))
        await asyncio.sleep(0.1)
    raise Retryable(f"capture {capture_id} is still {status['state']}; ask again later")


async def capture_file(
    settings: Settings, file: Path, *, key_file: Path | None, wallet: str, api_url: str
) -> dict[str, Any]:
    """`sr360 capture`: every event of a file, signed by one wallet, followed until final."""
    if (key_file is None) == (not wallet):
        raise BadInput("name the signer once", hint="Either --key-file FILE or --actor NAME.")
    signer = wallet_from_file(key_file) if key_file else demo_wallet(settings, wallet)
    document = await asyncio.to_thread(_read, file)
    events = []
    async with ApiClient(api_url) as api:
        for captured in await prepare(api, document, {"actor": to_hex(signer.address)}):
            await sign_and_submit(api, captured, signer, None)
            status = await wait_for(api, captured["id"], {"final"})
            events.append({**status, "sentence": captured["sentence"]})
    return {"events": events}


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise BadInput(f"{file} cannot be read: {error.strerror}", pointer="FILE") from error
