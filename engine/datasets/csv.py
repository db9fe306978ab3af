"""A table as CSV: one sample per row, one feature per column, one column or several the targets.

How the file is written is found out and may be chosen: separator, encoding, decimal mark, header.
What its cells do not tell is asked for by name, never taken in silence: the target, a header, what
to do with words and with missing values. `tables` reads; here columns become samples.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from engine.datasets.base import Dataset, FromFile
from engine.datasets.csv_first import read_first
from engine.datasets.directory import BelowDataDirectory, OptionalFile, located
from engine.datasets.holdout import HeldOut, hold_out, split_rows
from engine.datasets.roles import other_split
from engine.datasets.tables.choices import MARKS, SEPARATORS, Missing, Words
from engine.datasets.targets import Targets, Task, targets_of
from engine.errors import DataError, nearest
from engine.messages import Message
from engine.spec import hyper

if TYPE_CHECKING:  # pyarrow takes a moment to import, which only a table needs
    from engine.datasets.tables.format import TableFormat
    from engine.datasets.tables.summary import TableSummary
    from engine.datasets.tables.table import Table

_NAMED = 10
_TO_BE_FOUND = " auto finds it in the file."


class CSV(HeldOut, FromFile):
    """CSV file: a table, one sample per row."""

    kind: Literal["csv"] = "csv"
    file: BelowDataDirectory = hyper(
        "data.csv", description="File below the data directory: a table, plain or gzipped."
    )
    target: str = hyper(
        "",
        description="Column to be predicted, or several with commas between their names; empty"
        " means the one that its name or its words make plain.",
        max_length=2000,
    )
    task: Task = hyper(
        "auto", description="Whether the target is a class or a number; auto looks at it."
    )
    test_file: OptionalFile = hyper(
        "",
        before="",
        description="A second file with the same columns to validate on; empty means that a share"
        " of the first is held out.",
    )
    weights: str = hyper(
        "",
        before="",
        label="Sample weights",
        description="Column that says how often each training sample counts in the loss; empty"
        " means that all count once.",
        max_length=1000,
    )
    leave_out: str = hyper(
        "auto",
        before="",
        label="Columns left out",
        description="Columns that are no features, with commas between their names; auto means"
        " those that count or name the rows, empty means none.",
        max_length=20_000,
    )
    words: Words = hyper(
        "refuse",
        before="refuse",
        label="Features of words",
        description="What becomes of features that are words: refused, or a 0 or 1 for each word.",
    )
    missing: Missing = hyper(
        "refuse",
        before="refuse",
        label="Missing values",
        description="What fills a feature's empty cells: nothing, the median or the most frequent"
        " value of the samples to train on.",
    )
    separator: Literal["auto", "comma", "semicolon", "tab", "pipe"] = hyper(
        "auto", before="auto", description="What stands between the cells." + _TO_BE_FOUND
    )
    encoding: Literal["auto", "utf-8", "utf-16", "cp932", "euc_jp", "cp1252"] = hyper(
        "auto", before="auto", description="The characters that its bytes stand for." + _TO_BE_FOUND
    )
    decimal: Literal["auto", "point", "comma"] = hyper(
        "auto",
        before="auto",
        label="Decimal mark",
        description="What stands before a fraction; the other one may group digits by three."
        + _TO_BE_FOUND,
    )
    header: Literal["auto", "yes", "no"] = hyper(
        "auto",
        before="yes",
        description="Whether the first row names the columns; without one they are called 1, 2, 3."
        + _TO_BE_FOUND,
    )

    def _unused(self) -> Iterable[str]:
        return () if self.test_file else (p.name for p in other_split(self._place(self.file)))

    def _called(self) -> str:
        return self.file

    def _files(self) -> tuple[Path, ...]:
        return tuple(located(file) for file in (self.file, self.test_file) if file)

    def _load(self) -> Dataset:
        if self.reading == "first":
            x, t, classes = read_first(self._place(self.file), self.target, self.task)
            return hold_out(x, t, self.validation, classes=classes).head(self.train_samples)
        table = self.table()
        if self.test_file:
            table = table.below(self.table(self.test_file, like=table.form))
        return self._samples(table, choose(self, table)).head(self.train_samples)

    def table(self, file: str | None = None, *, like: TableFormat | None = None) -> Table:
        """The file's columns, or another's that is written `like` it; raises DataError where its
        lines do not tell how it is written and nothing was chosen."""
        from engine.datasets.tables.opening import open_table

        chosen = self._chosen()
        if like:
            written = {"separator": like.separator, "decimal": like.decimal, "header": like.header}
            chosen |= written
        return open_table(self._place(file or self.file), **chosen)

    def table_summary(self) -> TableSummary:
        """What the table holds, with what is chosen so far: said before it is used. Raises
        DataError where it is none."""
        from engine.datasets.tables.summary import summarize

        with self._by_name():
            return summarize(
                self._place(self.file), **self._chosen(), target=self.target, task=self.task
            )

    def _chosen(self) -> dict[str, Any]:
        """How the table is written, as far as it is not to be found out."""
        return {
            "encoding": None if self.encoding == "auto" else self.encoding,
            "separator": SEPARATORS.get(self.separator),
            "decimal": MARKS.get(self.decimal),
            "header": None if self.header == "auto" else self.header == "yes",
        }

    def _samples(self, table: Table, choice: Choice) -> Dataset:
        from engine.datasets.tables.features import features

        targets = _targets(table, choice.targets, self.task)
        train, validation = self._split(table, targets)
        x, names = features(
            table.select(choice.features),
            *(train, validation),
            missing=self.missing,
            words=self.words,
        )
        (x_train, x_validation), t = np.split(x, [len(train)]), targets.t
        weights = _sample_weights(table, choice.weights)
        return Dataset(
            *(x_train, t[train], x_validation, t[validation], targets.classes),
            class_names=targets.class_names,
            feature_names=names,
            target_names=choice.targets,
            alike=False,
            weights=None if weights is None else weights[train],
        )

    def _split(self, table: Table, targets: Targets) -> tuple[NDArray[Any], NDArray[Any]]:
        if not self.test_file:
            return split_rows(targets.t, self.validation, classes=targets.classes)
        first = table.parts[0].rows
        return np.arange(first), np.arange(first, table.rows)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which columns are to be predicted, which are features, and which weighs the samples."""

    targets: tuple[str, ...]
    features: tuple[str, ...]
    weights: str | None = None


