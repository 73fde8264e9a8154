"""The trustless gateway: what it sends can be checked by who receives it."""

import aiohttp
import pytest

from core.ipfs.cid import parse_binary, parse_cid, sha256_cid
from core.ipfs.client import Ipfs
from core.ipfs.node import Node
from core.ipfs.varint import read_varint
from tests.ipfs.conftest import content

DATA = b'{"hello":"world"}'


def url(node: Node, tail: str) -> str:
    return f"http://{node.host}:{node.gateway_port}/ipfs/{tail}"


@pytest.fixture
async def cid(ipfs: Ipfs) -> str:
    return await ipfs.put_block(DATA)


@pytest.mark.parametrize("ask", [("?format=raw", {}), ("", {"Accept": "application/vnd.ipld.raw"})])
async def test_raw_block_hashes_to_its_cid(
    node: Node, http: aiohttp.ClientSession, cid: str, ask: tuple[str, dict[str, str]]
) -> None:
    query, headers = ask
    async with http.get(url(node, cid + query), headers=headers) as answer:
        body = await answer.read()
        assert sha256_cid(body).text() == cid
        assert answer.headers["Content-Type"] == "application/vnd.ipld.raw"
        assert answer.headers["ETag"] == f'"{cid}.raw"'
        assert answer.headers["X-Ipfs-Path"] == f"/ipfs/{cid}"
        assert answer.headers["X-Ipfs-Roots"] == cid
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


def parse_car(archive: bytes) -> list[tuple[str, bytes]]:
    """Header skipped, then every block, checked against its CID."""
    length, place = read_varint(archive, 0)
    place += length
    found = []
    while place < len(archive):
        length, place = read_varint(archive, place)
        section = archive[place : place + length]
        place += length
        size = 36 if section[0] == 1 else 34
        cid, block = parse_binary(section[:size]), section[size:]
        assert cid.matches(block)
        found.append((cid.text(), block))
    return found


async def test_car_holds_the_whole_tree_depth_first(
    node: Node, http: aiohttp.ClientSession, ipfs: Ipfs
) -> None:
    data = content(3 * 262_144 + 5)
    root = await ipfs.add_file(data)
    async with http.get(url(node, root + "?format=car")) as answer:
        archive = await answer.read()
        assert answer.headers["Content-Type"].startswith("application/vnd.ipld.car; version=1")
    blocks = parse_car(archive)
    assert blocks[0][0] == root
    assert b"".join(block for _, block in blocks[1:]) == data
    header = b"\x3a\xa2\x65roots\x81\xd8\x2a\x58\x25\x00" + parse_cid(root).binary()
    assert archive.startswith(header + b"\x67version\x01")


async def test_car_of_one_block(node: Node, http: aiohttp.ClientSession, ipfs: Ipfs) -> None:
    root = await ipfs.add_file(content(600_000))
    async with http.get(url(node, root + "?format=car&dag-scope=block")) as answer:
        assert [cid for cid, _ in parse_car(await answer.read())] == [root]


async def test_file_for_people(node: Node, http: aiohttp.ClientSession, ipfs: Ipfs) -> None:
    data = content(600_000)
    root = await ipfs.add_file(data)
    async with http.get(url(node, root)) as answer:
        assert await answer.read() == data
        assert answer.headers["Content-Type"] == "application/octet-stream"
    async with http.head(url(node, root)) as answer:
        assert answer.headers["Content-Length"] == str(len(data))


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (DATA, "application/json"),
        (b"plain words", "text/plain; charset=utf-8"),
        (b"<html><script>alert(1)</script>", "text/plain; charset=utf-8"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\0\1\2", "application/octet-stream"),
    ],
)
async def test_uploaded_pages_never_run_as_pages(
    node: Node, http: aiohttp.ClientSession, ipfs: Ipfs, body: bytes, kind: str
) -> None:
    async with http.get(url(node, await ipfs.put_block(body))) as answer:
        assert answer.headers["Content-Type"] == kind
        assert answer.headers["Content-Security-Policy"].startswith("sandbox")


async def test_a_known_version_is_not_sent_again(
    node: Node, http: aiohttp.ClientSession, cid: str
) -> None:
    headers = {"If-None-Match": f'"other", "{cid}.raw"'}
    async with http.get(url(node, cid + "?format=raw"), headers=headers) as answer:
        assert (answer.status, await answer.read()) == (304, b"")


@pytest.mark.parametrize("query", ["", "?format=raw", "?format=car"])
async def test_head_gives_headers_only(
    node: Node, http: aiohttp.ClientSession, cid: str, query: str
) -> None:
    async with http.head(url(node, cid + query)) as answer:
        assert (answer.status, await answer.read()) == (200, b"")
        assert answer.headers["X-Ipfs-Roots"] == cid
    async with http.get(url(node, cid + "?format=raw")) as answer:
        assert await answer.read() == DATA


async def test_the_empty_identity_block_answers_probes(
    node: Node, http: aiohttp.ClientSession
) -> None:
    async with http.get(url(node, "bafkqaaa?format=raw")) as answer:
        assert (answer.status, await answer.read()) == (200, b"")


@pytest.mark.parametrize(
    ("tail", "status", "code"),
    [
        ("not-a-cid", 400, "malformed"),
        (sha256_cid(b"absent").text() + "?format=raw", 404, "ipfs_block_missing"),
        (sha256_cid(b"absent").text() + "?format=car", 404, "ipfs_block_missing"),
        (sha256_cid(b"absent").text(), 404, "ipfs_block_missing"),
        (sha256_cid(b"absent").text() + "?format=zip", 400, "bad_input"),
    ],
)
async def test_errors_are_typed_and_not_cached(
    node: Node, http: aiohttp.ClientSession, tail: str, status: int, code: str
) -> None:
    async with http.get(url(node, tail)) as answer:
        assert answer.status == status
        assert (await answer.json())["code"] == code
        assert answer.headers["Cache-Control"] == "no-store"


async def test_altered_block_is_an_error_not_an_answer(
    node: Node, http: aiohttp.ClientSession, cid: str
) -> None:
    [path] = (node.repo.root / "blocks").glob("??/*.data")
    path.write_bytes(DATA.replace(b"world", b"wurld"))
    async with http.get(url(node, cid + "?format=raw")) as answer:
        body = await answer.json()
        assert (answer.status, body["code"]) == (500, "ipfs_block_altered")
        assert cid in body["message"]


async def test_gateway_cannot_write(node: Node, http: aiohttp.ClientSession, cid: str) -> None:
    for method in ("POST", "PUT", "DELETE"):
        async with http.request(method, url(node, cid)) as answer:
            assert answer.status == 405
