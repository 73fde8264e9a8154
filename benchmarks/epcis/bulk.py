"""How many EPCIS events a core validates and makes documents of.

`python -m benchmarks.epcis.bulk`: made-up documents of 500 events (commissioning, packing,
shipping, receiving) go through every rule; each event becomes its signable document (fresh salts,
digests, bundle, CID, SHA-256), then its CBV hash is computed. CPU seconds of one process.

`--reference PYTHON` names the interpreter of an environment of its own that has the package
epcis-event-hash-generator; the reference CBV hash of the same events is then measured in the same
run, and compared with ours.
"""

import argparse
import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from typing import Final, TypeVar

from benchmarks.epcis.made import document
from core.document import LexicalObject, build_all
from core.epcis.hash import event_hash
from core.epcis.model import EpcisEvent
from core.epcis.validate import validate_document
from core.garbage import collect_seldom

T = TypeVar("T")
CHAIN_ID: Final = 31337
CHUNK: Final = 500
_REFERENCE: Final = """
import json, sys, time
from epcis_event_hash_generator.hash_generator import epcis_hashes_from_events
from epcis_event_hash_generator.json_to_py import event_list_from_epcis_document_str
text = sys.stdin.read()
began = time.process_time()
hashes = epcis_hashes_from_events(event_list_from_epcis_document_str(text))
json.dump([time.process_time() - began, hashes], sys.stdout)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--reference", metavar="PYTHON")
    given = parser.parse_args()
    _measured(0)  # loads what is loaded once
    collect_seldom()  # as the service does
    spent: Counter[str] = Counter()
    for start in range(0, given.events, CHUNK):
        spent.update(_measured(start))
    print(f"{given.events:,} events, {len(document(CHUNK)) // CHUNK} bytes each")
    print("events a second of one core:")
    for names in (["validated"], ["document"], ["CBV hash"], ["validated", "document"], [*spent]):
        _tell(", ".join(names), given.events, sum(spent[name] for name in names))
    if given.reference:
        _reference(given.reference)


def _measured(start: int) -> dict[str, float]:
    """CPU seconds that the next events take."""
    data = document(CHUNK, start)
    checked, events = _timed(lambda: validate_document(data))
    built, _ = _timed(lambda: _hashes(events))
    hashed, _ = _timed(lambda: [event_hash(event) for event in events])
    return {"validated": checked, "document": built, "CBV hash": hashed}


def _hashes(events: list[EpcisEvent]) -> list[bytes]:
    made = build_all(map(_self_contained, events), chain_id=CHAIN_ID, contract=bytes(20))
    return [document.data_hash for document in made]


def _self_contained(event: EpcisEvent) -> LexicalObject:
    return event.raw | {"@context": list(event.context)}


def _reference(python: str) -> None:
    data = document(CHUNK)
    answer = subprocess.run(
        [python, "-c", _REFERENCE], input=data, stdout=subprocess.PIPE, check=True
    )
    seconds, theirs = json.loads(answer.stdout)
    ours = [event_hash(event) for event in validate_document(data)]
    same = sum(one == other for one, other in zip(ours, theirs, strict=True))
    _tell(f"reference CBV hash ({same} of {CHUNK} equal ours)", CHUNK, seconds)


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began = time.process_time()
    found = work()
    return time.process_time() - began, found


def _tell(name: str, count: int, seconds: float) -> None:
    print(f"  {name:46}{count / seconds:9,.0f}", flush=True)


if __name__ == "__main__":
    main()
