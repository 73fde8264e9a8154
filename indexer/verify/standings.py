"""Who holds each product, what it is packed in and how far it is recalled: asked of the contract.

The head commits to a product's own entries; where a packed product is follows from its container's
too. So the replay's answer is held against the contract's own.
"""

from typing import Any, Final

from core.chain.bindings import anchor_log, supply_chain
from core.chain.client import Rpc
from core.chain.proof.header import Header
from core.crypto import from_hex, to_hex
from core.errors import Malformed, SmartRetailError
from core.types import Address
from indexer.rows import Row
from indexer.verify.progress import Progress
from indexer.verify.report import Report, show

BATCH: Final = 50
_WORD: Final = 32


async def check_standings(
    rpc: Rpc,
    contract: Address,
    header: Header,
    products: list[Row],
    report: Report,
    progress: Progress,
) -> None:
    """Compare replayed products with what the contract answers at a block."""
    for start in range(0, len(products), BATCH):
        part = products[start : start + BATCH]
        try:
            answers = await rpc.batch(
                [_call(contract, data, header.number) for row in part for data in _questions(row)]
            )
        except SmartRetailError as error:
            report.unchecked.append(f"custody in block {header.number}: {error.message}")
            return
        for index, row in enumerate(part):
            _compare(row, answers[3 * index : 3 * index + 3], report)
        progress("standings", start + len(part), len(products))


async def check_tips(
    rpc: Rpc, contract: Address, header: Header, anchors: list[Row], report: Report
) -> None:
    """Compare the last anchors, one of each publisher, with the contract's commitment to all."""
    last = {row.publisher: row for row in anchors}
    calls = [_call(contract, anchor_log.encode_tip_of(who), header.number) for who in sorted(last)]
    try:
        tips = [from_hex(answer, length=_WORD) for answer in await rpc.batch(calls)]
    except SmartRetailError as error:
        report.unchecked.append(f"anchors in block {header.number}: {error.message}")
        return
    for publisher, tip in zip(sorted(last), tips, strict=True):
        report.checked["tips compared"] += 1
        if tip != last[publisher].tip:
            place, ours = f"publisher {show(publisher)}", show(last[publisher].tip)
            message = f"{place}: its anchors fold to {ours}, the contract says {show(tip)}"
            report.add(
                "standing_differs",
                place,
                message,
                column="tip",
                expected=show(tip),
                found=ours,
            )


def _questions(row: Row) -> tuple[bytes, bytes, bytes]:
    return (
        supply_chain.encode_custodian_of(row.product_id),
        supply_chain.encode_parent_of(row.product_id),
        supply_chain.encode_recall_level_of(row.product_id),
    )


def _call(contract: Address, data: bytes, block: int) -> tuple[str, tuple[Any, ...]]:
    return "eth_call", ({"to": to_hex(contract), "data": to_hex(data)}, hex(block))


def _compare(row: Row, answers: list[Any], report: Report) -> None:
    place = f"product {show(row.product_id)}"
    try:
        custodian, parent, level = (from_hex(answer, length=_WORD) for answer in answers)
    except Malformed as error:
        report.unchecked.append(f"{place}: the contract's answer cannot be read: {error}")
        return
    report.checked["standings compared"] += 1
    told = {
        "custodian": (bytes(row.custodian), custodian[12:]),
        "parent_id": (bytes(row.parent_id or bytes(_WORD)), parent),
        "recall_level": (row.recall_level, int.from_bytes(level, "big")),
    }
    for column, (ours, theirs) in told.items():
        if ours != theirs:
            report.add(
                "standing_differs",
                place,
                f"{place}: its logs lead to {column} {show(ours)}, the contract says "
                f"{show(theirs)}",
                column=column,
                expected=show(theirs),
                found=show(ours),
            )
