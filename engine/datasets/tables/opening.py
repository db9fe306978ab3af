"""From a file to its table: its bytes, its text, how it is written, its columns."""

from __future__ import annotations

from pathlib import Path

from engine.datasets.tables.choices import Encoding
from engine.datasets.tables.encodings import decoded
from engine.datasets.tables.format import TableFormat, sniffed
from engine.datasets.tables.table import Table, not_a_table, read_table
from engine.datasets.unpacked import unpacked
from engine.errors import DataError
from engine.messages import Message


def open_table(
    path: Path,
    *,
    encoding: Encoding | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
) -> Table:
    """The table in a file; what is not given is found in it. Raises DataError, also where its
    lines leave in doubt what was not given."""
    text, form = look(path, encoding=encoding, separator=separator)
    form = form.settled(separator=separator, decimal=decimal, header=header)
    question = doubt(path, text, form)
    if question:
        raise DataError(question)
    return read_table(path, text, form)


def look(
    path: Path, *, encoding: Encoding | None = None, separator: str | None = None
) -> tuple[bytes, TableFormat]:
    """A file's text in UTF-8, and how it seems to be written."""
    data = unpacked(path)
    foreign = not_a_table(path, data)
    if foreign:
        raise foreign
    if not data.strip():
        raise DataError(Message("{path} cannot be read as CSV: it is empty", path=path))
    text, encoding = decoded(path, data, encoding)
    return text, sniffed(text, encoding, separator=separator)


def doubt(path: Path, text: bytes, form: TableFormat) -> Message | None:
    """What the lines do not tell and a person must, as a sentence that names the field."""
    if form.header is None:
        rule = Message(
            "line {line} of {path} looks like data, not like names: set `dataset.header` to no, or"
            " to yes where it does name the columns"
        )
        return rule.filled(line=form.skipped + 1, path=path)
    if form.decimal is None:
        rule = Message(
            "the numbers of {path} leave their decimal mark in doubt: set `dataset.decimal` to"
            " point or comma"
        )
        return rule.filled(path=path)
    return None
