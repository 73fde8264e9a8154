"""How long after its block an event is in a GraphQL answer, and what an answer takes.

    python -m benchmarks.api.latency --api http://127.0.0.1:8360 --rpc http://127.0.0.1:8545

Needs a running stack on a development chain (it funds a fresh account there). Prints JSON. The
clock starts when the node first gives the receipt, so mining time is not in the figures; asking
again every few milliseconds is, and so is this process's share of the machine.
"""

import argparse
import asyncio
import json
import os
import platform
import time
from collections.abc import Sequence
from typing import Any

import aiohttp
from eth_account import Account

from core.chain.bindings import supply_chain
from core.chain.client import Rpc, to_int
from core.crypto import from_hex, keccak256, new_private_key, to_hex

EVENT = """query($hash:Hash!){events(dataHash:$hash,first:1){edges{node{seq kind actor{address}
    product{productId seq custodian{address}}}}} meta{block}}"""
LIST = """{products(first:20,newestFirst:true){edges{node{productId uri seq recallLevel
    custodian{name} events(first:3){edges{node{seq kind occurredAt actor{name}}}}}}}}"""


class Bench:
    """One account, one API."""

    def __init__(self, rpc: Rpc, http: aiohttp.ClientSession, api: str, contract: bytes) -> None:
        self._rpc = rpc
        self._http = http
        self._api = api
        self._contract = contract
        self._key = new_private_key()
        self._nonce = 0

    async def fund(self) -> None:
        """Ether for the account; development chains only."""
        address = Account.from_key(self._key).address
        await self._rpc.call("anvil_setBalance", address, hex(10**20))
        self._chain_id = to_int(await self._rpc.call("eth_chainId"))

    async def block_to_answer(self, rounds: int) -> list[float]:
        """Milliseconds from receipt to answer, one event after the other."""
        return [await self._one(number) for number in range(rounds)]

    async def answers(self, query: str, rounds: int) -> list[float]:
        """Milliseconds of one query, asked again and again."""
        found = []
        for _ in range(rounds):
            began = time.perf_counter()
            await self.ask(query)
            found.append((time.perf_counter() - began) * 1000)
        return found

    async def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The data of an answer."""
        body = {"query": query, "variables": variables}
        async with self._http.post(f"{self._api}/graphql", json=body) as response:
            return dict((await response.json())["data"])

    async def _one(self, number: int) -> float:
        digest = keccak256(self._key + number.to_bytes(4, "big"))
        tx_hash = await self._record(digest)
        while await self._rpc.call("eth_getTransactionReceipt", tx_hash) is None:
            await asyncio.sleep(0.002)
        began = time.perf_counter()
        while not (await self.ask(EVENT, hash=to_hex(digest)))["events"]["edges"]:
            await asyncio.sleep(0.002)
        return (time.perf_counter() - began) * 1000

    async def _record(self, digest: bytes) -> str:
        fields = {
            "type": 2,
            "chainId": self._chain_id,
            "nonce": self._nonce,
            "to": self._contract,
            "value": 0,
            "data": supply_chain.encode_record(digest, digest, 1, 1),
            "gas": 200_000,
            "maxFeePerGas": 10**11,
            "maxPriorityFeePerGas": 10**9,
        }
        self._nonce += 1
        raw = Account.sign_transaction(fields, self._key).raw_transaction
        sent: str = await self._rpc.call("eth_sendRawTransaction", to_hex(bytes(raw)))
        return sent


def summary(values: Sequence[float]) -> dict[str, float]:
    """p50, p99 and the extremes, in milliseconds."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return round(ordered[min(int(len(ordered) * share), len(ordered) - 1)], 2)

    return {"n": len(ordered), "p50": at(0.5), "p99": at(0.99), "min": at(0), "max": at(1)}


async def main(api: str, rpc_url: str, rounds: int) -> dict[str, Any]:
    """All figures."""
    async with Rpc(rpc_url) as rpc, aiohttp.ClientSession() as http:
        async with http.get(f"{api}/deployment") as response:
            site = await response.json()
        contract = from_hex(site["contracts"]["SupplyChain"]["address"])
        bench = Bench(rpc, http, api, contract)
        await bench.fund()
        await bench.block_to_answer(3)
        return {
            "block_to_graphql_answer_ms": summary(await bench.block_to_answer(rounds)),
            "graphql_20_products_3_events_ms": summary(await bench.answers(LIST, rounds)),
            "graphql_meta_ms": summary(await bench.answers("{meta{block}}", rounds)),
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}",
        }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--api", default="http://127.0.0.1:8360")
    parser.add_argument("--rpc", default="http://127.0.0.1:8545")
    parser.add_argument("--rounds", type=int, default=200)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(main(given.api, given.rpc, given.rounds)), indent=2))
