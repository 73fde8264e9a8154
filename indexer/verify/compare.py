"""Row by row, column by column: what SQL holds against what it must hold.

Facts are compared run by run of blocks, so that neither side is ever held whole.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from indexer import rows
from indexer.rows import Row
from indexer.verify.order import moved
from indexer.verify.replay import by_kind
from indexer.verify.report import Report, show
from indexer.verify.snapshot import FACTS, Snapshot, key_of

Relevant = Callable[[Row], bool]

_IGNORED: Final = {
    "product": {"uri"},  # from documents; checked with them
    "unknown_log": {"reason"},  # two decoders say it in other words
}
COMPARED: Final = (*rows.HISTORY, *rows.STATES, rows.Block, rows.Log)


class Difference(NamedTuple):
    """Two rows of one key that are not equal, or one without the other."""

    kind: Any
    wanted: Row | None
    held: Row | None


class Comparison:
    """Collects what differs; synchronous, for it reads SQL."""

    def __init__(self, snapshot: Snapshot, relevant: Relevant | None) -> None:
        self._snapshot = snapshot
        self._relevant = relevant
        self._counts: Counter[str] = Counter()
        self._differences: list[Difference] = []

    def facts(self, first: int, last: int, expected: Iterable[Row]) -> None:
        """Compare all facts of blocks `first` to `last`."""
        wanted = by_kind(expected)
        for kind in FACTS:
            held = self._snapshot.between(kind, first, last)
            self._table(kind, wanted.get(kind, []), held)

    def outside(self, first: int, last: int) -> None:
        """Name facts of blocks that the chain does not have, or had before the contracts."""
        for kind in FACTS:
            self._table(kind, [], self._snapshot.outside(kind, first, last))

    def states(self, wanted: Mapping[type, Iterable[Row]]) -> None:
        """Compare every table of current state. Raises KeyError when one is left out."""
        for kind in rows.STATES:
            self._table(kind, list(wanted[kind]), self._snapshot.whole(kind))

    def tell(self, products: Iterable[bytes], report: Report) -> None:
        """Everything that differs as findings, swaps first, table by table."""
        report.checked["histories in order"] += sum(1 for _ in products)
        self._tell_order(report)
        for kind in COMPARED:
            report.checked[f"{kind.table.name} rows"] += self._counts[kind.table.name]
            mine = [d for d in self._differences if d.kind is kind]
            for difference in sorted(mine, key=_rank):
                _tell(difference, report)

    def _table(self, kind: Any, wanted: list[Row], held: list[Row]) -> None:
        relevant = self._relevant
        self._counts[kind.table.name] += (
            len(wanted) if relevant is None else sum(map(relevant, wanted))
        )
        if wanted == held:
            return
        key = key_of(kind)
        left, right = {key(row): row for row in wanted}, {key(row): row for row in held}
        for name in left.keys() | right.keys():
            pair = left.get(name), right.get(name)
            if pair[0] != pair[1] and self._concerns(pair):
                self._differences.append(Difference(kind, *pair))

    def _concerns(self, pair: tuple[Row | None, Row | None]) -> bool:
        return self._relevant is None or any(row and self._relevant(row) for row in pair)

    def _tell_order(self, report: Report) -> None:
        odd = [d for d in self._differences if d.kind is rows.Event]
        concerned = {row.product_id for d in odd for row in (d.wanted, d.held) if row}
        refused = {key_of(rows.Event)(d.held) for d in odd if d.held}
        for product_id in sorted(concerned):
            held = self._snapshot.history(product_id)
            wanted = [row for row in held if key_of(rows.Event)(row) not in refused]
            wanted += [d.wanted for d in odd if d.wanted and d.wanted.product_id == product_id]
            if self._relevant is None or any(map(self._relevant, wanted)):
                _tell_moved(product_id, moved(wanted, held), report)


def place(row: Row) -> str:
    """A row's table and key, with the product and entry where it has them."""
    table = type(row).table
    key = ", ".join(f"{c.name}={show(getattr(row, c.name))}" for c in table.primary_key)
    also = [n for n in ("product_id", "seq") if n in row._fields and n not in table.primary_key]
    extra = "".join(f", {name}={show(getattr(row, name))}" for name in also)
    return f"{table.name} ({key}{extra})"


def changed_columns(wanted: Row, held: Row, ignored: Iterable[str] = ()) -> list[str]:
    """Columns in which two rows of one table differ."""
    skip = set(ignored)
    return [
        name
        for name in wanted._fields
        if name not in skip and getattr(wanted, name) != getattr(held, name)
    ]


def report_changes(wanted: Row, held: Row, columns: Iterable[str], report: Report) -> None:
    for column in columns:
        expected, found = show(getattr(wanted, column)), show(getattr(held, column))
        report.add(
            "row_changed",
            place(wanted),
            f"{place(wanted)}: {column} is {found}, must be {expected}",
            column=column,
            expected=expected,
            found=found,
        )


def _tell(difference: Difference, report: Report) -> None:
    kind, wanted, held = difference
    if held is None:
        report.add("row_missing", place(wanted), f"{place(wanted)} is missing")
    elif wanted is None:
        report.add("row_extra", place(held), f"{place(held)} stems from no log")
    else:
        changed = changed_columns(wanted, held, _IGNORED.get(kind.table.name, ()))
        report_changes(wanted, held, changed, report)


def _tell_moved(product_id: bytes, seqs: list[int], report: Report) -> None:
    if seqs:
        names = " and ".join(map(str, seqs))
        where = f"product {show(product_id)}"
        message = f"{where}: entries {names} stand in each other's place"
        report.add("events_swapped", where, message)


def _rank(difference: Difference) -> tuple[int, tuple[Any, ...]]:
    """Missing, then extra, then changed; each by key."""
    kind, wanted, held = difference
    rank = 0 if held is None else 1 if wanted is None else 2
    return rank, key_of(kind)(wanted or held)
