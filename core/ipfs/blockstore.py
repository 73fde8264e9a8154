"""Blocks on disk: written whole or not at all, re-hashed on every read.

Names and sharding are those of Kubo's flatfs (`next-to-last/2`), so a repository can be moved
over by copying files.
"""

import base64
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from core.errors import BlockAltered, BlockMissing, Malformed
from core.ipfs.cid import RAW, ParsedCid

MAX_BLOCK: Final = 2 * 1024 * 1024
"""What Bitswap peers accept; Kubo refuses larger ones too."""
_SUFFIX: Final = ".data"
_TEMP: Final = ".temp"


class BlockStore:
    """A folder of blocks, safe for several threads of one process."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._temp = root / _TEMP
        self._temp.mkdir(parents=True, exist_ok=True)
        for leftover in self._temp.iterdir():
            leftover.unlink(missing_ok=True)

    def put(self, cid: ParsedCid, data: bytes) -> None:
        """Stores a block durably; returns only when it survives a power cut.

        A stored copy that was altered is replaced. Raises Malformed over 2 MiB or when the bytes
        do not match the CID.
        """
        if len(data) > MAX_BLOCK:
            raise Malformed(f"a block has at most {MAX_BLOCK} bytes, not {len(data)}")
        if not cid.matches(data):
            raise Malformed(f"these bytes are not {cid.text()}")
        if cid.inline is not None or self._intact(cid):
            return
        path = self._path(cid)
        if not path.parent.is_dir():
            path.parent.mkdir(exist_ok=True)
            sync_folder(self._root)
        self._write(path, data)

    def get(self, cid: ParsedCid) -> bytes:
        """A block's bytes, proven to be the ones the CID names.

        Raises BlockMissing or BlockAltered.
        """
        if cid.inline is not None:
            return cid.inline
        try:
            data = self._path(cid).read_bytes()
        except FileNotFoundError:
            raise BlockMissing(f"ipld: could not find {cid.text()}") from None
        if not cid.matches(data):
            raise BlockAltered(f"block {cid.text()} was altered in the store")
        return data

    def size(self, cid: ParsedCid) -> int:
        """Bytes of a block, from its verified content; raises as `get`."""
        return len(self.get(cid))

    def has(self, cid: ParsedCid) -> bool:
        return cid.inline is not None or self._path(cid).is_file()

    def remove(self, cid: ParsedCid) -> None:
        """Forgets a block; raises BlockMissing."""
        try:
            self._path(cid).unlink()
        except FileNotFoundError:
            raise BlockMissing(f"ipld: could not find {cid.text()}") from None
        sync_folder(self._path(cid).parent)

    def cids(self) -> Iterator[ParsedCid]:
        """Every stored block as a raw CIDv1; the codec is not part of a block's name."""
        for path in sorted(self._root.glob(f"??/*{_SUFFIX}")):
            name = path.name.removesuffix(_SUFFIX)
            yield ParsedCid(1, RAW, base64.b32decode(name + "=" * (-len(name) % 8)))

    def usage(self) -> tuple[int, int]:
        """Number of blocks, and their bytes on disk."""
        sizes = [path.stat().st_size for path in self._root.glob(f"??/*{_SUFFIX}")]
        return len(sizes), sum(sizes)

    def _path(self, cid: ParsedCid) -> Path:
        name = base64.b32encode(cid.multihash).decode().rstrip("=")
        return self._root / name[-3:-1] / (name + _SUFFIX)

    def _intact(self, cid: ParsedCid) -> bool:
        try:
            self.get(cid)
        except (BlockMissing, BlockAltered):
            return False
        return True

    def _write(self, path: Path, data: bytes) -> None:
        """File first, then its name: a reader sees the old state or the whole block."""
        temporary = self._temp / secrets.token_hex(16)
        try:
            with temporary.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
