"""Each product's head against the chain's state: `eth_getProof`, checked down to the slot.

Logs say what happened; the head in storage commits to all of it. So even a node that hid a log
consistently cannot make the two agree.
"""

from typing import Any, Final

from core.chain.client import Rpc
from core.chain.proof.header import Header
from core.chain.proof.mpt import head_slot, prove_account, prove_head
from core.crypto import from_hex, to_hex
from core.errors import Malformed, RpcUnavailable
from core.types import Address
from indexer.rows import Row
from indexer.verify.progress import Progress
from indexer.verify.report import Report, show

BATCH: Final = 500
"""Slots in one question. geth refuses more than 1024, and anvil builds the trie for each anew."""


async def check_heads(
    rpc: Rpc,
    contract: Address,
    header: Header,
    products: list[Row],
    report: Report,
    progress: Progress,
) -> None:
    """Compare the heads of replayed products with the state under a header we trust."""
    for start in range(0, len(products), BATCH):
        part = products[start : start + BATCH]
        slots = [to_hex(head_slot(product.product_id)) for product in part]
        try:
            proof = await rpc.call("eth_getProof", to_hex(contract), slots, hex(header.number))
        except RpcUnavailable as error:
            report.unchecked.append(f"heads in block {header.number}: {error.message}")
            return
        _check(header, contract, part, proof, report)
        progress("heads", start + len(part), len(products))


def _check(
    header: Header, contract: Address, products: list[Row], proof: Any, report: Report
) -> None:
    try:
        nodes = [from_hex(node) for node in proof["accountProof"]]
        storage = prove_account(header.state_root, contract, nodes).storage_root
        for product, entry in zip(products, proof["storageProof"], strict=True):
            path = [from_hex(node) for node in entry["proof"]]
            _compare(product, prove_head(storage, product.product_id, path), report)
    except (Malformed, KeyError, TypeError, ValueError) as error:
        message = f"the state proof in block {header.number} does not hold: {error}"
        report.add("source_lied", f"block {header.number}", message)


def _compare(product: Row, proven: bytes, report: Report) -> None:
    report.checked["heads proven"] += 1
    if product.head != proven:
        place = f"product {show(product.product_id)}"
        report.add(
            "head_differs",
            place,
            f"{place}: its logs fold to {show(product.head)}, the state holds {show(proven)}",
            column="head",
            expected=show(proven),
            found=show(product.head),
        )
