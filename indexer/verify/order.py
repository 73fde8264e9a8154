"""Which entries of a product changed places, however that was done in SQL."""

from collections.abc import Callable
from typing import Any

from indexer.rows import Row


def moved(wanted: list[Row], held: list[Row]) -> list[int]:
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
