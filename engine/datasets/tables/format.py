"""How a table is written: its separator, decimal mark and header, told from its first lines.

Nothing here is a guess that cannot be seen: what is found is a record that a person may change, and
where the lines do not tell, the record says so (None) instead of choosing.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from engine.datasets.tables.choices import SEPARATORS, Encoding

MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "#N/A", "?")
"""What stands for a number that is not there. In a column of words only an empty cell does."""

_SAMPLE = 2**20  # bytes whose lines are looked at
_ROWS = 100
_CELLS = 20_000  # a table of many columns shows itself in few rows
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d+)?")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+")


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a table is written. `decimal` and `header` are None where its lines do not tell;
    `skipped` lines come before the header or the first row, and `comments` says whether a line that
    begins with # is one."""

    encoding: Encoding
    separator: str
    decimal: str | None
    header: bool | None
    skipped: int = 0
    comments: bool = False

    def settled(
        self, *, separator: str | None, decimal: str | None, header: bool | None
    ) -> TableFormat:
        """The same with what a person chose."""
        return replace(
            self,
            separator=separator or self.separator,
            decimal=decimal or self.decimal,
            header=self.header if header is None else header,
        )


def sniffed(text: bytes, encoding: Encoding, *, separator: str | None = None) -> TableFormat:
    """How a text in UTF-8 is written as a table; `separator`, where given, is taken for granted."""
    lines = head(text)
    skipped, said = _preamble(lines)
    comments = any(line.startswith("#") for line in lines[:skipped])
    sample = "".join(x for x in lines[skipped:] if not (comments and x.startswith("#")))
    separator = separator or said or _separator(sample)
    rows = rows_of(sample, separator)
    return TableFormat(
        encoding, separator, _decimal(rows[1:], separator), _has_header(rows), skipped, comments
    )


def head(text: bytes) -> list[str]:
    """The first lines of a text, whole, with their ends."""
    sample = text[:_SAMPLE]
    lines = sample.splitlines(keepends=True)
    if len(text) > len(sample):
        lines = lines[:-1] if len(lines) > 1 else [text]
    return [line.decode() for line in lines]


def rows_of(sample: str, separator: str, *, most: int = _ROWS) -> list[list[str]]:
    """The first rows of a table, cells without spaces around them; empty lines are none."""
    reader = csv.reader(io.StringIO(sample, newline=""), delimiter=separator)
    rows: list[list[str]] = []
    try:
        for row in reader:
            if not row:
                continue
            rows.append([cell.strip() for cell in row])
            if len(rows) == most or len(rows) * len(row) > _CELLS:
                break
    except csv.Error:  # a cell without end; reading the whole will say where
        pass
    return rows


def _preamble(lines: Sequence[str]) -> tuple[int, str | None]:
    """How many lines come before the table, and the separator that one of them names."""
    said = None
    for number, line in enumerate(lines):
        if re.fullmatch(r"\"?sep=(.)\"?\s*", line):
            said = line.strip('"')[4]
        elif line.strip() and not line.startswith("#"):
            return number, said
    return len(lines), said


def _separator(sample: str) -> str:
    """The one by which most rows have as many cells as the first, and then the most cells."""

    def score(separator: str) -> tuple[float, int]:
        widths = [len(row) for row in rows_of(sample, separator)]
        if not widths:
            return 0.0, 0
        usual = Counter(widths).most_common(1)[0][0]
        alike = sum(width == widths[0] for width in widths) / len(widths)
        return (alike, widths[0]) if widths[0] > 1 else (0.0, usual)

    return max(SEPARATORS.values(), key=score)


def _decimal(rows: Sequence[Sequence[str]], separator: str) -> str | None:
    """The mark before a fraction. A cell such as 1,234 does not tell it, 1,5 or 1.234,5 does."""
    cells = [cell for row in rows for cell in row if "," in cell or "." in cell]
    told = {mark for cell in cells if (mark := _told(cell))}
    if len(told) == 1:
        return told.pop()
    if told:
        return None
    grouped = any("," in cell and _GROUPED.fullmatch(cell) for cell in cells)
    return None if grouped and separator != "," else "."


def _told(cell: str) -> str | None:
    """The decimal mark that a cell shows, if it is a number and leaves no doubt."""
    if _NUMBER.fullmatch(cell):
        if _GROUPED.fullmatch(cell) and "," in cell:
            return None
        return "," if "," in cell else "."
    both = re.fullmatch(r"[+-]?\d{1,3}(?:([.,])\d{3})+([.,])\d+", cell)
    return both[2] if both and both[1] != both[2] else None


def is_number(cell: str) -> bool:
    """Whether a cell is a number, whatever its decimal mark."""
    return bool(_NUMBER.fullmatch(cell) or _GROUPED.fullmatch(cell))


def _has_header(rows: Sequence[Sequence[str]]) -> bool | None:
    """Whether the first row holds names: a word above numbers is one. None where the row could as
    well be data: numbers above numbers, or a word that comes again below."""
    if not rows:
        return None
    first, below = rows[0], rows[1:]
    above_numbers = again = False
    for place, name in enumerate(first):
        cells = [row[place] for row in below if place < len(row) and row[place] not in MISSING]
        if is_number(name):
            return None
        above_numbers |= bool(name) and bool(cells) and all(map(is_number, cells))
        again |= bool(name) and name in cells
    if above_numbers:
        return True
    return None if again else True
