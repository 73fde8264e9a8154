"""`/health`: this process lives. `/ready`: everything it needs answers."""

import asyncio
from collections.abc import Awaitable
from typing import Any, Final

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.deps import Services, WithServices
from api.queries.snapshot import Snapshot
from core.chain.client import to_int
from core.errors import SmartRetailError

router = APIRouter(tags=["health"])

_PATIENCE_S: Final = 3.0
MAX_LAG_BLOCKS: Final = 50


@router.get("/health")
async def health() -> dict[str, str]:
    """Alive."""
    return {"status": "ok"}


@router.get("/ready")
async def ready(services: WithServices) -> JSONResponse:
    """Database, RPC, IPFS and how far the mirror is behind the chain; 503 if one is missing."""
    names = ("database", "rpc", "ipfs")
    checks = await asyncio.gather(
        _tried(_database(services)), _tried(_rpc(services)), _tried(services.ipfs.version())
    )
    found = dict(zip(names, checks, strict=True))
    lag = _lag(found)
    good = all(check["ok"] for check in checks) and lag is not None and lag <= MAX_LAG_BLOCKS
    body = {"status": "ok" if good else "not ready", "lagBlocks": lag, "checks": found}
    return JSONResponse(body, 200 if good else 503)


async def _tried(work: Awaitable[Any]) -> dict[str, Any]:
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return {"ok": True, "answer": await work}
    except SmartRetailError as error:
        return {"ok": False, "code": error.code, "hint": error.hint}
    except TimeoutError:
        return {"ok": False, "code": "timeout", "hint": f"no answer in {_PATIENCE_S:.0f} s"}


async def _database(services: Services) -> dict[str, int]:
    async with Snapshot(services.database) as snapshot:
        return (await snapshot.meta()).json()


async def _rpc(services: Services) -> int:
    return to_int(await services.rpc.call("eth_blockNumber"))


def _lag(found: dict[str, dict[str, Any]]) -> int | None:
    if not (found["database"]["ok"] and found["rpc"]["ok"]):
        return None
    return int(found["rpc"]["answer"]) - int(found["database"]["answer"]["block"])
