"""Waiting for the person to say stop."""

import asyncio
import signal


async def stop_signal() -> None:
    """Wait for ctrl-C or a polite kill."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await stopped.wait()
