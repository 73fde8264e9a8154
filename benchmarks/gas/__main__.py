"""Gas of every contract call, from the receipts of a fresh anvil, as a Markdown table.

`python -m benchmarks.gas` prints it; `--write` puts it into docs/reference/gas.md.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.gas import calls, carbon, deliveries, supply
from benchmarks.gas.table import Row, render, replace_table
from core.chain.client import Rpc
from core.chain.keys import account
from core.config import Settings
from scripts.anvil import free_port, start_anvil
from scripts.compile import compile_contracts
from scripts.deploy import deploy_to
from scripts.tools import ROOT

PAGE = ROOT / "docs/reference/gas.md"


async def run() -> list[Row]:
    compile_contracts()
    anvil = await start_anvil(free_port(), options=("--hardfork", "osaka"))
    try:
        keys = [account(Settings(), index) for index in range(10)]
        with tempfile.TemporaryDirectory() as folder:
            deployment = await deploy_to(anvil.url, keys[0], Path(folder))
        async with Rpc(anvil.url) as rpc:
            story = calls.Story(rpc, deployment, keys)
            rows = await calls.measure(story)
            rows += await supply.measure(story) + await carbon.measure(story)
            return rows + await deliveries.measure(story)
    finally:
        await anvil.stop()


if __name__ == "__main__":
    table = render(asyncio.run(run()))
    if "--write" in sys.argv:
        PAGE.write_text(replace_table(PAGE.read_text(), table))
    print(table)
