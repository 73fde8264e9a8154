"""The edge service: every device set up under the state folder, each in a task of its own.

`python -m edge.main --device NAME` runs one device alone.
"""

import argparse
import asyncio
from pathlib import Path

import structlog

from core.config import Settings
from core.errors import SmartRetailError
from edge.device import Device

LOOK_AGAIN_S = 1.0
_log = structlog.get_logger(__name__)


async def run(settings: Settings) -> None:
    """Run every device that is set up, also those set up later, until cancelled."""
    running: set[Path] = set()
    async with asyncio.TaskGroup() as tasks:
        while True:
            for folder in set(profiles(settings.state_dir)) - running:
                running.add(folder)
                tasks.create_task(run_device(settings, folder))
            await asyncio.sleep(LOOK_AGAIN_S)


async def run_device(settings: Settings, folder: Path) -> None:
    """One device until cancelled; a broken one is reported and leaves the others alone."""
    try:
        await Device(folder, settings.mqtt).run()
    except SmartRetailError as error:
        _log.error("device_unusable", device=folder.name, code=error.code, reason=error.message)


def profiles(state_dir: Path) -> list[Path]:
    """The folders of all devices that are set up."""
    return sorted(path.parent for path in (state_dir / "edge").glob("*/profile.json"))


def main() -> None:
    parser = argparse.ArgumentParser(description="a simulated sensor")
    parser.add_argument("--device", required=True, help="its folder's name under <state>/edge")
    settings = Settings()
    folder = settings.state_dir / "edge" / parser.parse_args().device
    asyncio.run(run_device(settings, folder))


if __name__ == "__main__":
    main()
