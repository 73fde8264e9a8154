"""Reports of `sr360 verify`: written, signed, checked, built upon; what is shown meanwhile."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from core.crypto import address_of, checksum, to_address
from core.errors import BadInput
from core.types import Address
from indexer.verify import Base, sealed
from scripts.terminal import plain
from scripts.wallet import wallet_from_file

EVERY_S: Final = 5.0
"""Between two lines of progress where there is no terminal."""

Watch = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the command line says about an audit of the mirror."""

    product: str | None = None
    rpc_url: str | None = None
    report: Path | None = None
    key_file: Path | None = None
    auditor: str = ""
    since: str = ""
    jobs: int | None = None

    @property
    def trusted(self) -> Address | None:
        """Whose reports to build on: the named auditor's, else one's own."""
        if self.auditor:
            return to_address(self.auditor, pointer="--auditor")
        key = auditor_key(self)
        return None if key is None else address_of(key)


def auditor_key(asked: Asked) -> bytes | None:
    """The 32-byte key that signs. Raises BadConfig when others could read the file."""
    if asked.key_file is None:
        return None
    if asked.report is None:
        raise BadInput("there is no report to sign", hint="Add --report DIR.", pointer="--report")
    return wallet_from_file(asked.key_file).key


def since_of(asked: Asked) -> Base | None:
    """Where to begin. Raises BadInput, ReportAltered."""
    if not asked.since:
        return None
    if asked.since.isdecimal():
        return Base(int(asked.since))
    return sealed.base_of(Path(asked.since), asked.trusted)


def keep(folder: Path, content: dict[str, Any], key: bytes | None, *, as_json: bool) -> None:
    """Write the report's two files and say where."""
    file = sealed.seal(content, key)
    paths = sealed.write(folder, file)
    if not as_json:
        who = f"signed by {checksum(address_of(key))}" if key else "unsigned: nobody answers for it"
        Console(soft_wrap=True).print(f"report {paths[0]} and {paths[1].name}, {who}")


def check_file(path: Path, auditor: str, *, as_json: bool) -> int:
    """Who signed a report and what it says; 0 genuine, 1 altered or another's, 2 unsigned."""
    console = Console(soft_wrap=True)
    try:
        found = sealed.read(path)
    except sealed.ReportAltered as error:
        if as_json:
            sys.stdout.write(json.dumps({"genuine": False, "reason": error.message}) + "\n")
        else:
            console.print(f"[bold red]altered[/]: {plain(error.message)}", highlight=False)
        return 1
    foreign = bool(auditor) and to_address(auditor, pointer="--auditor") != found.auditor
    code = 1 if foreign else 2 if found.notes else 0
    if as_json:
        sys.stdout.write(json.dumps(_told(found, code)) + "\n")
        return code
    for note in found.notes:
        console.print(f"[yellow]?[/] {plain(note)}", highlight=False)
    if foreign:
        console.print(f"[bold red]✗[/] not signed by {plain(auditor)}", highlight=False)
    verdict = plain(found.content["verdict"])
    console.print(f"signed by {found.signer}; it says: {verdict}", highlight=False)
    return code


def _told(found: sealed.Sealed, code: int) -> dict[str, Any]:
    return {
        "genuine": code == 0,
        "auditor": None if found.auditor is None else checksum(found.auditor),
        "reportHash": "0x" + found.report_hash.hex(),
        "verdict": found.content["verdict"],
        "notes": list(found.notes),
    }


@contextmanager
def watched(quiet: bool) -> Iterator[Watch]:
    """A bar on a terminal, a line every few seconds elsewhere, nothing when `quiet`."""
    console = Console(stderr=True)
    if quiet:
        yield lambda _stage, _done, _total: None
    elif console.is_terminal:
        with _bar(console) as bar:
            tasks: dict[str, Any] = {}
            yield lambda stage, done, total: _move(bar, tasks, stage, done, total)
    else:
        yield _Lines(console).tell


def _bar(console: Console) -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    )


def _move(bar: Progress, tasks: dict[str, Any], stage: str, done: int, total: int) -> None:
    if stage not in tasks:
        tasks[stage] = bar.add_task(stage, total=total, rate="")
    task = bar.tasks[bar.task_ids.index(tasks[stage])]
    rate = f"{task.speed:.0f}/s" if task.speed else ""
    bar.update(tasks[stage], completed=done, total=total, rate=rate)


class _Lines:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._began = self._last = time.monotonic()
        self._stage = ""

    def tell(self, stage: str, done: int, total: int) -> None:
        now = time.monotonic()
        if stage != self._stage:
            self._stage, self._began = stage, now
        if now - self._last < EVERY_S and done < total:
            return
        self._last = now
        rate = done / (now - self._began) if now > self._began else 0.0
        left = f", {(total - done) / rate:.0f} s left" if rate and done < total else ""
        speed = f", {rate:.0f}/s" if rate else ""
        self._console.print(f"{stage}: {done} of {total}{speed}{left}", highlight=False)
