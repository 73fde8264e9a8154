"""A node's state on disk: blocks, pins, and a lock that keeps a second node out."""

import asyncio
import fcntl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Final, ParamSpec, Self, TypeVar

from core.errors import BadConfig
from core.ipfs.blockstore import BlockStore
from core.ipfs.pins import Pins

P = ParamSpec("P")
T = TypeVar("T")

_DISK_THREADS: Final = 4


class Repo:
    """Opens `<state>/ipfs`; raises BadConfig when another process has it open."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self._lock = _lock(root / "lock")
        self._pool = ThreadPoolExecutor(_DISK_THREADS, thread_name_prefix="ipfs-disk")
        self.blocks = BlockStore(root / "blocks")
        self.pins = Pins(root / "pins", self.blocks)

    async def work(self, job: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Disk work, in threads of its own: clients in the same process may fill the shared ones
        while they wait for this node.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: job(*args, **kwargs))

    def close(self) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _lock(path: Path) -> IO[bytes]:
    """The kernel frees it when the process dies, so a kill -9 leaves nothing to clean."""
    file = path.open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        hint = "Stop the other node, or give this one its own SR360_STATE_DIR."
        raise BadConfig(f"{path.parent} is used by another IPFS node", hint=hint) from error
    return file
