"""`python -m tests.indexer.simulated FIRST COUNT`: play the histories of these seeds.

Prints one JSON line a hundred seeds, and one for each that fails; exit status 1 if any did.
"""

import argparse
import json
import random
import sys
import traceback
from collections import Counter
from typing import Any

from tests.indexer.simulated.play import Stage


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.indexer.simulated", description=__doc__)
    parser.add_argument("first", type=int)
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    failed, told = 0, Counter[str]()
    with Stage() as stage:
        for seed in range(given.first, given.first + given.count):
            try:
                told.update(stage.play(random.Random(seed)).counts())
            except Exception as error:
                failed += 1
                _say(failed=seed, error=repr(error)[:500], trace=traceback.format_exc()[-4000:])
            told["histories"] += 1
            if told["histories"] == 100 or seed + 1 == given.first + given.count:
                _say(told=dict(told))
                told.clear()
    return 1 if failed else 0


def _say(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)


if __name__ == "__main__":
    sys.exit(main())
