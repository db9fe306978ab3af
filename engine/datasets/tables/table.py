"""A table in memory: its columns, each a column of numbers, truths or words, as pyarrow reads them.

pyarrow reads a file on all cores and settles the type of a column by all of its cells. What it does
not know is added here: thousands, spaces around words, words that stand for missing numbers.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from engine.datasets.tables.format import MISSING, TableFormat, head, rows_of
from engine.datasets.tables.lines import line_of, uneven
from engine.errors import DataError
from engine.memory import require
from engine.messages import Message

_LINE = 2**16
_CELL = 12  # bytes of a cell as it is read, and of the feature that it becomes
_BLOCK = 2**22  # bytes; the first ones' types are tried for all
_SIDE_BY_SIDE = 64  # columns whose cells of a batch stay in a core's cache
Kind = Literal["numbers", "truths", "words", "empty"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column's cells (N,), null where a cell is missing, and its place in the file, from 1."""

    name: str
    number: int
    kind: Kind
    cells: pa.ChunkedArray

    @property
    def missing(self) -> int:
        return int(self.cells.null_count)

    def first_missing(self) -> int:
        """The row of the first cell that is missing."""
        return int(pc.index(self.cells.is_null(), True).as_py())

    def values(self) -> NDArray[Any]:
        """The cells (N,), none of them missing, in the type that tells what they are."""
        if self.kind in ("words", "empty"):
            return self.words()
        values: NDArray[Any] = self.cells.to_numpy()
        return values.astype(bool) if self.kind == "truths" else values

    def numbers(self) -> NDArray[np.float64]:
        """The cells as numbers (N,), NaN where one is missing."""
        values: NDArray[np.float64] = pc.cast(self.cells, pa.float64()).to_numpy()
        return values

    def words(self) -> NDArray[np.object_]:
        """The cells as words (N,), None where one is missing."""
        return np.asarray(pc.cast(self.cells, pa.string()).to_pylist(), dtype=object)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """The file that rows come from: what is needed to say where in it something stands."""

    path: Path
    form: TableFormat
    text: bytes
    rows: int


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The columns of a file, or of several with the same columns, one below the other."""

    columns: tuple[Column, ...]
    parts: tuple[Part, ...]

    @property
    def form(self) -> TableFormat:
        return self.parts[0].form

    @property
    def path(self) -> Path:
        return self.parts[0].path

    @property
    def rows(self) -> int:
        return sum(part.rows for part in self.parts)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    def column(self, name: str) -> Column:
        return self.columns[self.names.index(name)]

    def place(self, row: int) -> dict[str, Any]:
        """The `line` in which a row stands, and the `path` of its file."""
        for part in self.parts:
            if row < part.rows:
                return {"line": line_of(part.text, part.form, row), "path": part.path}
            row -= part.rows
        raise IndexError(row)

    def select(self, names: Sequence[str]) -> Table:
        """The same rows with these columns alone."""
        columns = dict(zip(self.names, self.columns, strict=True))
        return replace(self, columns=tuple(columns[name] for name in names))

    def below(self, other: Table) -> Table:
        """The rows of both, this one's first: of the columns that this one has."""
        lacking = [name for name in self.names if name not in other.names]
        if lacking:
            rule = Message("{path} must have the columns of {first}; it has no {name}")
            found = {"path": other.path, "first": self.path, "name": repr(lacking[0])}
            raise DataError(rule.filled(**found))
        columns = map(_joined, self.columns, other.select(self.names).columns)
        return Table(tuple(columns), (*self.parts, *other.parts))


def read_table(path: Path, text: bytes, form: TableFormat) -> Table:
    """The table that a text in UTF-8 holds, written as `form` says; raises DataError."""
    names, start = _names(path, text, form)
    if len(names) < 2:
        rule = Message("{path} must have a feature and a target", path=path)
        raise DataError(rule.got(Message("{n} column", n=len(names))))
    if not text[start : start + _LINE].strip():
        raise DataError(Message("{path} holds no rows below its header", path=path))
    body = _body(text, start, form)
    cells = (1 + text.count(b"\n", start)) * len(names)
    require(len(text) + cells * _CELL, Message("the table {path}", path=path))
    try:
        read = _read(body, names, form, quoted=b'"' in text)
    except pa.ArrowInvalid as error:
        raise uneven(path, text, form, len(names)) from error
    columns = (_column(n, i, read[n], form) for i, n in enumerate(names, 1))
    return Table(tuple(columns), (Part(path, form, text, read.num_rows),))


