"""A node that answers badly rather than wrongly, behind a real HTTP connection.

given a proxy before anvil that, at every third request,
├── answers nothing until the client gives up
├── answers 429, with and without JSON
├── cuts the JSON short, or closes the connection in the middle
├── answers a batch in another order, or without its last answer
└── lets the chain switch forks between two requests
the mirror catches up all the same, its tables equal to those of one that asked anvil itself;
and a node that fails now and then, while nothing new happens, is not asked ever more seldom.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import orjson
import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from core.crypto import keccak256
from indexer import main
from scripts.anvil import free_port

pytestmark = pytest.mark.slow

FAULTY = {"few": 4, "all": 25}
"""Requests that meet a fault before the node is well again."""
HANGING = {"few": 1, "all": 3}
"""Each takes the ten seconds after which our client gives up."""
Fault = Callable[["Proxy", web.Request, bytes], Awaitable[web.StreamResponse]]


@dataclass
class Proxy:
    """Hands requests on, except that some meet a fault."""

    url: str
    chain: object
    fault: Fault | None = None
    faults_left: int = 0
    asked: int = 0
    faults: int = 0
    strikes: Callable[[bytes], bool] = field(default_factory=lambda: at_every(3))
    """Whether a request with this body meets a fault."""
    switching: bool = False
    """A reorganisation is under way: anvil must not mine beside it."""

    async def answer(self, request: web.Request, honest: bytes) -> web.StreamResponse:
        self.asked += 1
        if self.fault is None or not self.faults_left or not self.strikes(await request.read()):
            return _json(honest)
        self.faults_left -= 1
        self.faults += 1
        return await self.fault(self, request, honest)


def at_every(number: int) -> Callable[[bytes], bool]:
    requests = itertools.count(1)
    return lambda _body: next(requests) % number == 0


def at_every_second_head() -> Callable[[bytes], bool]:
    heads = itertools.count(1)
    return lambda body: b'"latest"' in body and next(heads) % 2 == 0


@pytest_asyncio.fixture
async def proxy(chain) -> AsyncIterator[Proxy]:
    proxy = Proxy(f"http://127.0.0.1:{free_port()}", chain)
    async with ClientSession() as session:

        async def handle(request: web.Request) -> web.StreamResponse:
            async with session.post(chain.url, data=await request.read(), headers=_JSON) as got:
                honest = await got.read()
            return await proxy.answer(request, honest)

        app = web.Application()
        app.router.add_post("/", handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(proxy.url.rsplit(":", 1)[1])).start()
        yield proxy
        await runner.cleanup()


_JSON = {"content-type": "application/json"}


def _json(body: bytes, status: int = 200) -> web.Response:
    return web.Response(body=body, status=status, headers=_JSON)


async def hangs(_proxy: Proxy, _request: web.Request, _honest: bytes) -> web.StreamResponse:
    await asyncio.sleep(60)
    raise web.HTTPGatewayTimeout


async def limits_with_json(_proxy: Proxy, _r: web.Request, _honest: bytes) -> web.StreamResponse:
    error = {"code": -32005, "message": "rate limit exceeded"}
    return _json(orjson.dumps({"jsonrpc": "2.0", "id": None, "error": error}), 429)


async def limits_with_text(_proxy: Proxy, _r: web.Request, _honest: bytes) -> web.StreamResponse:
    return web.Response(text="Too Many Requests", status=429)


async def truncates(_proxy: Proxy, _request: web.Request, honest: bytes) -> web.StreamResponse:
    return _json(honest[: len(honest) // 2])


async def hangs_up(_proxy: Proxy, request: web.Request, honest: bytes) -> web.StreamResponse:
    response = web.StreamResponse(headers={**_JSON, "content-length": str(len(honest))})
    await response.prepare(request)
    await response.write(honest[: len(honest) // 2])
    assert request.transport is not None
    request.transport.close()
    return response


async def reorders(_proxy: Proxy, _request: web.Request, honest: bytes) -> web.StreamResponse:
    answers = orjson.loads(honest)
    return _json(orjson.dumps(answers[::-1] if isinstance(answers, list) else answers))


async def loses_one(_proxy: Proxy, _request: web.Request, honest: bytes) -> web.StreamResponse:
    answers = orjson.loads(honest)
    return _json(orjson.dumps(answers[:-1] if isinstance(answers, list) else {}))


async def switches_forks(proxy: Proxy, _request: web.Request, honest: bytes) -> web.StreamResponse:
    """The answer is of the old fork, the next will be of the new one."""
    proxy.switching = True
    await proxy.chain.rpc.call("anvil_reorg", 1 + proxy.faults % 2, [])  # type: ignore[attr-defined]
    proxy.switching = False
    return _json(honest)


FAULTS = (
    *(hangs, limits_with_json, limits_with_text, truncates, hangs_up, reorders, loses_one),
    switches_forks,
)


@pytest.fixture
def database_url() -> str:
    """What reaches the database does not depend on which one it is."""
    return ""


@pytest.mark.parametrize("fault", FAULTS)
async def test_catches_up_through(
    fault: Fault, chain, settings, other_settings, proxy, start_mirror, faults, record_property
) -> None:
    await chain.story()
    for i in range(5):
        await chain.record(keccak256(b"%d" % i))
    through = settings.chain.model_copy(update={"rpc_url": proxy.url, "log_range": 7})
    proxy.fault, proxy.faults_left = fault, (HANGING if fault is hangs else FAULTY)[faults]
    async with start_mirror(settings.model_copy(update={"chain": through})) as mirror:
        await mirror.until(lambda: _well(proxy), "the last fault")
        await chain.record(keccak256(b"the node is well again"))
        await mirror.reaches(chain)
        tables = await mirror.tables()
    async with start_mirror(other_settings) as other:
        await other.reaches(chain)
        assert await other.tables() == tables
    record_property("count", proxy.faults)
    record_property("outcome", f"{proxy.asked} requests, tables equal")


async def test_a_failure_long_after_another_is_like_the_first(
    chain, settings, proxy, start_mirror, monkeypatch
) -> None:
    """Ten waits, each twice as long as the one before, would not end here within a minute."""
    monkeypatch.setattr(main, "LAST_DELAY_S", 1000.0)
    through = settings.chain.model_copy(update={"rpc_url": proxy.url})
    async with start_mirror(settings.model_copy(update={"chain": through})) as mirror:
        await mirror.reaches(chain)
        proxy.strikes = at_every_second_head()
        proxy.fault, proxy.faults_left = limits_with_text, 10
        await mirror.until(lambda: _well(proxy), "the last fault")


async def _well(proxy: Proxy) -> bool:
    return proxy.faults_left == 0 and not proxy.switching
