"""The frame of a report: who checked what against what, when, with which software."""

import time
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from core.chain.client import shown
from core.chain.deployments import Deployment
from core.clock import iso, now_ms
from core.config import Settings
from core.crypto import to_hex
from core.db.engine import parse_url
from indexer.registry import registry_of
from indexer.verify.base import Base
from indexer.verify.walk import Replayed

_PACKAGE: Final = "smartretail360"


class Frame:
    """Opened before the audit, closed after it."""

    def __init__(
        self,
        settings: Settings,
        deployment: Deployment,
        product: str | None,
        since: Base | None,
        jobs: int,
    ) -> None:
        self._settings = settings
        self._deployment = deployment
        self._options = {"product": product, "since": _since(since), "jobs": jobs}
        self._started_ms = now_ms()
        self._clock = time.monotonic()

    def close(self, replayed: Replayed | None) -> dict[str, Any]:
        """JSON values. Endpoints are shown without what may be a key in their path."""
        deployment, ipfs = self._deployment, self._settings.ipfs
        return {
            "software": {"name": _PACKAGE, "version": software_version()},
            "startedAt": iso(self._started_ms),
            "durationMs": round(1000 * (time.monotonic() - self._clock)),
            "options": self._options,
            "endpoints": {
                "rpc": [shown(self._settings.chain.rpc_url)],
                "ipfs": f"{ipfs.host}:{ipfs.api_port}",
                "database": parse_url(self._settings.database_url).get_backend_name(),
            },
            "chain": {
                "chainId": deployment.chain_id,
                "deployment": to_hex(registry_of(deployment).fingerprint),
                "contracts": {n: to_hex(c.address) for n, c in deployment.contracts.items()},
            },
            "blocks": None if replayed is None else _blocks(replayed),
            "digests": None if replayed is None else _digests(replayed),
        }


def software_version() -> str:
    """This release, or `unknown` outside an installation."""
    try:
        return version(_PACKAGE)
    except PackageNotFoundError:
        return "unknown"


def _blocks(replayed: Replayed) -> dict[str, Any]:
    first, header = replayed.first, replayed.header
    return {
        "first": None if first is None else {"number": first[0], "hash": to_hex(first[1])},
        "last": {
            "number": header.number,
            "hash": to_hex(header.hash),
            "timestamp": header.timestamp,
            "stateRoot": to_hex(header.state_root),
        },
        "finalized": replayed.finalized,
    }


def _digests(replayed: Replayed) -> dict[str, str]:
    return {
        "history": to_hex(replayed.history.value),
        "state": to_hex(replayed.replay.digest),
    }


def _since(since: Base | None) -> dict[str, Any] | None:
    if since is None:
        return None
    return {
        "number": since.number,
        "hash": None if since.hash is None else to_hex(since.hash),
        "report": since.source or None,
    }