def _read(body: pa.Buffer, names: list[str], form: TableFormat, *, quoted: bool) -> pa.Table:
    """The cells as pyarrow reads them. To settle types by all cells it keeps these as texts until
    the end, which takes as much memory as the numbers and half as much time again; so those that
    the first rows have are tried before, whole numbers in half the bytes."""
    reading = arrow_csv.ReadOptions(column_names=names, block_size=_BLOCK)
    parsing = arrow_csv.ParseOptions(
        delimiter=form.separator, newlines_in_values=quoted, ignore_empty_lines=True
    )
    converting = {
        "null_values": list(MISSING),
        "decimal_point": form.decimal or ".",
        "check_utf8": False,
    }

    def read(types: Mapping[str, pa.DataType]) -> pa.Table:
        return arrow_csv.read_csv(
            pa.BufferReader(body),
            *(reading, parsing),
            arrow_csv.ConvertOptions(**converting, column_types=types),
        )

    if body.size <= _BLOCK:
        return read({})
    narrow = {pa.int64(): pa.int32()}
    with arrow_csv.open_csv(
        pa.BufferReader(body), reading, parsing, arrow_csv.ConvertOptions(**converting)
    ) as first:
        numbers = {f.name: narrow.get(f.type, f.type) for f in first.schema if _is_number(f.type)}
    try:
        return read(numbers)
    except pa.ArrowInvalid:
        return read({})


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _joined(first: Column, second: Column) -> Column:
    """A column's cells in both files: numbers where they are so in both."""
    kinds = {first.kind, second.kind} - {"empty"}
    kind: Kind = kinds.pop() if len(kinds) == 1 else "words" if kinds else "empty"
    of_kind = {"numbers": pa.float64(), "truths": pa.bool_(), "words": pa.string()}
    to = of_kind.get(kind, pa.null())
    if kind == "numbers" and all(pa.types.is_integer(c.cells.type) for c in (first, second)):
        to = pa.int64()
    cells = [chunk for c in (first, second) for chunk in pc.cast(c.cells, to).chunks]
    return Column(first.name, first.number, kind, pa.chunked_array(cells, to))


def _names(path: Path, text: bytes, form: TableFormat) -> tuple[list[str], int]:
    """The columns' names, by their number where they have none, and where the rows begin."""
    lines = head(text)
    at, used = sum(len(line.encode()) for line in lines[: form.skipped]), form.skipped
    while used < len(lines) and (
        not lines[used].strip() or (form.comments and lines[used].startswith("#"))
    ):
        at, used = at + len(lines[used].encode()), used + 1
    first = rows_of("".join(lines[used:]), form.separator, most=1)
    if not first:
        raise DataError(Message("{path} cannot be read as CSV: it is empty", path=path))
    numbers = [str(number) for number in range(1, len(first[0]) + 1)]
    if not form.header:
        return numbers, at
    names = [name or number for name, number in zip(first[0], numbers, strict=True)]
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        rule = Message("{path} must name each column once; {name} stands there twice", path=path)
        raise DataError(rule.filled(name=repr(twice[0])))
    return names, at + _length_of_row("".join(lines[used:]))


def _length_of_row(sample: str) -> int:
    """Bytes of the first row, which quoted cells may carry over several lines."""
    length = quotes = 0
    for line in sample.splitlines(keepends=True):
        length, quotes = length + len(line.encode()), quotes + line.count('"')
        if quotes % 2 == 0:
            break
    return length


