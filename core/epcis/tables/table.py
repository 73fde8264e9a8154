"""The rows of a CSV file, one at a time, whoever's program wrote it."""

import codecs
import csv
import difflib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, TextIO

from core.epcis.tables.mapping import TableMapping
from core.errors import InvalidDocument, Issue, Malformed

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LONGEST: Final = 1 << 20
"""Characters of a line."""
DELIMITERS: Final = (",", ";", "\t", "|")


@dataclass(frozen=True, slots=True)
class Row:
    """One record."""

    number: int
    """The line where it begins, from 1 as table programs count, the header's included."""
    cells: dict[str, str]
    """Text by column, without blanks around it."""


class Table:
    """Reads a file's header at once, its rows as they are asked for."""

    def __init__(self, source: BinaryIO, mapping: TableMapping) -> None:
        """Raises InvalidDocument for columns that are missing, Malformed for another encoding."""
        self._text = _decoded(source, mapping)
        try:
            first = next(_lines(self._text), "")
            delimiter = mapping.delimiter or _delimiter(first, mapping)
            self._delimiter = delimiter
            cells = next(csv.reader([first], delimiter=delimiter), [])
            self.header = [name.strip() for name in cells]
            self._check_columns(mapping)
        except UnicodeError as error:
            self.leave()
            raise _encoding(error) from error
        except BaseException:
            self.leave()
            raise

    def leave(self) -> None:
        """Give the file back as it is; whoever opened it closes it."""
        self._text.detach()

    def __iter__(self) -> Iterator[Row | Issue]:
        """Rows, and what is wrong with those that cannot be read. Raises Malformed."""
        reader = csv.reader(_lines(self._text), delimiter=self._delimiter, strict=True)
        number = 2
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except UnicodeError as error:
                raise _encoding(error) from error
            except csv.Error as error:
                hint = "Close every quote, and double those inside quoted cells."
                yield Issue("csv.row", f"#row={number}", f"row {number}: {error}", hint)
                return  # where the next record begins nobody knows
            if any(cell.strip() for cell in cells):
                yield self._row(number, cells)
            number = reader.line_num + 2

    def column(self, name: str) -> int:
        """Its number, from 1."""
        return self.header.index(name) + 1

    def _row(self, number: int, cells: Sequence[str]) -> Row | Issue:
        if len(cells) > len(self.header) or len(cells) < len(self.header):
            message = f"row {number} has {len(cells)} cells, the header {len(self.header)}"
            hint = "Quote cells that hold the delimiter; leave cells empty rather than out."
            return Issue("csv.row", f"#row={number}", message, hint)
        if any("\0" in cell for cell in cells):
            hint = "Save the file as text anew."
            return Issue("csv.row", f"#row={number}", f"row {number} holds a null character", hint)
        names = zip(self.header, cells, strict=True)
        return Row(number, {name: cell.strip() for name, cell in names})

    def _check_columns(self, mapping: TableMapping) -> None:
        issues = [
            Issue("csv.columns", "#row=1", f"there is no column {name!r}", self._hint(name))
            for name in mapping.columns
            if name not in self.header
        ]
        issues += [
            Issue("csv.columns", "#row=1", f"two columns are called {name!r}", "Rename one.")
            for name in sorted({one for one in self.header if self.header.count(one) > 1})
            if name in mapping.columns
        ]
        if issues:
            first = issues[0]
            raise InvalidDocument(
                first.message, hint=first.hint, pointer=first.pointer, issues=issues
            )

    def _hint(self, name: str) -> str:
        near = difflib.get_close_matches(name, self.header, 1)
        if near:
            return f"Did you mean {near[0]!r}? Correct the header or the mapping."
        shown = ", ".join(repr(one) for one in self.header[:20])
        return f"The file has {shown}; correct the header or the mapping."


def _decoded(source: BinaryIO, mapping: TableMapping) -> io.TextIOWrapper:
    start = source.read(4)
    source.seek(0)
    by_bom = next((name for bom, name in _BOMS if start.startswith(bom)), None)
    encoding = by_bom or mapping.encoding or "utf-8"
    return io.TextIOWrapper(source, encoding=encoding, newline="")


def _lines(text: TextIO) -> Iterator[str]:
    """Raises Malformed for a line that nobody's table has."""
    while line := text.readline(_LONGEST):
        if len(line) == _LONGEST:
            raise Malformed(f"a line has {_LONGEST:,} characters or more", hint="Break the lines.")
        yield line


def _delimiter(header: str, mapping: TableMapping) -> str:
    """The one by which most of the wanted columns are found."""

    def found(delimiter: str) -> int:
        cells = next(csv.reader([header], delimiter=delimiter), [])
        return len({cell.strip() for cell in cells} & set(mapping.columns))

    return max(DELIMITERS, key=found)


def _encoding(error: UnicodeError) -> Malformed:
    hint = "Save the file as UTF-8, or name its encoding in the mapping, e.g. windows-1252."
    return Malformed(f"the file is not in the mapping's encoding: {error}"[:200], hint=hint)
