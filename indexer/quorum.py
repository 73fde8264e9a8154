"""Headers that several endpoints agree on.

Receipts are proven by their header; what a header rests on is who says it is the chain's. With a
quorum of k, a fork that fewer than k endpoints tell is not followed.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from core.chain.client import NOT_KNOWN, Rpc, RpcFailed, to_int
from core.chain.endpoints import Endpoints
from core.errors import Retryable
from indexer.proof import JsonBlock

AskHeader = Callable[[Rpc, str], Awaitable[JsonBlock | None]]


class EndpointsDisagree(Retryable):
    """Too few endpoints tell the same block; nothing is followed until enough do."""

    code = "endpoints_disagree"
    hint_default = (
        "One may lag or be on a fork for a moment. If it lasts: compare the endpoints' blocks, and "
        "remove the wrong one from SR360_CHAIN__RPC_URLS."
    )


@dataclass(frozen=True, slots=True)
class _NotKnown:
    """What an endpoint says that does not know the tag."""

    error: RpcFailed


class Quorum:
    """`needed` endpoints of those there are; `ask` gets a proven header from one of them."""

    def __init__(self, endpoints: Endpoints, needed: int, ask: AskHeader) -> None:
        self._endpoints = endpoints
        self._needed = needed
        self._ask = ask

    async def header(self, tag: str) -> JsonBlock | None:
        """The youngest header at `tag` or below that enough endpoints have; None if they have none.

        Raises:
            EndpointsDisagree: there is none.
            RpcFailed: enough endpoints do not know the tag.
        """
        found = await self._endpoints.each(lambda rpc: self._tagged(rpc, tag), self._needed)
        headers = [header for header in found if isinstance(header, dict)]
        unknown = [answer for answer in found if isinstance(answer, _NotKnown)]
        if len(unknown) >= self._needed:
            raise unknown[0].error
        if not headers and len(found) >= self._needed:
            return None
        if len(headers) < self._needed:
            raise EndpointsDisagree(
                f"{len(headers)} endpoints told block {tag}, {self._needed} are needed"
            )
        # Endpoints stand at different heights; this one is reached by enough of them.
        number = sorted((to_int(header["number"]) for header in headers), reverse=True)[
            self._needed - 1
        ]
        at = [header for header in headers if to_int(header["number"]) == number]
        return self._agreed(at) or self._require(await self._all_at(number), number)

    async def confirm(self, header: JsonBlock) -> None:
        """Pass silently if enough endpoints have this header. Raises EndpointsDisagree."""
        agreed = self._require(
            await self._all_at(to_int(header["number"])), to_int(header["number"])
        )
        if agreed["hash"] != header["hash"]:
            raise EndpointsDisagree(
                f"block {header['number']}: one endpoint has {header['hash']}, "
                f"the quorum has {agreed['hash']}"
            )

    async def _tagged(self, rpc: Rpc, tag: str) -> JsonBlock | _NotKnown | None:
        """That a node does not know a tag is an answer too."""
        try:
            return await self._ask(rpc, tag)
        except RpcFailed as error:
            if error.details.get("code") in NOT_KNOWN:
                return _NotKnown(error)
            raise

    async def _all_at(self, number: int) -> list[JsonBlock]:
        found = await self._endpoints.each(lambda rpc: self._ask(rpc, hex(number)), self._needed)
        return [header for header in found if header is not None]

    def _agreed(self, headers: Sequence[JsonBlock]) -> JsonBlock | None:
        counts = Counter(header["hash"] for header in headers)
        return next((h for h in headers if counts[h["hash"]] >= self._needed), None)

    def _require(self, headers: Sequence[JsonBlock], number: int) -> JsonBlock:
        agreed = self._agreed(headers)
        if agreed is None:
            told = Counter(header["hash"] for header in headers)
            raise EndpointsDisagree(
                f"block {number}: {self._needed} endpoints must agree, they told {dict(told)}"
            )
        return agreed
