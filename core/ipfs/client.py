"""A client that needs no trust in its node: every block is re-hashed here.

Works alike against the embedded node and Kubo. ipfshttpclient refuses newer Kubo by its version
number only; the calls used here are the same in all of them, so its check is left out.
"""

import asyncio
import io
import ipaddress
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, Self, TypeVar

from core.config import Settings
from core.errors import (
    BlockAltered,
    BlockMissing,
    IpfsDown,
    IpfsUnavailable,
    Malformed,
    SmartRetailError,
)
from core.ipfs.blockstore import MAX_BLOCK
from core.ipfs.bounded import bound_answers
from core.ipfs.cid import ParsedCid, parse_cid, sha256_cid
from core.ipfs.dag import read_file
from core.ipfs.kubo import Client
from core.ipfs.kubo import exceptions as ipfs_errors
from core.ipfs.unixfs import Layout, Part, import_file
from core.types import Cid

T = TypeVar("T")

_THREADS: Final = 8
_FILE_LAYOUT: Final = Layout(cid_version=1, raw_leaves=True)
_ADD_OPTIONS: Final = {
    "cid_version": 1,
    "raw_leaves": True,
    "chunker": f"size-{_FILE_LAYOUT.chunk_size}",
}
"""Spelled out, because a Kubo node's own defaults are configurable."""
_ALTERED: Final = ("was altered", "has different hash")
_MISSING: Final = ("not find", "not found", "deadline exceeded", "timed out")
_DEFAULT_CAT_LIMIT: Final = 64 * 1024 * 1024


class Ipfs:
    """Blocks and files by CID. Errors: BlockMissing, IpfsUnavailable (both may be tried again),
    BlockAltered, Malformed.
    """

    def __init__(self, host: str, port: int, *, timeout_s: float = 10.0) -> None:
        self._address = multiaddress(host, port)
        self._timeout_s = timeout_s
        self._local = threading.local()
        self._clients: list[Any] = []
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="ipfs")

    @classmethod
    def from_settings(cls, settings: Settings) -> Self:
        ipfs = settings.ipfs
        return cls(ipfs.host, ipfs.api_port, timeout_s=ipfs.timeout_s)

    async def put_block(self, data: bytes) -> Cid:
        """Stores and pins a raw block of at most 2 MiB; durable when this returns."""
        if len(data) > MAX_BLOCK:
            raise Malformed(f"a block has at most {MAX_BLOCK} bytes, not {len(data)}")
        expected = sha256_cid(data).text()
        options = {"format": "raw", "mhtype": "sha2-256", "pin": "true"}
        answer = await self._call(
            lambda node: node.block.put(io.BytesIO(data), opts=options), expected
        )
        _same(expected, answer["Key"])
        return expected

    async def get_block(self, cid: str) -> bytes:
        """A block's bytes, proven to be the ones the CID names."""
        parsed = parse_cid(cid)
        return await self._call(lambda node: _fetch(node, parsed, self._timeout_s), cid)

    async def has_block(self, cid: str) -> bool:
        """Whether the node can give the block, unaltered, now."""
        try:
            await self.get_block(cid)
        except BlockMissing:
            return False
        return True

    async def add_file(self, data: bytes) -> Cid:
        """Stores and pins a file of any size; its CID is Kubo's for `--cid-version=1`."""
        loop = asyncio.get_running_loop()
        expected = await loop.run_in_executor(self._pool, _file_cid, data)
        answer = await self._call(lambda node: node.add(io.BytesIO(data), **_ADD_OPTIONS), expected)
        _same(expected, answer["Hash"])
        return expected

    async def cat(self, cid: str, *, max_bytes: int = _DEFAULT_CAT_LIMIT) -> bytes:
        """A file's content, put together from verified blocks; Malformed when it is longer."""
        parsed = parse_cid(cid)
        return await self._call(
            lambda node: _read_all(_Blocks(node, self._timeout_s), parsed, max_bytes), cid
        )

    async def remove_block(self, cid: str) -> None:
        """Unpins and forgets a block on this node; other nodes keep theirs."""
        text = parse_cid(cid).text()
        await self._call(lambda node: _remove(node, text), cid)

    async def version(self) -> str:
        """The node's version text; also the cheapest sign that it is up."""
        answer = await self._call(lambda node: node.version(), "version")
        return str(answer["Version"])

    async def close(self) -> None:
        """Ends running calls and closes the connections."""
        await asyncio.to_thread(self._pool.shutdown, wait=True, cancel_futures=True)
        for client in self._clients:
            client.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _call(self, work: Callable[[Any], T], subject: str) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, self._guarded, work, subject)

    def _guarded(self, work: Callable[[Any], T], subject: str) -> T:
        try:
            return work(self._client())
        except ipfs_errors.ErrorResponse as error:
            raise _typed(str(error), subject) from error
        except ipfs_errors.TimeoutError as error:
            raise IpfsUnavailable(f"the IPFS node gave no answer about {subject}") from error
        except (ipfs_errors.Error, OSError) as error:
            where = f"the IPFS node at {self._address} cannot be reached"
            raise IpfsDown(f"{where}: {_innermost(error)}") from error

    def _client(self) -> Any:
        """One HTTP session a thread: requests' sessions are not made to be shared."""
        client = getattr(self._local, "client", None)
        if client is None:
            client = Client(self._address, session=True, timeout=self._timeout_s)
            bound_answers(client, self._timeout_s)
            self._local.client = client
            self._clients.append(client)
        return client


