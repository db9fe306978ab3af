"""What a table holds, said before it is used: how it is written, each column, what is proposed.

Nothing is refused here that a choice can mend: what must be chosen is among the `questions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from engine.datasets.tables.choices import Encoding
from engine.datasets.tables.format import TableFormat
from engine.datasets.tables.opening import doubt, look
from engine.datasets.tables.proposals import is_amount, proposed_left_out, proposed_target
from engine.datasets.tables.table import Column, Kind, Table, read_table
from engine.datasets.targets import Task, targets_of
from engine.errors import DataError
from engine.messages import Message

_EXAMPLES = 3
_ROWS = 10
_MOST_CLASSES_SHOWN = 1000


@dataclass(frozen=True, slots=True)
class ColumnSummary:
    """A column: how many cells are missing, the range of numbers, how many cells differ, its first
    cells; and why it is proposed to be left out, where it is."""

    name: str
    kind: Kind
    missing: int
    low: float | None
    high: float | None
    different: int
    examples: tuple[str, ...]
    left_out: Message | None


@dataclass(frozen=True, slots=True)
class TableSummary:
    """A table before it is used, with its first rows as they are read. `target` is None where no
    column is plainly the one; `classes` holds the target's with their counts, and is None where it
    holds numbers to predict, or where that is among the `questions`."""

    form: TableFormat
    rows: int
    first_rows: tuple[tuple[str, ...], ...]
    columns: tuple[ColumnSummary, ...]
    target: str | None
    classes: tuple[tuple[str, int], ...] | None
    questions: tuple[Message, ...]


def summarize(
    path: Path,
    *,
    encoding: Encoding | None = None,
    separator: str | None = None,
    decimal: str | None = None,
    header: bool | None = None,
    target: str = "",
    task: Task = "auto",
) -> TableSummary:
    """The summary of a file; what is given was chosen, the rest is found. Raises DataError where it
    can be read as no table at all. A target that is no column is none."""
    text, form = look(path, encoding=encoding, separator=separator)
    form = form.settled(separator=separator, decimal=decimal, header=header)
    question = doubt(path, text, form)
    assumed = form.settled(
        separator=None,
        decimal=form.decimal or ".",
        header=False if form.header is None else form.header,
    )
    table = read_table(path, text, assumed)
    chosen = target if target in table.names else None
    left_out = proposed_left_out(table, (chosen,) if chosen else ())
    found = chosen or (None if target else proposed_target(table, left_out))
    questions = [question] if question else []
    if found is None and not target:
        questions.append(Message("which column is to be predicted"))
    classes, open_question = _classes(table, found, task)
    questions += [open_question] if open_question else []
    columns = tuple(_summary(column, left_out.get(column.name)) for column in table.columns)
    rows = _first_rows(table)
    return TableSummary(form, table.rows, rows, columns, found, classes, tuple(questions))


def _first_rows(table: Table) -> tuple[tuple[str, ...], ...]:
    cells = [column.cells[:_ROWS].to_pylist() for column in table.columns]
    return tuple(
        tuple("" if c is None else str(c) for c in row) for row in zip(*cells, strict=True)
    )


def _classes(
    table: Table, target: str | None, task: Task
) -> tuple[tuple[tuple[str, int], ...] | None, Message | None]:
    """The classes of the target with their counts, or what must be asked of it."""
    if target is None:
        return None, None
    column = table.column(target)
    try:
        targets = targets_of(column.values(), task, numeric=is_amount(target))
    except DataError as error:
        return None, error.message
    if targets.class_names is None:
        return None, None
    counts = np.bincount(targets.t, minlength=len(targets.class_names)).tolist()
    return tuple(zip(targets.class_names, counts, strict=True))[:_MOST_CLASSES_SHOWN], None


def _summary(column: Column, left_out: Message | None) -> ColumnSummary:
    low = high = None
    if column.kind in ("numbers", "truths") and column.missing < len(column.cells):
        ends = pc.min_max(column.cells).as_py()
        low, high = float(ends["min"]), float(ends["max"])
    known = column.cells.drop_null()
    examples = tuple(map(str, known[:_EXAMPLES].to_pylist()))
    different = pc.count_distinct(column.cells).as_py()
    return ColumnSummary(
        column.name, column.kind, column.missing, low, high, different, examples, left_out
    )