def choose(spec: CSV, table: Table) -> Choice:
    """What a configuration makes of a table's columns; raises DataError where it must say more."""
    from engine.datasets.tables.proposals import proposed_left_out, proposed_target

    targets = _named(spec.target, table, "dataset.target")
    weights = _named(spec.weights, table, "dataset.weights")
    if len(weights) > 1:
        raise DataError(Message("`dataset.weights` must be one column").got(spec.weights))
    if spec.leave_out.strip() == "auto" and "auto" not in table.names:
        left_out = tuple(proposed_left_out(table, targets))
    else:
        left_out = _named(spec.leave_out, table, "dataset.leave_out")
    if not targets:
        proposed = proposed_target(table, (*left_out, *weights))
        if proposed is None:
            rule = Message(
                "`dataset.target` must name the column of {path} to be predicted: {columns}"
            )
            raise DataError(rule.filled(path=table.path, columns=_first_of(table.names)))
        targets = (proposed,)
    others = {*targets, *left_out, *weights}
    features = tuple(name for name in table.names if name not in others)
    if not features:
        rule = Message("{path} must have a feature beside the target and what is left out")
        raise DataError(rule.filled(path=table.path))
    return Choice(targets, features, weights[0] if weights else None)


def _first_of(names: tuple[str, ...]) -> Message | tuple[str, ...]:
    """Names to choose from, and how many more there are."""
    if len(names) <= _NAMED:
        return names
    more = Message("{names} and {n} more")
    return more.filled(names=names[:_NAMED], n=len(names) - _NAMED)


def _named(text: str, table: Table, field: str) -> tuple[str, ...]:
    """The columns that a text names, with commas between them; a name with a comma is quoted. One
    that is a column's name as a whole is that column."""
    if not text.strip() or text.strip() in table.names:
        return (text.strip(),) if text.strip() else ()
    names = [name.strip() for name in next(csv.reader([text], skipinitialspace=True))]
    for name in names:
        if name not in table.names:
            rule = Message("`{field}` must be a column", field=field)
            raise DataError(rule.got(name).then(nearest(name, table.names)))
    return tuple(dict.fromkeys(names))


def _sample_weights(table: Table, name: str | None) -> NDArray[np.float64] | None:
    """The weights of every row, those to be validated on among them."""
    if name is None:
        return None
    column = table.column(name)
    if column.kind not in ("numbers", "truths") or column.missing:
        rule = Message("`dataset.weights` must be a column of numbers with no empty cell")
        raise DataError(rule.got(name))
    return column.numbers()


def _targets(table: Table, names: tuple[str, ...], task: Task) -> Targets:
    from engine.datasets.tables.proposals import is_amount

    columns = [table.column(name) for name in names]
    for column in columns:
        if column.missing:
            rule = Message("line {line} of {path} has no value in column {column}, the target")
            place = table.place(column.first_missing())
            raise DataError(rule.filled(**place, column=repr(column.name)))
    if len(columns) == 1:
        return targets_of(columns[0].values(), task, numeric=is_amount(names[0]))
    for column in columns:
        if column.kind != "numbers":
            rule = Message("several targets must be numbers to predict; column {column} is not")
            raise DataError(rule.filled(column=repr(column.name)))
    return targets_of(np.column_stack([c.numbers() for c in columns]), "regression")
