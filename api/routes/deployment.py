"""`GET /deployment`: the contracts this server speaks about, for readers who check its proofs."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.deps import WithServices
from core.chain import deployments

router = APIRouter(tags=["proof"])


@router.get("/deployment")
async def deployment(services: WithServices) -> JSONResponse:
    """A deployment file as in contracts/deployments, and an RPC endpoint anyone may ask.

    This is the server's own word: a reader who trusts nobody compares it with a file of their own.
    """
    found: dict[str, Any] = deployments.to_json(services.deployment)
    body = found | {"rpcUrl": services.settings.public_rpc_url}
    return JSONResponse(body, headers={"cache-control": "no-cache"})
