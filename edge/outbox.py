"""A device's memory: signed readings, numbered from 1, kept until the gateway confirms them.

SQLite with `synchronous=FULL`: a reading that was appended survives a power cut. The last number
used is stored with the reading in one transaction, so no number is ever used twice or left out.
On a full disk even a DELETE fails; a ballast file is given up then, so that confirmed readings
can be removed and the device works on.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from core.errors import Operator

BALLAST_BYTES: Final = 512 * 1024
_STEP: Final = 50
"""Readings forgotten at a time on a full disk."""
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS reading (seq INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS counter (id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL)
STRICT;
INSERT OR IGNORE INTO counter VALUES (1, 0);
"""


class BufferFull(Operator):
    """The device's disk is full: nothing is lost, but nothing new is taken."""

    code = "buffer_full"
    hint_default = "Free space on the device, or bring the gateway back so that it can forget."


class Outbox:
    """Readings on their way to the gateway; one process per file."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._ballast = folder / "ballast"
        self._db = sqlite3.connect(
            folder / "outbox.db", isolation_level=None, check_same_thread=False
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        # A log much smaller than the ballast, so that the ballast always has room for it.
        self._db.execute("PRAGMA wal_autocheckpoint = 50")
        self._db.executescript(_SCHEMA)
        self._load_ballast()

    @property
    def last_seq(self) -> int:
        """The last number given to a reading; 0 before the first."""
        return int(self._db.execute("SELECT seq FROM counter").fetchone()[0])

    def append(self, make: Sequence[Callable[[int], bytes]]) -> int:
        """Number, build and keep a group of readings with one sync; returns the last number.

        Raises:
            BufferFull: the disk is full; none was kept.
        """
        last = self.last_seq
        rows = [(seq, build(seq)) for seq, build in enumerate(make, start=last + 1)]
        try:
            self._transact(
                lambda: (
                    self._db.executemany("INSERT INTO reading VALUES (?, ?)", rows),
                    self._db.execute("UPDATE counter SET seq = ?", (last + len(rows),)),
                )
            )
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            raise BufferFull(f"no room for {len(rows)} readings") from error
        return last + len(rows)

    def after(self, seq: int, limit: int) -> list[tuple[int, bytes]]:
        """Unconfirmed readings with a number above `seq`, in order."""
        query = "SELECT seq, payload FROM reading WHERE seq > ? ORDER BY seq LIMIT ?"
        return self._db.execute(query, (seq, limit)).fetchall()

    @property
    def confirmed(self) -> int:
        """Every reading up to this number is forgotten; 0 before the first."""
        first = self._db.execute("SELECT min(seq) FROM reading").fetchone()[0]
        return self.last_seq if first is None else int(first) - 1

    def pending(self) -> int:
        """How many readings wait for confirmation."""
        return int(self._db.execute("SELECT count(*) FROM reading").fetchone()[0])

    def confirm(self, up_to: int) -> int:
        """Forget every reading up to and including `up_to`; returns how many."""
        before = self.pending()
        try:
            self._forget(up_to)
        except sqlite3.OperationalError as error:
            if not _is_full(error):
                raise
            self._forget_on_full_disk(up_to)
        self._load_ballast()
        return before - self.pending()

    def _forget(self, up_to: int) -> None:
        self._transact(lambda: self._db.execute("DELETE FROM reading WHERE seq <= ?", (up_to,)))

    def _forget_on_full_disk(self, up_to: int) -> None:
        """In small steps: a DELETE first writes the pages it empties to the log."""
        self._ballast.unlink(missing_ok=True)
        for step in range(self.confirmed, up_to, _STEP):
            self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._forget(min(step + _STEP, up_to))
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        self._db.close()

    def _transact(self, work: Callable[[], object]) -> None:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            work()
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    def _load_ballast(self) -> None:
        if self._ballast.exists():
            return
        try:
            self._ballast.write_bytes(bytes(BALLAST_BYTES))
        except OSError:
            self._ballast.unlink(missing_ok=True)


def _is_full(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode == sqlite3.SQLITE_FULL
