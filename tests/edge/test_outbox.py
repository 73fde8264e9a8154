"""A device's memory: no number twice, none left out, through kill -9 and a full disk."""

import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.outbox import BufferFull, Outbox

STEPS = st.lists(st.tuples(st.sampled_from(["append", "confirm"]), st.integers(1, 9)), max_size=30)


def payload(seq: int) -> bytes:
    return b"reading %d" % seq


@settings(max_examples=40)
@given(steps=STEPS)
def test_it_holds_exactly_what_is_unconfirmed(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("outbox")
    last, confirmed = 0, 0
    for what, n in steps:
        outbox = Outbox(folder)  # opened anew: everything must be on disk
        if what == "append":
            last += n
            assert outbox.append([payload] * n) == last
        else:
            up_to = min(confirmed + n, last)
            assert outbox.confirm(up_to) == up_to - confirmed
            confirmed = up_to
        assert outbox.confirmed == confirmed
        expected = [(seq, payload(seq)) for seq in range(confirmed + 1, last + 1)]
        assert outbox.after(0, 10_000) == expected
        outbox.close()


def test_numbers_go_on_after_everything_is_confirmed(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox.append([payload] * 3)
    outbox.confirm(3)
    assert outbox.append([payload]) == 4
    assert outbox.after(0, 10) == [(4, b"reading 4")]
    outbox.close()


def test_a_failing_reading_leaves_no_gap(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)

    def broken(_seq: int) -> bytes:
        raise RuntimeError("sensor gone")

    with pytest.raises(RuntimeError):
        outbox.append([payload, broken])
    assert outbox.append([payload]) == 1
    outbox.close()


KILLED = """
import sys
from pathlib import Path
from edge.outbox import Outbox
outbox = Outbox(Path(sys.argv[1]))
while True:
    print(outbox.append([lambda seq: b"reading %d" % seq] * 3), flush=True)
"""


def test_what_was_appended_survives_kill_9(tmp_path: Path) -> None:
    dice, told = random.Random(7), 0
    for _ in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        for _ in range(dice.randrange(5, 40)):
            told = int(process.stdout.readline())
        process.kill()
        told = max([told, *map(int, process.stdout.read().split(b"\n")[:-1])])
        process.stdout.close()
        process.wait()
    outbox = Outbox(tmp_path)
    kept = outbox.after(0, 1_000_000)
    assert len(kept) == outbox.last_seq >= told
    assert kept == [(n, b"reading %d" % n) for n in range(1, len(kept) + 1)]
    outbox.close()


FULL = """
import sys
from pathlib import Path
from edge.outbox import BufferFull, Outbox
outbox = Outbox(Path("/mnt"))
assert Path("/mnt/ballast").exists()
try:
    while True:
        outbox.append([lambda seq: bytes(1000)] * 50)
except BufferFull:
    full_at = outbox.last_seq
assert outbox.pending() == full_at
assert outbox.confirm(full_at) == full_at, "confirmed readings must go on a full disk"
assert outbox.append([lambda seq: b"next"]) == full_at + 1
print("worked on", full_at)
"""


def test_a_full_disk(tmp_path: Path) -> None:
    """A tmpfs of 3 MB in a private mount namespace; no test double for a disk."""
    mount = 'mount -t tmpfs -o size=3m tmpfs /mnt && exec "$@"'
    unshare = [shutil.which("unshare") or "unshare", "-rm", "sh", "-c", mount, "sh"]
    if subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody mount a file system of their own")
    done = subprocess.run([*unshare, sys.executable, "-c", FULL], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("worked on")


def test_a_full_database_is_a_typed_error(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path)
    outbox._db.execute("PRAGMA max_page_count = 20")
    outbox.append([lambda seq: bytes(4000)] * 5)
    with pytest.raises(BufferFull):
        outbox.append([lambda seq: bytes(4000)] * 50)
    assert outbox.last_seq == 5
    assert outbox.pending() == outbox.last_seq
    outbox.close()
