"""Several nodes of one chain as one: the next is asked when one fails, is slow, or lies.

An endpoint that fails rests, twice as long after each failure in a row, and comes back when a
probe finds it answering on the right chain. When all rest, they are asked all the same: nothing
is gained by not asking.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import structlog

from core.chain.client import NOT_KNOWN, Answers, Call, Observe, Rpc, RpcFailed, shown, to_int
from core.config import ChainSettings
from core.errors import (
    BadConfig,
    Malformed,
    Operator,
    Retryable,
    RpcUnavailable,
    SmartRetailError,
    SourceLied,
)

log = structlog.get_logger()

T = TypeVar("T")
Work = Callable[[Rpc], Awaitable[T]]

PATIENCE_S: Final = 3.0
"""How long an endpoint may take while another could be asked: fail-over stays under 5 s."""
FIRST_REST_S: Final = 1.0
LAST_REST_S: Final = 60.0
FIRST_LIE_REST_S: Final = 60.0
LAST_LIE_REST_S: Final = 3600.0
LONGEST_RETRY_AFTER_S: Final = 600.0


@dataclass
class Endpoint:
    """One node, and how it has been doing."""

    rpc: Rpc
    failures: int = 0
    """In a row."""
    lies: int = 0
    latency_s: float = 0.0
    """Moving average of the answers."""
    busy: int = 0
    """Questions it is working on."""
    rests_until: float = 0.0
    """By the monotonic clock."""
    checked: bool = False
    """Whether it was seen to be on the right chain."""
    refused: bool = False
    """It is on another chain: never asked again."""

    @property
    def name(self) -> str:
        """Its address without what may be a key."""
        return shown(self.rpc.url)

    @property
    def resting(self) -> bool:
        return self.rests_until > time.monotonic()

    @property
    def well(self) -> bool:
        """It answered last, or a probe did since."""
        return not self.failures

    @property
    def cost(self) -> tuple[float, float]:
        """What it is sorted by: well ones first, of them the one that will answer soonest."""
        return 0.0 if self.well else self.rests_until, (self.busy + 1) * self.latency_s

    def answered(self, took_s: float) -> None:
        self.failures = 0
        self.rests_until = 0.0
        self.latency_s = took_s if not self.latency_s else 0.8 * self.latency_s + 0.2 * took_s

    def failed(self, error: SmartRetailError) -> None:
        """Rest for as long as the error and the failures before it suggest."""
        self.failures += 1
        if isinstance(error, Operator):
            self.lies += 1
            rest = min(FIRST_LIE_REST_S * 2 ** min(self.lies - 1, 10), LAST_LIE_REST_S)
        else:
            rest = min(FIRST_REST_S * 2 ** min(self.failures - 1, 10), LAST_REST_S)
            asked_for = float(error.details.get("retry_after_s", 0))
            rest = max(rest, min(asked_for, LONGEST_RETRY_AFTER_S))
        self.rests_until = time.monotonic() + rest


class Endpoints:
    """Nodes of one chain, asked one after another until one answers. Close it, or use it as an
    async context manager.

    `call` and `batch` are those of `Rpc`; `ask` takes a whole conversation with one node,
    including the proof of what it said.
    """

    def __init__(self, rpcs: Sequence[Rpc]) -> None:
        self._endpoints = [Endpoint(rpc) for rpc in rpcs]
        self._chain_id: int | None = None
        self._returning: dict[int, asyncio.Task[None]] = {}
        self.answerer: Endpoint | None = None
        """Who answered last."""

    @classmethod
    def of(
        cls, settings: ChainSettings, observer: Callable[[str], Observe] = lambda _name: _unseen
    ) -> Self:
        """All endpoints that the settings name; `observer` gives each one's by its shown name."""
        urls = dict.fromkeys((settings.rpc_url, *settings.rpc_urls))
        return cls([Rpc(url, observe=observer(shown(url))) for url in urls])

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        for task in self._returning.values():
            task.cancel()
        await asyncio.gather(*self._returning.values(), return_exceptions=True)
        for endpoint in self._endpoints:
            await endpoint.rpc.close()

    @property
    def health(self) -> tuple[Endpoint, ...]:
        """How each is doing, in the order of the settings."""
        return tuple(self._endpoints)

    async def open(self, chain_id: int) -> None:
        """Ask all for their chain; those on another are left out.

        Raises:
            BadConfig: no endpoint is on this chain.
            RpcUnavailable: none that could be answered.
        """
        self._chain_id = chain_id
        nobody = all(endpoint.refused for endpoint in self._endpoints)
        for endpoint in self._endpoints:
            endpoint.checked = False  # a node may have been started anew on another chain
            endpoint.refused = endpoint.refused and not nobody
        # That it knows its chain tells nothing of why an endpoint rests.
        asked = [endpoint for endpoint in self._endpoints if not endpoint.resting]
        found = await asyncio.gather(
            *(self._attempt(endpoint, _nothing) for endpoint in asked or self._endpoints),
            return_exceptions=True,
        )
        errors = [error for error in found if isinstance(error, BaseException)]
        for error in errors:
            if not isinstance(error, SmartRetailError):
                raise error
            log.error("endpoint left out", reason=str(error))
        if len(errors) == len(found):
            raise next((e for e in errors if isinstance(e, RpcUnavailable)), errors[0])

    async def call(self, method: str, *params: Any) -> Any:
        """As `Rpc.call`, at the first endpoint that answers."""
        return await self.ask(lambda rpc: rpc.call(method, *params))

    async def batch(self, calls: Sequence[Call]) -> Answers:
        """As `Rpc.batch`, at the first endpoint that answers."""
        return await self.ask(lambda rpc: rpc.batch(calls))

    async def ask(self, work: Work[T]) -> T:
        """What `work` returns with the first endpoint that neither fails nor lies.

        Raises:
            SmartRetailError: what the endpoints raised: what all agree on if they do, else a lie if
                one lied, else the last failure. What is no failure of the node, such as a
                revert, is raised at once.
        """
        errors: list[SmartRetailError] = []
        for endpoint in sorted(self._usable(), key=lambda one: one.cost):
            try:
                return await self._attempt(endpoint, work)
            except (Retryable, Operator) as error:
                errors.append(error)
        raise _verdict(errors)

    async def each(self, work: Work[T], needed: int) -> list[T]:
        """What `work` returns with every endpoint, all asked at once, without those that fail.

        Endpoints that are unwell are asked only where the others are fewer than `needed`.
        """
        usable = self._usable()
        well = [endpoint for endpoint in usable if endpoint.well]
        asked = well if len(well) >= needed else usable
        found = await asyncio.gather(
            *(self._attempt(endpoint, work) for endpoint in asked), return_exceptions=True
        )
        for one in found:
            if isinstance(one, BaseException) and not isinstance(one, Retryable | Operator):
                raise one
        return [one for one in found if not isinstance(one, BaseException)]

    def blame(self, endpoint: Endpoint, error: SmartRetailError) -> None:
        """Let an endpoint rest for an answer that turned out bad later."""
        self._failed(endpoint, error)

    def _usable(self) -> list[Endpoint]:
        usable = [endpoint for endpoint in self._endpoints if not endpoint.refused]
        if not usable:
            raise BadConfig("every endpoint is on another chain than the deployment")
        return usable

    async def _attempt(self, endpoint: Endpoint, work: Work[T]) -> T:
        started = time.monotonic()
        endpoint.busy += 1
        try:
            async with asyncio.timeout(PATIENCE_S if len(self._usable()) > 1 else None):
                await self._check_chain(endpoint)
                result = await work(endpoint.rpc)
        except TimeoutError as error:
            late = RpcUnavailable(f"{endpoint.name} did not answer in {PATIENCE_S} s")
            self._failed(endpoint, late)
            raise late from error
        except (RpcUnavailable, Operator) as error:
            self._failed(endpoint, error)
            raise
        finally:
            endpoint.busy -= 1
        endpoint.answered(time.monotonic() - started)
        self.answerer = endpoint
        return result

    async def _check_chain(self, endpoint: Endpoint) -> None:
        if endpoint.checked or self._chain_id is None:
            return
        actual = _chain_id(endpoint, await endpoint.rpc.call("eth_chainId"))
        if actual != self._chain_id:
            endpoint.refused = True
            raise BadConfig(
                f"{endpoint.name} is on chain {actual}, the deployment is on chain "
                f"{self._chain_id}",
                hint="Set SR360_CHAIN__RPC_URL and SR360_CHAIN__CHAIN_ID to the same chain.",
            )
        endpoint.checked = True

    def _failed(self, endpoint: Endpoint, error: SmartRetailError) -> None:
        if isinstance(error, RpcFailed) and error.details.get("code") in NOT_KNOWN:
            return
        if endpoint.resting and endpoint.lies >= isinstance(error, Operator):
            return  # questions that were under way together count once
        endpoint.failed(error)
        if endpoint.refused or len(self._endpoints) == 1:
            return  # the only endpoint is asked again whatever it did
        tell = log.error if isinstance(error, Operator) else log.warning
        tell("endpoint rests", endpoint=endpoint.name, code=error.code, reason=error.message)
        key = id(endpoint)
        if key not in self._returning:
            self._returning[key] = asyncio.create_task(self._bring_back(endpoint))
            self._returning[key].add_done_callback(lambda _: self._returning.pop(key, None))

    async def _bring_back(self, endpoint: Endpoint) -> None:
        """Probe an endpoint after its rest until it answers: a real question never waits for it."""
        while endpoint.resting or endpoint.failures:
            await asyncio.sleep(max(0.0, endpoint.rests_until - time.monotonic()))
            endpoint.checked = False
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self._check_chain(endpoint)
                    await endpoint.rpc.call("eth_blockNumber")
            except BadConfig as error:
                log.error("endpoint left out", reason=error.message)
                return
            except (TimeoutError, SmartRetailError):
                endpoint.failed(RpcUnavailable("the probe failed"))
            else:
                endpoint.failures = 0
                log.info("endpoint is back", endpoint=endpoint.name)
                return


def _verdict(errors: Sequence[SmartRetailError]) -> SmartRetailError:
    """What to say of a question that no endpoint answered.

    That the operator must act, say for a transaction type nobody here knows, is believed when all
    endpoints say so: one alone may have invented it.
    """
    if len({type(error) for error in errors}) == 1:
        return errors[-1]
    lies = [error for error in errors if isinstance(error, SourceLied)]
    failures = [error for error in errors if isinstance(error, Retryable)]
    return (lies or failures or list(errors))[-1]


def _unseen(_methods: Sequence[str], _took_s: float, _code: str) -> None:
    """Nobody watches."""


async def _nothing(_rpc: Rpc) -> None:
    """Being on the right chain is all that is asked."""


def _chain_id(endpoint: Endpoint, answer: Any) -> int:
    try:
        return to_int(answer)
    except Malformed as error:
        raise RpcUnavailable(f"{endpoint.name} told no chain id: {error.message}") from error
