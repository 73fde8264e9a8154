"""ipfshttpclient 0.7.0, unchanged, against the node; and what the node refuses."""

import asyncio
import io
import sys
import tarfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
import pytest

from core.config import IpfsSettings, Settings
from core.errors import IpfsUnavailable, PortTaken
from core.ipfs.blockstore import MAX_BLOCK
from core.ipfs.cid import parse_cid, sha256_cid
from core.ipfs.client import Ipfs
from core.ipfs.kubo import connect, exceptions
from core.ipfs.node import Node, run, running_node
from tests.ipfs.conftest import content

T = TypeVar("T")
MARY = "QmZfF6C9j4VtoCsTp4KSrhYH47QMd3DNXVZBKaxJdhaPab"
SONG = b"Mary had a little lamb"


class Kubo:
    """The plain client in a thread, as any Python program would use it."""

    def __init__(self, node: Node) -> None:
        self._address = f"/ip4/{node.host}/tcp/{node.api_port}/http"

    async def __call__(self, work: Callable[[Any], T]) -> T:
        return await asyncio.to_thread(self._connected, work)

    def _connected(self, work: Callable[[Any], T]) -> T:
        with connect(self._address) as client:
            return work(client)


@pytest.fixture
def kubo(node: Node) -> Kubo:
    return Kubo(node)


async def test_client_accepts_the_version_and_sees_who_we_are(kubo: Kubo) -> None:
    version = await kubo(lambda c: c.version())
    identity = await kubo(lambda c: c.id())
    assert version["Version"] == "0.7.0-smartretail360"
    assert identity["AgentVersion"].startswith("smartretail360-ipfs/")


async def test_add_and_cat(kubo: Kubo) -> None:
    assert await kubo(lambda c: c.add_bytes(SONG)) == MARY
    assert await kubo(lambda c: c.cat(MARY)) == SONG
    assert await kubo(lambda c: c.cat(f"/ipfs/{MARY}", offset=5, length=3)) == b"had"


async def test_a_file_of_many_blocks(kubo: Kubo, tmp_path: Path) -> None:
    data = content(5 * 262_144 + 17)
    (tmp_path / "big.bin").write_bytes(data)
    added = await kubo(lambda c: c.add(str(tmp_path / "big.bin")))
    assert added["Name"] == "big.bin"
    assert await kubo(lambda c: c.cat(added["Hash"])) == data
    refs = await kubo(lambda c: c.unstable.refs(added["Hash"]))
    assert len(refs) == 6


async def test_add_options_change_the_cid_as_in_kubo(kubo: Kubo) -> None:
    raw = await kubo(lambda c: c.add(io.BytesIO(b"hello world"), cid_version=1, raw_leaves=True))
    assert raw["Hash"] == "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"
    hashed = await kubo(lambda c: c.add(io.BytesIO(b"never stored"), only_hash=True))
    with pytest.raises(exceptions.ErrorResponse, match="could not find"):
        await kubo(lambda c: c.cat(hashed["Hash"]))


async def test_get_unpacks_the_file(kubo: Kubo, tmp_path: Path) -> None:
    data = content(300_000)
    cid = await kubo(lambda c: c.add_bytes(data))
    archive = await kubo(lambda c: c._client.request("/get", (cid,)))
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        [member] = tar.getmembers()
        file = tar.extractfile(member)
        assert file is not None
        assert (member.name, file.read()) == (cid, data)


async def test_blocks(kubo: Kubo) -> None:
    put = await kubo(lambda c: c.block.put(io.BytesIO(SONG)))
    assert put.as_json() == {"Key": sha256_cid(SONG).text(), "Size": len(SONG)}
    old = await kubo(lambda c: c.block.put(io.BytesIO(SONG), opts={"format": "v0"}))
    assert old["Key"] == "QmeV6C6XVt1wf7V7as7Yak3mxPma8jzpqyhtRtCvpKcfBb"
    assert await kubo(lambda c: c.block.get(put["Key"])) == SONG
    assert (await kubo(lambda c: c.block.stat(put["Key"])))["Size"] == len(SONG)
    removed = await kubo(lambda c: c._client.request("/block/rm", (put["Key"],), decoder="json"))
    assert removed == [{"Hash": put["Key"]}]
    with pytest.raises(exceptions.ErrorResponse, match=put["Key"]):
        await kubo(lambda c: c.block.get(put["Key"]))


