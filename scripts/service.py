"""One service in a process of its own: `python -m scripts.service NAME`.

What `sr360 up` starts. `sr360 run` does the same for people, with the command line's libraries and
a progress bar on top: 10 MB and half a second that nobody looks at in a stack or a container.
"""

import asyncio
import gc
import importlib
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, Final

from pydantic import ValidationError

from core.config import Settings
from core.errors import BadConfig, SmartRetailError
from core.telemetry import logs

GOOD, COULD_NOT_CHECK, INTERRUPTED = 0, 2, 130

Run = Callable[[Settings], Coroutine[Any, Any, None]]
DOORS: Final = {
    "ipfs": "core.ipfs.node",
    "broker": "oracle.broker",
    "indexer": "indexer.main",
    "oracle": "oracle.main",
    "ml": "ml.main",
    "edge": "edge.main",
    "api": "api.main",
}
"""Service name -> the module whose `async def run(settings)` is its one door."""


def read_settings() -> Settings:
    """Settings from the environment, or a `BadConfig` that names each wrong variable."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [
            f"SR360_{'__'.join(str(part).upper() for part in item['loc'])}: {item['msg']}"
            for item in error.errors()
        ]
        raise BadConfig(
            "; ".join(lines), hint="Correct or unset these environment variables."
        ) from error


async def serve(name: str, wrap: Callable[[Run], Run] = lambda run: run) -> None:
    """Run a service until SIGTERM. `wrap` may add to its door.

    Raises:
        BadConfig: no such service, or wrong settings.
        SmartRetailError: what the service ends with.
    """
    settings = read_settings()
    if name not in DOORS:
        raise BadConfig(f"There is no service {name!r}.", hint=f"One of: {', '.join(DOORS)}.")
    logs.configure(settings, name)
    gc.disable()  # what is imported stays: looking for garbage in it takes a tenth of the time
    run = wrap(importlib.import_module(DOORS[name]).run)
    gc.enable()
    task = asyncio.create_task(run(settings))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return


def main(name: str) -> int:
    """The exit status."""
    try:
        asyncio.run(serve(name))
    except SmartRetailError as error:
        print(f"error: ({error.code}): {error.message}\nhint: {error.hint}", file=sys.stderr)
        return COULD_NOT_CHECK
    except KeyboardInterrupt:
        return INTERRUPTED
    return GOOD


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) == 2 else ""))
