"""The block store: whole or absent, verified on each read, and it keeps what it acknowledged."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from core.errors import BadConfig, BlockAltered, BlockMissing, Malformed
from core.ipfs.blockstore import MAX_BLOCK, BlockStore
from core.ipfs.cid import parse_cid, sha256_cid
from core.ipfs.repo import Repo

DATA = b"one lettuce lot"
CID = sha256_cid(DATA)


@pytest.fixture
def store(tmp_path: Path) -> BlockStore:
    return BlockStore(tmp_path)


def file_of(folder: Path) -> Path:
    [path] = folder.glob("??/*.data")
    return path


def test_what_is_put_is_got(store: BlockStore) -> None:
    store.put(CID, DATA)
    assert store.get(CID) == DATA
    assert [cid.text() for cid in store.cids()] == [CID.text()]


def test_layout_is_that_of_kubo(store: BlockStore, tmp_path: Path) -> None:
    """flatfs/shard/v1/next-to-last/2 of the upper-case base32 multihash."""
    store.put(CID, DATA)
    path = file_of(tmp_path)
    assert path.parent.name == path.stem[-3:-1]
    assert path.stem == path.stem.upper()


def test_missing_block_is_named(store: BlockStore) -> None:
    with pytest.raises(BlockMissing, match=CID.text()):
        store.get(CID)
    with pytest.raises(BlockMissing):
        store.remove(CID)


@pytest.mark.parametrize("altered", [b"", b"one lettuce lou", DATA + b"\0", DATA[:-1]])
def test_altered_block_is_named_and_never_returned(
    store: BlockStore, tmp_path: Path, altered: bytes
) -> None:
    store.put(CID, DATA)
    file_of(tmp_path).write_bytes(altered)
    with pytest.raises(BlockAltered, match=CID.text()):
        store.get(CID)


def test_putting_again_heals_an_altered_block(store: BlockStore, tmp_path: Path) -> None:
    store.put(CID, DATA)
    file_of(tmp_path).write_bytes(b"rotten")
    store.put(CID, DATA)
    assert store.get(CID) == DATA


def test_bytes_of_another_cid_are_refused(store: BlockStore) -> None:
    with pytest.raises(Malformed):
        store.put(CID, b"something else")
    assert not store.has(CID)


def test_largest_block_fits_and_a_larger_one_does_not(store: BlockStore) -> None:
    largest = bytes(MAX_BLOCK)
    store.put(sha256_cid(largest), largest)
    with pytest.raises(Malformed):
        store.put(sha256_cid(largest + b"\0"), largest + b"\0")


def test_identity_needs_no_store(store: BlockStore) -> None:
    assert store.get(parse_cid("bafkqaaa")) == b""


def test_a_failed_write_leaves_nothing(
    store: BlockStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        store.put(CID, DATA)
    monkeypatch.undo()
    assert list(tmp_path.rglob("*.data")) == []
    assert list((tmp_path / ".temp").iterdir()) == []


def test_second_node_on_one_folder_is_refused(tmp_path: Path) -> None:
    with Repo(tmp_path), pytest.raises(BadConfig, match="another IPFS node"):
        Repo(tmp_path)
    with Repo(tmp_path) as reopened:
        assert not reopened.blocks.has(CID)


WRITER = """
import sys
from pathlib import Path
from core.ipfs.blockstore import BlockStore
from core.ipfs.cid import sha256_cid
store = BlockStore(Path(sys.argv[1]))
number = int(sys.argv[2])
while True:
    data = number.to_bytes(8, "big") * 4096
    cid = sha256_cid(data)
    store.put(cid, data)
    print(cid.text(), flush=True)
    number += 1
"""


def test_kill_9_loses_no_acknowledged_block(tmp_path: Path) -> None:
    acknowledged: list[str] = []
    for round_ in range(8):
        command = [sys.executable, "-c", WRITER, str(tmp_path), str(round_ * 100_000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            for _ in range(5 + round_):
                acknowledged.append(process.stdout.readline().strip())
            process.send_signal(signal.SIGKILL)
            rest = process.stdout.read().splitlines(keepends=True)
            acknowledged += [line.strip() for line in rest if line.endswith("\n")]
    store = BlockStore(tmp_path)
    assert len(acknowledged) >= 68
    for text in acknowledged:
        assert len(store.get(parse_cid(text))) == 32_768
    for cid in store.cids():  # also those written but not acknowledged are whole
        store.get(cid)
    assert list((tmp_path / ".temp").iterdir()) == []