async def test_pins(kubo: Kubo) -> None:
    cid = await kubo(lambda c: c.add_bytes(content(600_000)))
    keys = (await kubo(lambda c: c.pin.ls()))["Keys"]
    assert keys[cid]["Type"] == "recursive"
    assert [entry["Type"] for entry in keys.values()].count("indirect") == 3
    refused = await kubo(lambda c: c._client.request("/block/rm", (cid,), decoder="json"))
    assert "pinned" in refused[0]["Error"]
    assert list((await kubo(lambda c: c.pin.rm(cid)))["Pins"]) == [cid]
    with pytest.raises(exceptions.ErrorResponse, match="not pinned"):
        await kubo(lambda c: c.pin.rm(cid))
    assert dict((await kubo(lambda c: c.pin.ls()))["Keys"]) == {}
    await kubo(lambda c: c.pin.add(cid))
    assert list((await kubo(lambda c: c.pin.ls(cid)))["Keys"]) == [cid]


async def test_pinning_an_incomplete_tree_is_refused(kubo: Kubo, node: Node) -> None:
    cid = await kubo(lambda c: c.add_bytes(content(600_000)))
    await kubo(lambda c: c.pin.rm(cid))
    leaf = (await kubo(lambda c: c.unstable.refs(cid)))[0]["Ref"]
    await kubo(lambda c: c._client.request("/block/rm", (leaf,), decoder="json"))
    with pytest.raises(exceptions.ErrorResponse, match=leaf):
        await kubo(lambda c: c.pin.add(cid))


async def test_repository_views(kubo: Kubo) -> None:
    cid = await kubo(lambda c: c.add_bytes(SONG))
    assert (await kubo(lambda c: c.repo.stat()))["NumObjects"] == 1
    local = await kubo(lambda c: c.unstable.refs.local())
    assert len(local) == 1
    listing = (await kubo(lambda c: c.ls(cid)))["Objects"][0]
    assert (listing["Hash"], list(listing["Links"])) == (cid, [])
    node_json = await kubo(lambda c: c.dag.get(cid))
    assert set(node_json) == {"Data", "Links"}
    archive = await kubo(lambda c: c.dag.export(cid))
    assert SONG in archive


async def test_altered_block_is_named(kubo: Kubo, node: Node) -> None:
    cid = await kubo(lambda c: c.add_bytes(SONG))
    [path] = (node.repo.root / "blocks").glob("??/*.data")
    path.write_bytes(path.read_bytes().replace(b"lamb", b"wolf"))
    with pytest.raises(exceptions.ErrorResponse, match=f"{cid} was altered"):
        await kubo(lambda c: c.cat(cid))


BAD_CALLS = [
    ("block/get", 400),
    ("block/get?arg=hello", 400),
    ("block/get?arg=../../lock", 400),
    ("cat?arg=bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e&offset=-1", 400),
    ("block/get?arg=bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e", 500),
    ("pin/ls?type=strange", 400),
    ("pin/add?arg=bafkqaaa&recursive=perhaps", 400),
    ("add", 400),
    ("block/put", 400),
    ("add?chunker=rabin", 400),
    ("files/ls", 404),
]


@pytest.mark.parametrize(("call", "status"), BAD_CALLS)
async def test_a_bad_call_gets_kubos_error_shape(
    node: Node, http: aiohttp.ClientSession, call: str, status: int
) -> None:
    async with http.post(f"http://{node.host}:{node.api_port}/api/v0/{call}") as answer:
        assert answer.status == status
        assert set(await answer.json()) == {"Message", "Code", "Type"}


@pytest.mark.parametrize("options", ["trickle=true", "cid-version=2", "hash=sha3-512"])
async def test_options_that_would_give_another_cid_are_refused(
    node: Node, http: aiohttp.ClientSession, options: str
) -> None:
    url = f"http://{node.host}:{node.api_port}/api/v0/add?{options}"
    async with http.post(url, data={"file": io.BytesIO(SONG)}) as answer:
        assert answer.status == 400


