"""Child processes that come up in order, come back when they die, and go down in reverse.

Every service is a process of its own, so a crash or `kill -9` of one is the supervisor's to mend
and nobody else's to notice. Children die with the supervisor (Linux `PR_SET_PDEATHSIG`).
"""

import asyncio
import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.errors import Operator

HEALTH_TIMEOUT_S = 60.0
"""Without health and without progress."""
STOP_TIMEOUT_S = 10.0
RESTART_DELAYS_S = (0.2, 0.5, 1.0, 2.0, 5.0)
STABLE_AFTER_S = 30.0
START_TRIES = 2
_PR_SET_PDEATHSIG = 1


class ServiceFailed(Operator):
    """A service did not become healthy."""

    code = "service_failed"


@dataclass(frozen=True)
class Service:
    """One process of the stack."""

    name: str
    argv: tuple[str, ...]
    healthy: Callable[[], Awaitable[bool]]
    """Asked until it answers True; only then does the next service start."""
    where: str = ""
    """What to show in the table of addresses."""
    env: Mapping[str, str] = field(default_factory=dict)
    progress: Callable[[], Awaitable[object]] | None = None
    """How far it has come before it is healthy, None for nowhere: what still moves is not given up,
    be the way ever so long."""


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


class Running:
    """A service's process and the task that restarts it."""

    def __init__(self, service: Service, log_path: Path) -> None:
        self.service = service
        self.log_path = log_path
        self.process: asyncio.subprocess.Process | None = None
        self.restarts = 0
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    async def start(self) -> None:
        await self._spawn()
        self._task = asyncio.create_task(self._keep_alive(), name=f"keep {self.service.name}")
        await self._wait_healthy()

    async def stop(self) -> None:
        self._stopping = True
        if self._task:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        if self.process:
            await _terminate(self.process)

    async def _spawn(self) -> None:
        with self.log_path.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *self.service.argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.service.env},
                start_new_session=True,  # ctrl-C reaches the supervisor only, which stops in order
                preexec_fn=_die_with_parent,
            )

    async def _keep_alive(self) -> None:
        delays = iter(RESTART_DELAYS_S)
        while self.process is not None:
            began = time.monotonic()
            await self.process.wait()
            if self._stopping:
                return
            if time.monotonic() - began > STABLE_AFTER_S:
                delays = iter(RESTART_DELAYS_S)
            self.restarts += 1
            await asyncio.sleep(next(delays, RESTART_DELAYS_S[-1]))
            await self._spawn()

    async def _wait_healthy(self) -> None:
        deadline = time.monotonic() + HEALTH_TIMEOUT_S
        reached: object = None
        while time.monotonic() < deadline:
            if await self.service.healthy():
                return
            if self.restarts > START_TRIES:
                break
            if (now := await self._progress()) not in (None, reached):
                reached, deadline = now, time.monotonic() + HEALTH_TIMEOUT_S
            await asyncio.sleep(0.05)
        raise ServiceFailed(
            f"{self.service.name} did not become healthy; its last lines:\n{self.last_lines()}",
            hint=f"Its whole log is {self.log_path}.",
        )

    async def _progress(self) -> object:
        return await self.service.progress() if self.service.progress else None

    def last_lines(self, count: int = 12) -> str:
        text = self.log_path.read_text(errors="replace")
        return "\n".join(text.splitlines()[-count:])


async def _terminate(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


class Supervisor:
    """Starts services in order and stops them in reverse order."""

    def __init__(self, log_dir: Path) -> None:
        log_dir.mkdir(parents=True, exist_ok=True)
        self._log_dir = log_dir
        self.running: dict[str, Running] = {}

    async def start(self, service: Service) -> Running:
        """Start one more service and wait until it is healthy."""
        running = Running(service, self._log_dir / f"{service.name}.log")
        self.running[service.name] = running
        await running.start()
        return running

    async def start_all(self, services: Sequence[Service]) -> None:
        """Start services that need not wait for each other; all are healthy when this returns.

        Raises:
            ServiceFailed: of the first that failed; the others are not waited for.
        """
        try:
            async with asyncio.TaskGroup() as tasks:
                for service in services:
                    tasks.create_task(self.start(service))
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None

    async def stop(self, name: str) -> None:
        """Stop one service for good."""
        await self.running.pop(name).stop()

    async def stop_all(self) -> None:
        for name in reversed(list(self.running)):
            await self.stop(name)
