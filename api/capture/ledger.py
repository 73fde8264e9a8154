"""What the chain itself says about products right now; the mirror may be a block behind."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from core.chain.bindings import actor_registry, supply_chain
from core.chain.client import Rpc, to_bytes, to_int
from core.crypto import to_hex
from core.types import EMPTY_HEAD, ZERO_ADDRESS, Address, Head

MAX_BATCH: Final = 500
"""SupplyChain.MAX_BATCH."""
MAX_CLOCK_SKEW_S: Final = 15 * 60
"""SupplyChain.MAX_CLOCK_SKEW."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one product stands."""

    head: Head = EMPTY_HEAD
    custodian: Address = ZERO_ADDRESS
    recall_level: int = 0


class Ledger:
    """SupplyChain over RPC."""

    def __init__(self, rpc: Rpc, contract: bytes, registry: bytes) -> None:
        self._rpc = rpc
        self.contract = contract
        self._registry = registry

    async def standings(self, products: Sequence[bytes]) -> dict[bytes, Standing]:
        """Head, custodian and recall of each product. Raises RpcUnavailable."""
        calls = [
            self._view(encode(product))
            for product in products
            for encode in (
                supply_chain.encode_head,
                supply_chain.encode_custodian_of,
                supply_chain.encode_recall_level_of,
            )
        ]
        answers = [to_bytes(answer) for answer in await self._rpc.batch(calls)]
        return {
            product: Standing(
                Head(supply_chain.decode_head(head)),
                Address(supply_chain.decode_custodian_of(custodian)),
                supply_chain.decode_recall_level_of(level),
            )
            for product, head, custodian, level in zip(
                products, answers[0::3], answers[1::3], answers[2::3], strict=True
            )
        }

    async def now(self) -> int:
        """The latest block's time, Unix seconds: the clock deadlines are held against."""
        block: Mapping[str, Any] = await self._rpc.call("eth_getBlockByNumber", "latest", False)
        return to_int(block["timestamp"])

    async def role_of(self, address: bytes) -> int:
        """The registered role of an address, 0 for none."""
        method, params = self._view(actor_registry.encode_role_of(address), self._registry)
        return actor_registry.decode_role_of(to_bytes(await self._rpc.call(method, *params)))

    async def simulate(self, sender: bytes, data: bytes) -> None:
        """Passes silently if the call would succeed now; raises what the contract would say."""
        call = {"from": to_hex(sender), "to": to_hex(self.contract), "data": to_hex(data)}
        await self._rpc.call("eth_call", call, "latest")

    def _view(self, data: bytes, to: bytes | None = None) -> tuple[str, list[Any]]:
        return "eth_call", [{"to": to_hex(to or self.contract), "data": to_hex(data)}, "latest"]
