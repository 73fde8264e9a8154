"""Work in several processes, its results in order, never more than a few of them waiting."""

import asyncio
import multiprocessing
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Final, TypeVar

from core.errors import Operator

T = TypeVar("T")
AHEAD: Final = 2
"""Results a process may be ahead of the one who takes them: what bounds the memory."""


class WorkerLost(Operator):
    """A process of the audit was ended from outside."""

    code = "worker_lost"
    hint_default = "Most often memory ran out: try again with fewer --jobs."


def default_jobs() -> int:
    """As many processes as there are cores for us, the deriving one not counted."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def in_order(
    work: Callable[..., T], arguments: Iterable[tuple[Any, ...]], jobs: int
) -> AsyncIterator[T]:
    """`work(*argument)` for each argument, in `jobs` processes.

    Raises what `work` raises, and WorkerLost.
    """
    # spawn: a fork beside the threads of the database and of IPFS could inherit a held lock
    pool = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    waiting: deque[asyncio.Future[T]] = deque()
    try:
        for argument in arguments:
            waiting.append(asyncio.wrap_future(pool.submit(work, *argument)))
            if len(waiting) > AHEAD * jobs:
                yield await waiting.popleft()
        while waiting:
            yield await waiting.popleft()
    except BrokenProcessPool as error:
        raise WorkerLost("a process of the audit ended without a result") from error
    finally:
        for future in waiting:
            future.cancel()
        await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)
