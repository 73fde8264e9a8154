"""anvil's state file on disk: replaced in one step, and holding one chain only."""

import os
from pathlib import Path
from typing import Any, Final

import orjson

from core.chain.client import to_int
from core.chain.proof.header import encode_header, read_header
from core.crypto import to_hex

_GENESIS: Final = 0


def replace(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, also in a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_suffix(".new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)


def drop_foreign_geneses(path: Path) -> None:
    """Leave only the genesis on which block 1 stands.

    anvil makes a genesis of its own at each start and saves it beside the loaded one; of two, a
    later start may take the wrong one for block 0.
    """
    try:
        state = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError:
        return  # anvil will refuse it
    blocks = state["blocks"]
    geneses = [block for block in blocks if _number(block) == _GENESIS]
    parents = [block["header"]["parentHash"] for block in blocks if _number(block) == 1]
    if len(geneses) > 1 and parents:
        foreign = [block for block in geneses if _hash(block) != parents[0]]
        state["blocks"] = [block for block in blocks if block not in foreign]
        replace(path, orjson.dumps(state))


def _number(block: dict[str, Any]) -> int:
    return to_int(block["header"]["number"])


def _hash(block: dict[str, Any]) -> str:
    return to_hex(read_header(encode_header(block["header"])).hash)
