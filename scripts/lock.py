"""Compile the lock files: versions and hashes, no download addresses.

Run `python -m scripts.lock` after a change of pyproject.toml. `all.lock` is what `./sr360 demo`
installs; the locks named after a service are what its container installs.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
UV = Path(sys.executable).parent / "uv"
SERVICES = ("api", "indexer", "oracle", "edge", "ml")


def targets() -> dict[str, list[str]]:
    """Lock file name -> what it is compiled from."""
    return {
        "uv": ["requirements/uv.in"],
        "all": ["pyproject.toml", "--extra", "all"],
        "dev": ["pyproject.toml", "--extra", "all", "--group", "dev"],
        "contracts": ["--group", "contracts"],
        "brownie": ["--group", "brownie"],
        "proofs": ["--group", "proofs"],
        **{name: ["pyproject.toml", "--extra", name, "--extra", "cli"] for name in SERVICES},
    }


def compile_lock(name: str, sources: list[str], *, constraint: str | None) -> None:
    """Write `requirements/<name>.lock`; pins stay as they are unless `--upgrade` is given."""
    pinned = ["--constraint", f"requirements/{constraint}.lock"] if constraint else []
    command = [
        *(str(UV), "pip", "compile", *sources, *pinned, "--python-version", "3.11"),
        *("--generate-hashes", "--no-header", "--no-annotate", "--quiet"),
        *("--output-file", f"requirements/{name}.lock", *sys.argv[1:]),
    ]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)


def main() -> None:
    for name, sources in sorted(targets().items(), key=lambda item: item[0] != "dev"):
        shared = name not in {"uv", "dev", "contracts", "proofs", "brownie"}
        compile_lock(name, sources, constraint="dev" if shared else None)
        print(f"requirements/{name}.lock", file=sys.stderr)


if __name__ == "__main__":
    main()
