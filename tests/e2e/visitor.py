"""How the tests meet a running stack: over HTTP and through the command line, as anybody does."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SALAD = "/01/10860009998039/10/SALAD-20260420-A"
SECOND_LOT = "/01/10860009999920/10/ABC5678"
NOBODY = "http://127.0.0.1:9"
"""The discard port: nothing listens there."""


@dataclass(frozen=True)
class Answer:
    """What came back, errors included."""

    status: int
    kind: str
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def ask(
    url: str, *, method: str = "GET", body: bytes | None = None, accept: str = "application/json"
) -> Answer:
    """One request; an error status is an answer too."""
    headers = {"accept": accept, "content-type": "application/json"}
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return _answer(response.status, response)
    except urllib.error.HTTPError as error:
        return _answer(error.code, error)


def _answer(status: int, response: Any) -> Answer:
    kind = str(response.headers["content-type"]).split(";")[0]
    return Answer(status, kind, response.read().decode())


def ports(base: int) -> dict[str, str]:
    """The settings that `--port-base` stands for, for commands that do not have it."""
    return {
        "SR360_API__PORT": str(base),
        "SR360_CHAIN__RPC_URL": f"http://127.0.0.1:{base + 1}",
        "SR360_IPFS__API_PORT": str(base + 2),
        "SR360_IPFS__GATEWAY_PORT": str(base + 3),
        "SR360_MQTT__PORT": str(base + 4),
        "SR360_INDEXER__PORT": str(base + 5),
    }


def sr360(env: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line to its end."""
    return subprocess.run(
        [sys.executable, "-m", "scripts.sr360", *arguments],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