def _innermost(error: BaseException) -> BaseException:
    """What the operating system said; the layers above it repeat the URL and each other."""
    while (below := error.__cause__ or error.__context__) is not None:
        error = below
    return error


class _Blocks:
    """Blocks of a remote node, for walking a tree."""

    def __init__(self, node: Any, timeout_s: float) -> None:
        self._node = node
        self._timeout_s = timeout_s

    def get(self, cid: ParsedCid) -> bytes:
        return _fetch(self._node, cid, self._timeout_s)


def multiaddress(host: str, port: int) -> str:
    """The address form ipfshttpclient takes, for a name or an IP address."""
    try:
        kind = f"ip{ipaddress.ip_address(host).version}"
    except ValueError:
        kind = "dns"
    return f"/{kind}/{host}/tcp/{port}/http"


def _fetch(node: Any, cid: ParsedCid, timeout_s: float) -> bytes:
    if cid.inline is not None:
        return cid.inline
    # Kubo would search the network without end; it is told to give up before our socket does.
    options = {"timeout": f"{max(timeout_s * 0.8, 0.1):.1f}s"}
    with node.block.get(cid.text(), opts=options, stream=True) as pieces:
        data = b"".join(_limited(pieces))
    if not cid.matches(data):
        raise BlockAltered(f"the IPFS node answered {cid.text()} with other bytes")
    return data


def _limited(pieces: Iterator[bytes]) -> Iterator[bytes]:
    total = 0
    for piece in pieces:
        total += len(piece)
        if total > MAX_BLOCK:
            raise BlockAltered(f"the IPFS node answered with a block over {MAX_BLOCK} bytes")
        yield piece


def _read_all(blocks: _Blocks, root: ParsedCid, max_bytes: int) -> bytes:
    data = b"".join(read_file(blocks, root, 0, max_bytes + 1))
    if len(data) > max_bytes:
        raise Malformed(f"{root.text()} is longer than {max_bytes} bytes")
    return data


def _remove(node: Any, cid: str) -> None:
    try:
        node.pin.rm(cid)
    except ipfs_errors.ErrorResponse as error:
        if "not pinned" not in str(error):
            raise
    for line in node._client.request("/block/rm", (cid,), decoder="json"):
        if line.get("Error"):
            raise _typed(line["Error"], cid)


def _file_cid(data: bytes) -> Cid:
    root: Part = import_file(data, lambda _cid, _block: None, _FILE_LAYOUT)
    return root.cid.text()


def _same(expected: str, answered: str) -> None:
    if expected != answered:
        raise BlockAltered(f"the IPFS node stored {answered} where {expected} was given")


def _typed(message: str, subject: str) -> SmartRetailError:
    lowered = message.lower()
    if any(sign in lowered for sign in _ALTERED):
        return BlockAltered(f"{subject}: {message}")
    if any(sign in lowered for sign in _MISSING):
        return BlockMissing(f"{subject}: {message}")
    return IpfsUnavailable(f"the IPFS node refused {subject}: {message}")
