"""The documented gas is what the contracts use."""

import re

from benchmarks.gas.__main__ import PAGE, run
from benchmarks.gas.table import END


def _documented() -> dict[str, int]:
    rows = re.findall(r"^\| ([^|]+) \| ([\d,]+) \|", PAGE.read_text().split(END)[0], re.MULTILINE)
    return {call: int(gas.replace(",", "")) for call, gas in rows}


async def test_documented_gas_is_the_measured_one() -> None:
    documented, measured = _documented(), {row.call: row.gas for row in await run()}
    assert documented.keys() == measured.keys()
    # Zero bytes in random addresses and times are cheaper than others.
    off = {c: (documented[c], g) for c, g in measured.items() if abs(documented[c] - g) > g // 100}
    assert not off, "run `python -m benchmarks.gas --write`"