def _body(text: bytes, start: int, form: TableFormat) -> pa.Buffer:
    """The rows alone, without comments."""
    body = pa.py_buffer(text)[start:]
    if form.comments:
        body = pa.py_buffer(re.sub(rb"(?m)^#[^\r\n]*(\r\n|\r|\n)?", b"", body.to_pybytes()))
    return body


def _column(name: str, number: int, cells: pa.ChunkedArray, form: TableFormat) -> Column:
    kind = cells.type
    if pa.types.is_null(kind):
        return Column(name, number, "empty", cells)
    if pa.types.is_boolean(kind):
        return Column(name, number, "truths", cells)
    if _is_number(kind):
        return Column(name, number, "numbers", cells)
    words = pc.utf8_trim_whitespace(pc.cast(cells, pa.string()))
    words = pc.if_else(pc.equal(words, ""), None, words)
    if words.null_count == len(words):
        return Column(name, number, "empty", words)
    numbers = _grouped_numbers(words, form.decimal or ".")
    return Column(name, number, *(("numbers", numbers) if numbers else ("words", words)))


def _grouped_numbers(words: pa.ChunkedArray, decimal: str) -> pa.ChunkedArray | None:
    """Words such as 1,234.5 as numbers; None where one of them is none."""
    known = pc.if_else(pc.is_in(words, pa.array(MISSING)), None, words)
    if known.null_count == len(known):
        return None
    group = r"\." if decimal == "," else ","
    plain, grouped = r"\d+", rf"\d{{1,3}}({group}\d{{3}})+"
    pattern = rf"^[+-]?(({grouped}|{plain})(\{decimal}\d*)?|\{decimal}\d+)([eE][+-]?\d+)?$"
    if not pc.all(pc.match_substring_regex(known, pattern)).as_py():
        return None
    bare = pc.replace_substring(known, "." if decimal == "," else ",", "")
    return pc.cast(pc.replace_substring(bare, decimal, "."), pa.float64())


def matrix(columns: Sequence[Column], order: NDArray[np.int64]) -> NDArray[np.float64]:
    """Columns of numbers and truths side by side (N, F), the rows in this order: written where they
    belong at once, and a few columns and rows at a time, for the whole fits no cache."""
    x, place = np.empty((len(order), len(columns))), np.empty_like(order)
    place[order] = np.arange(len(order))
    batches = pa.table({str(i): c.cells for i, c in enumerate(columns)}).to_batches()
    most = max((batch.num_rows for batch in batches), default=0)
    block = np.empty((_SIDE_BY_SIDE, most))
    start = 0
    for batch in batches:
        rows, cells_of = place[start : start + batch.num_rows], batch.columns
        for first in range(0, len(columns), _SIDE_BY_SIDE):
            some = cells_of[first : first + _SIDE_BY_SIDE]
            for each, cells in zip(block, some, strict=False):
                each[: len(cells)] = _plain(cells)
            x[rows, first : first + len(some)] = block[: len(some), : len(rows)].T
        start += batch.num_rows
    return x


def _plain(cells: pa.Array) -> NDArray[Any]:
    if pa.types.is_boolean(cells.type) or cells.null_count:
        cells = pc.cast(cells, pa.float64())
    values: NDArray[Any] = cells.to_numpy(zero_copy_only=False)
    return values


def first_word(column: Column, decimal: str) -> tuple[int, str]:
    """The row and the text of the first cell that is no number, of a column of words."""
    for row, cell in enumerate(column.cells.to_pylist()):
        if cell is not None and _grouped_numbers(pa.chunked_array([[cell]]), decimal) is None:
            return row, cell
    return 0, ""


def not_a_table(path: Path, text: bytes) -> DataError | None:
    """What a file is that only looks like one of data: a web page, a workbook."""
    begin = text[:512].lstrip().lower()
    if begin.startswith((b"<!doctype", b"<html", b"<?xml", b"<head")):
        page = Message("{path} is a web page, not a table: fetch the file that the page links to")
        return DataError(page.filled(path=path))
    if text.startswith(b"PK\x03\x04"):
        book = Message("{path} is a workbook or a ZIP archive: save the table as CSV")
        return DataError(book.filled(path=path))
    return None
