"""Files have the CIDs the rest of the IPFS world gives them."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Malformed
from core.ipfs.cid import ParsedCid
from core.ipfs.dag import read_file
from core.ipfs.unixfs import LINKS_PER_NODE, Layout, chunk_size, import_file
from tests.ipfs.conftest import content

VECTORS = Path(__file__).parents[1] / "data" / "ipfs" / "unixfs.jsonl"


class Memory(dict[bytes, bytes]):
    """Blocks by multihash; importing and reading back needs no disk."""

    def put(self, cid: ParsedCid, block: bytes) -> None:
        assert cid.matches(block)
        self[cid.multihash] = block

    def get(self, cid: ParsedCid) -> bytes:  # type: ignore[override]
        return self[cid.multihash]


@pytest.mark.parametrize(
    "vector", map(json.loads, VECTORS.read_text("ascii").splitlines()), ids=json.dumps
)
def test_root_is_that_of_the_npm_importer(vector: dict[str, Any]) -> None:
    layout = Layout(vector["cidVersion"], vector["rawLeaves"], vector["chunkSize"])
    blocks = Memory()
    root = import_file(content(vector["size"]), blocks.put, layout)
    assert root.cid.text() == vector["cid"]
    assert root.filesize == vector["size"]


@pytest.mark.parametrize(
    ("data", "cid"),
    [
        (b"", "QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH"),
        (b"hello world\n", "QmT78zSuBmuS4z925WZfrqQ1qHaJ56DQaTfyMUF7F8ff5o"),
        (b"Mary had a little lamb", "QmZfF6C9j4VtoCsTp4KSrhYH47QMd3DNXVZBKaxJdhaPab"),
    ],
)
def test_published_cids_of_ipfs_add(data: bytes, cid: str) -> None:
    assert import_file(data, Memory().put).cid.text() == cid


boundaries = st.builds(
    lambda chunk, nodes, around: (chunk, max(chunk * nodes + around, 0)),
    st.sampled_from([7, 64, 1000]),
    st.sampled_from([0, 1, 2, LINKS_PER_NODE - 1, LINKS_PER_NODE, LINKS_PER_NODE + 1, 400]),
    st.integers(-2, 2),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(boundaries, st.sampled_from([0, 1]), st.booleans(), st.text("abc", max_size=3))
def test_roots_agree_around_every_boundary(
    reference: Callable[..., str],
    shape: tuple[int, int],
    version: int,
    raw_leaves: bool,
    seed: str,
) -> None:
    chunk, size = shape
    theirs = reference(
        seed=seed, size=size, cidVersion=version, rawLeaves=raw_leaves, chunkSize=chunk
    )
    data = content(size, seed.encode())
    assert import_file(data, Memory().put, Layout(version, raw_leaves, chunk)).cid.text() == theirs


def test_debian_ipfs_cid_agrees(tmp_path: Path) -> None:
    tool = shutil.which("ipfs_cid")
    if tool is None:
        pytest.skip("Debian's package ipfs-cid is not installed")
    data = content(3_000_000, b"debian")
    (tmp_path / "file").write_bytes(data)
    answer = subprocess.run([tool, tmp_path / "file"], capture_output=True, text=True, check=True)
    line = next(part for part in answer.stdout.splitlines() if part.startswith("{"))
    assert json.loads(line)["CIDv0"] == import_file(data, Memory().put).cid.text()


@settings(max_examples=60)
@given(st.integers(0, 3000), st.integers(0, 3100), st.none() | st.integers(0, 3100), st.booleans())
def test_any_range_reads_back(size: int, offset: int, length: int | None, raw: bool) -> None:
    data, blocks = content(size), Memory()
    root = import_file(data, blocks.put, Layout(1, raw, 5))
    end = None if length is None else offset + length
    assert b"".join(read_file(blocks, root.cid, offset, length)) == data[offset:end]


def test_a_range_fetches_only_the_blocks_it_needs() -> None:
    blocks, asked = Memory(), []
    root = import_file(content(10_000), blocks.put, Layout(1, True, 10))

    class Counting:
        def get(self, cid: ParsedCid) -> bytes:
            asked.append(cid)
            return blocks.get(cid)

    assert b"".join(read_file(Counting(), root.cid, 5_000, 10)) == content(10_000)[5_000:5_010]
    assert len(set(asked)) == 3  # root, one inner node, one leaf


def test_a_tree_whose_sizes_lie_is_refused() -> None:
    """A parent that misstates a child would shift every byte after it."""
    blocks = Memory()
    root = import_file(content(30), blocks.put, Layout(1, True, 10))
    block = blocks.get(root.cid)
    lying = block.replace(b"\x18\x1e\x20\x0a\x20\x0a\x20\x0a", b"\x18\x1e\x20\x09\x20\x0b\x20\x0a")
    assert lying != block
    blocks[root.cid.multihash] = lying
    with pytest.raises(Malformed):
        b"".join(read_file(blocks, root.cid))


@pytest.mark.parametrize("chunker", ["rabin", "buzzhash", "size-", "size-0", "size--1", "size-²"])
def test_other_chunkers_are_refused_not_approximated(chunker: str) -> None:
    with pytest.raises(Malformed):
        chunk_size(chunker)
