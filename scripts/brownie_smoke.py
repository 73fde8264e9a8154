"""A Brownie user's first script: deploy SupplyChain, record, read the head, check the event.

    ./sr360 brownie run brownie_smoke            on the configured chain, with anvil's first account

It attaches to a SupplyChain when SUPPLY_CHAIN names its address. The head is folded here once more
with nothing of ours but the rule, so the script fails when contract and rule disagree.
"""

import os
import time
from typing import Any

from brownie import Contract, accounts, network, project, web3
from eth_abi.abi import encode

MNEMONIC = "test test test test test test test test test test test junk"
OBJECT = 1
PRODUCT = "https://id.gs1.org/01/00860009999923/10/BROWNIE"


def main() -> None:
    """Run by Brownie; an assertion that fails ends it with exit code 1."""
    actor = accounts.from_mnemonic(MNEMONIC)
    supply_chain = _supply_chain(actor)
    product = web3.keccak(text=f"{PRODUCT}/{time.time_ns()}")
    data = web3.keccak(text="a document")
    occurred_at = web3.eth.get_block("latest")["timestamp"] * 1000

    transaction = supply_chain.record(product, data, occurred_at, OBJECT, {"from": actor})

    event = transaction.events["EventRecorded"]
    assert bytes(event["productId"]) == bytes(product), event
    assert (event["actor"], event["seq"], event["kind"]) == (actor, 1, OBJECT), event
    head = bytes(supply_chain.head(product))
    assert head == _first_head(actor, data, occurred_at), head.hex()
    assert supply_chain.custodianOf(product) == actor
    print(f"recorded {product.hex()} on {network.show_active()}: head {head.hex()}")


def _supply_chain(actor: Any) -> Any:
    ours = project.get_loaded_projects()[0]
    if at := os.environ.get("SUPPLY_CHAIN"):
        return Contract.from_abi("SupplyChain", at, ours.SupplyChain.abi)
    authority = actor.deploy(ours.Authority, actor)
    registry = actor.deploy(ours.ActorRegistry, authority)
    return actor.deploy(ours.SupplyChain, registry)


def _first_head(actor: Any, data: bytes, occurred_at: int) -> bytes:
    """seq 1, then 24 bytes of keccak256(empty head ‖ leaf)."""
    types = ["uint8", "address", "address", "bytes32", "uint64"]
    words = encode(types, [OBJECT, actor.address, "0x" + "00" * 20, data, occurred_at])
    leaf = web3.keccak(words)
    return (1).to_bytes(8, "big") + bytes(web3.keccak(bytes(32) + leaf))[8:]
