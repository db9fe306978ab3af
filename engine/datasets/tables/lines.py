"""Where in a file a row stands. Looked for only where something is wrong: a row's line is not its
number, for a quoted cell may go over several lines and empty lines are no rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from engine.datasets.tables.format import TableFormat
from engine.errors import DataError
from engine.messages import Message


def rows_with_lines(text: bytes, form: TableFormat) -> Iterator[tuple[int, list[str]]]:
    """Every row with the number of the line it begins in, the header's first where there is one."""
    stream = io.StringIO(text.decode(), newline="")
    for _ in range(form.skipped):
        stream.readline()
    line, comments = form.skipped, 0

    def kept() -> Iterator[str]:
        nonlocal comments
        for each in stream:
            if form.comments and each.startswith("#"):
                comments += 1
            else:
                yield each

    reader = csv.reader(kept(), delimiter=form.separator)
    before = 0
    for row in reader:
        line = form.skipped + comments + before + 1
        before = reader.line_num
        if row:
            yield line, row


def line_of(text: bytes, form: TableFormat, row: int) -> int:
    """The line of a row, counted from 0 below the header."""
    wanted = row + bool(form.header)
    for number, (line, _cells) in enumerate(rows_with_lines(text, form)):
        if number == wanted:
            return line
    return 0


def uneven(path: Path, text: bytes, form: TableFormat, width: int) -> DataError:
    """What to say of the first row that has not as many cells as the table has columns."""
    for line, cells in rows_with_lines(text, form):
        if len(cells) == width + 1 and not cells[-1].strip():
            rule = Message(
                "line {line} of {path} ends in a separator {separator} too many: it has {cells}"
                " cells, the table {width} columns"
            )
            return DataError(
                rule.filled(
                    line=line,
                    path=path,
                    separator=repr(form.separator),
                    cells=len(cells),
                    width=width,
                )
            )
        if len(cells) != width:
            rule = Message("line {line} of {path} has {cells} cells, the table {width} columns")
            return DataError(rule.filled(line=line, path=path, cells=len(cells), width=width))
    return DataError(Message("{path} cannot be read as a table", path=path))
