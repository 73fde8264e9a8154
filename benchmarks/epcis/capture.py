"""From one POST of many events to rows in PostgreSQL: `python -m benchmarks.epcis.capture`.

The API runs in a process of its own under uvicorn, over a PostgreSQL of the benchmark's own with
its usual durability. A document goes over HTTP to `POST /capture`; the clock stops when another
connection counts its rows. Reported are events a second, CPU seconds of API and database, and the
peak of the API's resident memory as the kernel kept it (VmHWM). The document is written as it is
sent, so the client needs no memory either.

`--megabytes 100` makes the document that large, as JSON and as XML; the goal is below 300 MB.
"""

import argparse
import http.client
import multiprocessing
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import psycopg
import uvicorn

from api.app import create_app
from api.capture.jobs import Jobs
from api.capture.recorder import Recorder
from api.deps import Services
from benchmarks.epcis import made
from benchmarks.indexer.postgres import Cluster, cluster
from benchmarks.indexer.processes import usage
from core.config import ApiSettings, DbSettings, Settings
from core.crypto import Domain
from core.db import open_database
from core.garbage import collect_seldom
from scripts.anvil import free_port

KEY: Final = bytes(31) + b"\1"
WAIT_S: Final = 30.0
FORMS: Final = {"json": made.pieces, "xml": made.xml_pieces}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--events", type=int, default=20_000)
    parser.add_argument("--megabytes", type=int, help="documents of this size instead")
    parser.add_argument("--forms", nargs="+", default=["json", "xml"], choices=FORMS)
    given = parser.parse_args()
    print("form     MB   events  seconds  events/s  CPU s API  CPU s SQL  peak MB (idle)")
    for form in given.forms:
        pieces, events = FORMS[form], given.events
        if given.megabytes:
            events = _size(pieces, given.megabytes)
        with tempfile.TemporaryFile() as document, cluster() as server:
            _write(document, pieces(events))
            with server.database("capture") as url, _api(url) as api:
                _measure(form, document, events, api, server)


class _api:
    """The service, in a process that ends with the block."""

    def __init__(self, url: str) -> None:
        self.port = free_port()
        self._process = multiprocessing.get_context("spawn").Process(
            target=_serve, args=(url, self.port), daemon=True
        )

    def __enter__(self) -> "_api":
        self._process.start()
        deadline = time.monotonic() + WAIT_S
        while time.monotonic() < deadline:
            try:
                self.ask("OPTIONS", "/capture")
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise RuntimeError("the API did not start")

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.join()

    def ask(self, method: str, path: str, body: BinaryIO | None = None, **headers: str) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def peak_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1_000


def _serve(url: str, port: int) -> None:
    collect_seldom()  # as api.main does
    settings = Settings(api=ApiSettings(port=port), db=DbSettings(url=url))
    database = open_database(settings)
    domain = Domain("SmartRetail360", "1", 31337, bytes(20))
    recorder = Recorder(database, None, domain, KEY)  # type: ignore[arg-type]
    jobs = Jobs(database, recorder)  # takes documents; recording them needs a chain
    services = Services(settings, database, None, None, None, None, None, jobs)  # type: ignore[arg-type]
    uvicorn.run(create_app(services), port=port, log_level="error")


def _measure(form: str, document: BinaryIO, events: int, api: _api, server: Cluster) -> None:
    size, idle = document.seek(0, 2), api.peak_mb()
    document.seek(0)
    before = usage(api.pid).cpu_s, server.usage().cpu_s
    began = time.perf_counter()
    answer = api.ask("POST", "/capture", document, **{"Content-Length": str(size)})
    job = str(answer.headers["location"]).rsplit("/", 1)[-1]
    with psycopg.connect(server.url("capture")) as other:
        [stored] = other.execute(
            "SELECT count(*) FROM app.capture_event WHERE job_id = %s", [job]
        ).fetchone() or [0]
    took = time.perf_counter() - began
    spent = usage(api.pid).cpu_s - before[0], server.usage().cpu_s - before[1]
    assert (answer.status, stored) == (202, events), (answer.status, stored)
    print(
        f"{form:5}{size / 1e6:7.1f}{events:9,}{took:9.1f}{events / took:10,.0f}"
        f"{spent[0]:11.1f}{spent[1]:11.1f}{api.peak_mb():8.0f} ({idle:.0f})",
        flush=True,
    )


def _size(pieces: Callable[[int, int], Iterator[bytes]], megabytes: int) -> int:
    """How many events make a document of that size."""
    each = sum(map(len, pieces(1_000, 100_000))) / 1_000
    return int(megabytes * 1_000_000 / each)


def _write(file: BinaryIO, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        file.write(piece)
    file.flush()


if __name__ == "__main__":
    main()
