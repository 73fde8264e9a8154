"""Generates ABI files, Python bindings and the web's ABI module from the compiled contracts.

    contracts/out -> contracts/abi/*.json -> core/chain/bindings/*.py and web/src/generated/abi.ts

Run `python -m scripts.bindings` after a contract changed; a test compares the committed files.
"""

import json
from pathlib import Path
from typing import Any, Final

from scripts.bindings_python import render_module
from scripts.bindings_typescript import render_abis

ROOT: Final = Path(__file__).resolve().parent.parent
CONTRACTS: Final = (
    "ActorRegistry",
    "AnchorLog",
    "Authority",
    "CarbonToken",
    "CertificateRegistry",
    "DeliveryEscrow",
    "DeviceRegistry",
    "FootprintRegistry",
    "ForecastLedger",
    "SensorFeed",
    "SensorOracle",
    "SerialRegistry",
    "SupplyChain",
)

Abi = list[dict[str, Any]]


def snake(name: str) -> str:
    """`SupplyChain` and `productId` to `supply_chain` and `product_id`."""
    spaced = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    return spaced.lstrip("_")


def compiled_abis(root: Path = ROOT) -> dict[str, Abi]:
    """ABIs of the last forge build."""
    return {name: _artefact(root, name)["abi"] for name in CONTRACTS}


def committed_abis(root: Path = ROOT) -> dict[str, Abi]:
    """ABIs as committed."""
    return {name: json.loads((root / _abi_path(name)).read_text()) for name in CONTRACTS}


def render(abis: dict[str, Abi]) -> dict[Path, str]:
    """Every generated file, by its path from the repository root."""
    files = {_abi_path(name): json.dumps(abi, indent=2) + "\n" for name, abi in abis.items()}
    for name, abi in abis.items():
        files[Path(f"core/chain/bindings/{snake(name)}.py")] = render_module(name, abi)
    files[Path("web/src/generated/abi.ts")] = render_abis(abis)
    return files


def write(files: dict[Path, str], root: Path = ROOT) -> list[Path]:
    """Write what differs and return its paths; untouched files keep their time stamps."""
    changed = [path for path, text in files.items() if _read(root / path) != text]
    for path in changed:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(files[path])
    return changed


def _read(path: Path) -> str | None:
    return path.read_text() if path.exists() else None


def _abi_path(name: str) -> Path:
    return Path(f"contracts/abi/{name}.json")


def _artefact(root: Path, name: str) -> dict[str, Any]:
    artefact: dict[str, Any] = json.loads(
        (root / f"contracts/out/{name}.sol/{name}.json").read_text()
    )
    return artefact


if __name__ == "__main__":
    for path in write(render(compiled_abis())):
        print(path)
