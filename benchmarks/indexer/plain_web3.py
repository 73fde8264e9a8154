"""The loop everybody writes first: web3.py's eth_getLogs, its typed decoding, and executemany."""

import os
from typing import Any, Final

import psycopg
from web3 import Web3
from web3.exceptions import MismatchedABI

from benchmarks.indexer.events import ABI, ACTOR, HASH
from benchmarks.indexer.floor import TABLE

RANGE: Final = 100
INSERT: Final = "INSERT INTO event VALUES (%s, %s, %s, %s, %s, %s, %s)"
"""psycopg 3 sends executemany as a pipeline."""


def main() -> None:
    web3 = Web3(Web3.HTTPProvider(os.environ["BENCH_RPC"]))
    contract = web3.eth.contract(
        address=Web3.to_checksum_address(os.environ["BENCH_CONTRACT"]), abi=ABI
    )
    # Looking the event up by its topic: trying one after the other would be slower still.
    events: Any = contract.events
    decoders = {bytes.fromhex(event.topic[2:]): event() for event in events}
    first, last = int(os.environ["BENCH_FIRST"]), int(os.environ["BENCH_LAST"])
    with psycopg.connect(os.environ["BENCH_DB"]) as connection:
        connection.execute(TABLE)
        for start in range(first, last + 1, RANGE):
            logs = web3.eth.get_logs(
                {
                    "address": contract.address,
                    "fromBlock": start,
                    "toBlock": min(start + RANGE - 1, last),
                }
            )
            rows = [row for log in logs if (row := _row(decoders, log))]
            connection.cursor().executemany(INSERT, rows)
            connection.commit()


def _row(decoders: dict[bytes, Any], log: Any) -> tuple[Any, ...] | None:
    try:
        event = decoders[bytes(log["topics"][0])].process_log(log)
    except (KeyError, MismatchedABI):
        return None
    args = event["args"]
    if "productId" not in args:
        return None
    return (
        event["blockNumber"],
        event["logIndex"],
        bytes(event["transactionHash"]),
        event["event"],
        args["productId"],
        bytes.fromhex(next(args[name] for name in ACTOR if name in args)[2:]),
        next((args[name] for name in HASH if name in args), None),
    )


if __name__ == "__main__":
    main()
