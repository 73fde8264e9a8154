"""Programs that come as locked npm packages."""

import platform
import shutil
import sys
from pathlib import Path
from typing import Final

from core.errors import MissingTool

ROOT: Final = Path(__file__).resolve().parent.parent
_ARCHITECTURES: Final = {"x86_64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


def tool_path(tool: str) -> Path:
    """The program inside `@foundry-rs/<tool>-<system>-<arch>`, or the one on the PATH.

    Raises:
        MissingTool: neither is there.
    """
    machine = platform.machine()
    package = f"{tool}-{sys.platform}-{_ARCHITECTURES.get(machine, machine)}"
    path = ROOT / "contracts/node_modules/@foundry-rs" / package / "bin" / tool
    found = path if path.exists() else shutil.which(tool)
    if found is None:
        raise MissingTool(
            f"{tool} is not at {path}",
            hint="Run `./sr360 setup` (Linux on x86-64), or put Foundry 1.7 on the PATH.",
        )
    return Path(found)
