"""Row by row, column by column: what SQL holds against what it must hold."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from indexer import rows
from indexer.rows import Row
from indexer.verify.replay import Tables
from indexer.verify.report import Report, show

Relevant = Callable[[Row], bool]

_IGNORED: Final = {
    "product": {"uri"},  # from documents; checked with them
    "unknown_log": {"reason"},  # two decoders say it in other words
}
COMPARED: Final = tuple(
    kind.table.name for kind in (*rows.HISTORY, *rows.STATES, rows.Block, rows.Log)
)


def compare_tables(expected: Tables, found: Tables, relevant: Relevant, report: Report) -> None:
    """Name every row that is missing, extra or changed."""
    for name in COMPARED:
        wanted = {k: r for k, r in expected.get(name, {}).items() if relevant(r)}
        held = {k: r for k, r in found[name].items() if relevant(r) and not _orphaned(r)}
        report.checked[f"{name} rows"] += len(wanted)
        for key in sorted(wanted.keys() - held.keys()):
            row = found[name].get(key)
            if row is not None and not _orphaned(row):
                _compare(wanted[key], row, report)
            else:
                report.add("row_missing", place(wanted[key]), f"{place(wanted[key])} is missing")
        for key in sorted(held.keys() - wanted.keys()):
            if key in expected.get(name, {}):
                _compare(expected[name][key], held[key], report)
            else:
                message = f"{place(held[key])} stems from no log"
                report.add("row_extra", place(held[key]), message)
        for key in sorted(wanted.keys() & held.keys()):
            _compare(wanted[key], held[key], report)


def compare_order(expected: Tables, found: Tables, relevant: Relevant, report: Report) -> None:
    """Name entries of a product that changed places, however that was done in SQL."""
    wanted, held = _histories(expected, relevant), _histories(found, relevant)
    for product_id, history in wanted.items():
        actual = held.get(product_id, [])
        swapped = _moved(history, actual)
        if swapped:
            names = " and ".join(str(seq) for seq in swapped)
            report.add(
                "events_swapped",
                f"product {show(product_id)}",
                f"product {show(product_id)}: entries {names} stand in each other's place",
            )
    report.checked["histories in order"] += len(wanted)


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


def _compare(wanted: Row, held: Row, report: Report) -> None:
    name = type(wanted).table.name
    changed = changed_columns(wanted, held, _IGNORED.get(name, ()))
    report_changes(wanted, held, changed, report)


def _orphaned(row: Row) -> bool:
    return type(row) is rows.Log and bool(row.orphaned)


def _histories(tables: Tables, relevant: Relevant) -> dict[bytes, list[Row]]:
    histories: dict[bytes, list[Row]] = {}
    for row in tables.get("event", {}).values():
        if relevant(row):
            histories.setdefault(row.product_id, []).append(row)
    return histories


def _moved(wanted: list[Row], held: list[Row]) -> list[int]:
    """Entries that are all there, but elsewhere: by number, or by place in the chain."""
    by_seq = _differing(wanted, held, lambda row: (row.seq,))
    return by_seq or _differing(wanted, held, lambda row: (row.block_number, row.log_index))


def _differing(
    wanted: list[Row], held: list[Row], order: Callable[[Row], tuple[Any, ...]]
) -> list[int]:
    first = [_content(row) for row in sorted(wanted, key=order)]
    second = [_content(row) for row in sorted(held, key=order)]
    if len(set(first)) < len(first) or sorted(first) != sorted(second):
        return []  # something was changed or is missing, which has its own finding
    seqs = [row.seq for row in sorted(wanted, key=order)]
    return [seq for seq, a, b in zip(seqs, first, second, strict=True) if a != b]


def _content(row: Row) -> tuple[Any, ...]:
    """What an entry says, without its place."""
    return (row.kind, row.actor, row.counterparty, row.data_hash, row.occurred_at)
