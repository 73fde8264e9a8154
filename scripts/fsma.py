"""`sr360 fsma`: the FSMA 204 spreadsheet as anybody can download it from the API."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import aiohttp

from core.errors import BadInput, Retryable

_TIMEOUT_S = 60


async def download(api_url: str, lots: Sequence[str], out: Path) -> int:
    """Writes the spreadsheet of these lots (CSV if `out` ends so) and returns its size in bytes.

    Raises Retryable when nobody answers, BadInput with the API's own words when it refuses.
    """
    form = "csv" if out.suffix == ".csv" else "xlsx"
    timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.get(
                f"{api_url.rstrip('/')}/fsma204.{form}", params=[("lot", lot) for lot in lots]
            ) as response,
        ):
            if response.status != 200:
                problem = await response.json(content_type=None)
                raise BadInput(problem["detail"], hint=problem["hint"], pointer=problem["pointer"])
            body = await response.read()
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise Retryable(f"{api_url} does not answer", hint="Is the API up?") from error
    await asyncio.to_thread(out.write_bytes, body)
    return len(body)