async def test_reading_by_get_and_calls_from_web_pages_are_refused(
    node: Node, http: aiohttp.ClientSession
) -> None:
    url = f"http://{node.host}:{node.api_port}/api/v0/version"
    async with http.get(url) as answer:
        assert answer.status == 405
    async with http.post(url, headers={"Origin": "https://evil.example"}) as answer:
        assert answer.status == 403


async def test_block_over_the_limit_is_refused(node: Node, http: aiohttp.ClientSession) -> None:
    url = f"http://{node.host}:{node.api_port}/api/v0/block/put"
    async with http.post(url, data={"file": io.BytesIO(bytes(MAX_BLOCK + 1))}) as answer:
        assert answer.status == 400
    assert node.repo.blocks.usage() == (0, 0)


async def test_many_writers_at_once(node: Node, kubo: Kubo) -> None:
    parts = [content(300_000, bytes([n % 5])) for n in range(20)]
    cids = await asyncio.gather(
        *(kubo(lambda c, part=part: c.add_bytes(part)) for part in parts)  # type: ignore[misc]
    )
    assert len(set(cids)) == 5
    for cid, part in zip(cids, parts, strict=True):
        assert await kubo(lambda c, cid=cid: c.cat(cid)) == part  # type: ignore[misc]


async def test_state_survives_a_restart(tmp_path: Path) -> None:
    async with running_node(tmp_path) as first:
        cid = await Kubo(first)(lambda c: c.add_bytes(SONG))
    async with running_node(tmp_path) as second:
        assert await Kubo(second)(lambda c: c.cat(cid)) == SONG
        assert cid in (await Kubo(second)(lambda c: c.pin.ls()))["Keys"]


async def test_a_taken_port_says_which_setting(node: Node, tmp_path: Path) -> None:
    ports = IpfsSettings(api_port=node.api_port, gateway_port=0)
    settings = Settings(state_dir=tmp_path / "other", ipfs=ports)
    with pytest.raises(PortTaken) as caught:
        await run(settings)
    assert "SR360_IPFS__API_PORT" in caught.value.hint


async def test_run_serves_until_cancelled_and_frees_its_ports(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, ipfs=IpfsSettings(api_port=0, gateway_port=0))
    service = asyncio.create_task(run(settings))
    while not (tmp_path / "ipfs" / "pins").exists():
        await asyncio.sleep(0.01)
    assert not service.done()
    service.cancel()
    with pytest.raises(asyncio.CancelledError):
        await service
    async with running_node(tmp_path / "ipfs") as again:
        assert again.api_port > 0


NODE = """
import asyncio, sys
from pathlib import Path
from core.ipfs.node import running_node
async def main():
    async with running_node(Path(sys.argv[1])) as node:
        print(node.api_port, flush=True)
        await asyncio.Event().wait()
asyncio.run(main())
"""


async def test_kill_9_of_the_node_loses_no_acknowledged_block(tmp_path: Path) -> None:
    acknowledged: dict[str, bytes] = {}
    for life in range(3):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", NODE, str(tmp_path), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout
        port = int(await process.stdout.readline())
        async with Ipfs("127.0.0.1", port, timeout_s=5) as client:
            writers = [
                asyncio.create_task(_put_until_killed(client, f"{life}.{n}", acknowledged))
                for n in range(4)
            ]
            target = len(acknowledged) + 25
            while len(acknowledged) < target:
                await asyncio.sleep(0.005)
            process.kill()
            await process.wait()
            await asyncio.gather(*writers)
    async with running_node(tmp_path) as node:
        pinned = {pin.text() for pin, _ in node.repo.pins.roots()}
        for cid, data in acknowledged.items():
            assert node.repo.blocks.get(parse_cid(cid)) == data
            assert cid in pinned
    assert len(acknowledged) >= 75


async def _put_until_killed(client: Ipfs, name: str, acknowledged: dict[str, bytes]) -> None:
    number = 0
    with suppress(IpfsUnavailable):
        while True:
            data = f"{name}.{number}".encode() * 500
            acknowledged[await client.put_block(data)] = data
            number += 1
