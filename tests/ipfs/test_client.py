"""Our client: typed errors, and no belief in what a node says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from core.errors import BlockAltered, BlockMissing, IpfsUnavailable, Malformed
from core.ipfs.blockstore import MAX_BLOCK
from core.ipfs.cid import sha256_cid
from core.ipfs.client import Ipfs, multiaddress
from core.ipfs.node import Node
from tests.ipfs.conftest import content

ABSENT = sha256_cid(b"nobody stored this").text()


async def test_block_round_trip(ipfs: Ipfs) -> None:
    cid = await ipfs.put_block(b"payload")
    assert cid == sha256_cid(b"payload").text()
    assert await ipfs.get_block(cid) == b"payload"
    assert await ipfs.has_block(cid)
    assert not await ipfs.has_block(ABSENT)


async def test_stored_blocks_are_pinned_against_garbage_collection(ipfs: Ipfs, node: Node) -> None:
    cid = await ipfs.put_block(b"payload")
    assert [pin.text() for pin, _ in node.repo.pins.roots()] == [cid]
    await ipfs.remove_block(cid)
    assert list(node.repo.pins.roots()) == []
    with pytest.raises(BlockMissing, match=cid):
        await ipfs.get_block(cid)
    with pytest.raises(BlockMissing, match=cid):
        await ipfs.remove_block(cid)


@pytest.mark.parametrize("size", [0, 1, 262_144, 262_145, 1_500_000])
async def test_file_round_trip(ipfs: Ipfs, size: int) -> None:
    data = content(size)
    assert await ipfs.cat(await ipfs.add_file(data)) == data


async def test_cat_is_bounded(ipfs: Ipfs) -> None:
    cid = await ipfs.add_file(content(1000))
    assert len(await ipfs.cat(cid, max_bytes=1000)) == 1000
    with pytest.raises(Malformed):
        await ipfs.cat(cid, max_bytes=999)


async def test_missing_block_names_the_cid(ipfs: Ipfs) -> None:
    with pytest.raises(BlockMissing, match=ABSENT):
        await ipfs.get_block(ABSENT)


async def test_altered_block_names_the_cid(ipfs: Ipfs, node: Node) -> None:
    cid = await ipfs.put_block(b"payload")
    [path] = (node.repo.root / "blocks").glob("??/*.data")
    path.write_bytes(b"paylord")
    with pytest.raises(BlockAltered, match=cid):
        await ipfs.get_block(cid)


async def test_bad_cid_and_oversized_block_never_leave(ipfs: Ipfs) -> None:
    with pytest.raises(Malformed):
        await ipfs.get_block("nonsense")
    with pytest.raises(Malformed):
        await ipfs.put_block(bytes(MAX_BLOCK + 1))


async def test_a_node_that_is_down_may_be_asked_again(node: Node) -> None:
    async with Ipfs(node.host, 1, timeout_s=1) as nobody:
        for call in (nobody.get_block(ABSENT), nobody.put_block(b"x"), nobody.version()):
            with pytest.raises(IpfsUnavailable):
                await call


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def pretender(handler: Handler) -> AsyncIterator[Ipfs]:
    """A client of a node that answers every call with one handler."""
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        async with Ipfs("127.0.0.1", runner.addresses[0][1], timeout_s=2) as client:
            yield client
    finally:
        await runner.cleanup()


async def test_other_bytes_than_the_cid_names_are_refused() -> None:
    async def lie(_: web.Request) -> web.StreamResponse:
        return web.Response(body=b"forged")

    async with pretender(lie) as client:
        with pytest.raises(BlockAltered, match=ABSENT):
            await client.get_block(ABSENT)
        with pytest.raises(BlockAltered, match=ABSENT):
            await client.cat(ABSENT)


async def test_an_endless_answer_is_cut() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(64):
            await response.write(bytes(1 << 17))
        return response

    async with pretender(endless) as client:
        with pytest.raises(BlockAltered, match="over"):
            await client.get_block(ABSENT)


async def test_a_put_that_was_not_kept_is_no_success() -> None:
    async def other(_: web.Request) -> web.StreamResponse:
        return web.json_response({"Key": ABSENT, "Size": 1})

    async with pretender(other) as client:
        with pytest.raises(BlockAltered):
            await client.put_block(b"payload")


@pytest.mark.parametrize(
    ("status", "message", "error"),
    [
        (500, f"ipld: could not find {ABSENT}", BlockMissing),
        (500, "block was not found locally (offline)", BlockMissing),
        (500, "context deadline exceeded", BlockMissing),
        (500, "block in storage has different hash than requested", BlockAltered),
        (500, "database is locked", IpfsUnavailable),
    ],
)
async def test_kubos_messages_become_types(
    status: int, message: str, error: type[Exception]
) -> None:
    async def refuse(_: web.Request) -> web.StreamResponse:
        return web.json_response({"Message": message, "Code": 0, "Type": "error"}, status=status)

    async with pretender(refuse) as client:
        with pytest.raises(error):
            await client.get_block(ABSENT)


async def test_a_connection_cut_in_the_middle_may_be_tried_again() -> None:
    async def cut(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"half")
        assert request.transport
        request.transport.close()
        return response

    async with pretender(cut) as client:
        with pytest.raises(IpfsUnavailable):
            await client.get_block(ABSENT)


async def test_a_page_that_is_no_ipfs_node_is_unavailable() -> None:
    async def page(_: web.Request) -> web.StreamResponse:
        return web.Response(text="<html>", status=502)

    async with pretender(page) as client:
        with pytest.raises(IpfsUnavailable):
            await client.get_block(ABSENT)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "/ip4/127.0.0.1/tcp/5001/http"),
        ("::1", "/ip6/::1/tcp/5001/http"),
        ("ipfs.internal", "/dns/ipfs.internal/tcp/5001/http"),
    ],
)
def test_addresses(host: str, address: str) -> None:
    assert multiaddress(host, 5001) == address
