"""Answers that are wrong: each function gives a changed copy of an honest one, or junk."""

import random
from collections.abc import Callable
from typing import Any

from tests.indexer.simulated.tree import Json

JUNK = (17, "0x", [], {}, "<html>", [None], [{}])
_FIELDS = (
    *("parentHash", "stateRoot", "receiptsRoot", "transactionsRoot", "timestamp", "number"),
    "hash",
)


def lie(honest: Any, random_: random.Random) -> Any:
    """Something other than `honest`, which is a header or a list of receipts."""
    if random_.random() < 0.1 or not honest:
        return random_.choice(JUNK)
    if isinstance(honest, dict):
        return random_.choice(_HEADER)(honest, random_)
    return random_.choice(_RECEIPTS)(honest, random_)


def _alter_field(header: Json, random_: random.Random) -> Any:
    return _flipped(header, random_.choice(_FIELDS))


def _hide_by_bloom(header: Json, _random: random.Random) -> Any:
    return header | {"logsBloom": "0x" + "00" * 256}


def _lose_field(source: Json, random_: random.Random) -> Any:
    lost = random_.choice(sorted(source))
    return {name: value for name, value in source.items() if name != lost}


def _empty_field(source: Json, random_: random.Random) -> Any:
    return source | {random_.choice(sorted(source)): random_.choice((None, "", "0x", 5, []))}


def _in_a_log(change: Callable[[Json, random.Random], Any]) -> Any:
    def changed(receipts: list[Json], random_: random.Random) -> Any:
        full = [i for i, receipt in enumerate(receipts) if receipt["logs"]]
        if not full:
            return receipts[:-1]
        at = random_.choice(full)
        logs = list(receipts[at]["logs"])
        place = random_.randrange(len(logs))
        logs[place : place + 1] = change(logs[place], random_)
        return [*receipts[:at], receipts[at] | {"logs": logs}, *receipts[at + 1 :]]

    return changed


def _in_a_receipt(change: Callable[[Json, random.Random], Any]) -> Any:
    def changed(receipts: list[Json], random_: random.Random) -> Any:
        at = random_.randrange(len(receipts))
        return [*receipts[:at], *change(receipts[at], random_), *receipts[at + 1 :]]

    return changed


def _flipped(source: Json, name: str) -> Json:
    """The same with another last digit."""
    last = "0" if source[name][-1] != "0" else "1"
    return source | {name: source[name][:-1] + last}


_HEADER = (_alter_field, _hide_by_bloom, _lose_field, _empty_field)
_RECEIPTS = (
    _in_a_log(lambda _log, _random: []),
    _in_a_log(lambda log, _random: [log, log]),
    _in_a_log(lambda log, _random: [log | {"data": log["data"] + "00" * 32}]),
    _in_a_log(lambda log, _random: [log | {"topics": log["topics"][:-1]}]),
    _in_a_log(lambda log, _random: [_flipped(log, "address")]),
    _in_a_log(lambda log, random_: [_lose_field(log, random_)]),
    _in_a_log(lambda log, random_: [_empty_field(log, random_)]),
    _in_a_receipt(lambda _receipt, _random: []),
    _in_a_receipt(lambda receipt, _random: [receipt, receipt]),
    _in_a_receipt(lambda receipt, _random: [_flipped(receipt, "transactionHash")]),
    _in_a_receipt(lambda receipt, _random: [receipt | {"status": "0x0"}]),
    _in_a_receipt(lambda receipt, random_: [_lose_field(receipt, random_)]),
    _in_a_receipt(lambda receipt, random_: [_empty_field(receipt, random_)]),
    lambda receipts, _random: receipts[::-1],
    lambda _receipts, _random: [],
)
