"""From columns to what a network takes in: numbers (N, F).

Missing cells are filled in and words become one-hot vectors by scikit-learn's transformers, where
that was chosen: fitted on the rows that train, so that validation tells nothing in advance. Where
it was not, the first such cell is named. Rows that train come first in what is made, so that the
two splits are parts of one array, and nothing is copied.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from engine.datasets.directory import LARGEST
from engine.datasets.tables.choices import Missing, Words
from engine.datasets.tables.table import Column, Table, first_word, matrix
from engine.errors import DataError
from engine.messages import Message

MOST_WORDS = 1000
"""Different words of a column that become features of their own."""


def features(
    table: Table,
    train: NDArray[np.int64],
    validation: NDArray[np.int64],
    *,
    missing: Missing,
    words: Words,
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """The features (N, F) of the rows that train and of those that validate below them, numbers
    first, and their names."""
    order = np.concatenate([train, validation])
    numbers = [column for column in table.columns if column.kind in ("numbers", "truths")]
    texts = [column for column in table.columns if column.kind in ("words", "empty")]
    _check_words(table, texts, words)
    if missing == "refuse":
        _check_missing(table)
    _check_finite(table, numbers)
    _check_size(table.rows, len(numbers))
    x = matrix(numbers, order)
    if any(column.missing for column in numbers):
        x = _filled(x, len(train), missing)
    names = tuple(column.name for column in numbers)
    if not texts:
        return x, names
    one_hot, added = _one_hot(texts, order, len(train))
    return np.hstack([x, one_hot]), (*names, *added)


def _check_words(table: Table, texts: Sequence[Column], words: Words) -> None:
    if not texts or words == "one_hot":
        return
    column = texts[0]
    row, cell = first_word(column, table.form.decimal or ".")
    rule = Message(
        "the features of {path} must be numbers; column {column} holds {cell} in line {line}:"
        " choose one_hot in `dataset.words`, or leave the column out in `dataset.leave_out`"
    )
    raise DataError(rule.filled(**table.place(row), column=repr(column.name), cell=repr(cell)))


def _check_missing(table: Table) -> None:
    for column in table.columns:
        if column.missing:
            rule = Message(
                "line {line} of {path} has no value in column {column}: choose in"
                " `dataset.missing` how such cells are filled, or leave the column out in"
                " `dataset.leave_out`"
            )
            place = table.place(column.first_missing())
            raise DataError(rule.filled(**place, column=repr(column.name)))


def _check_finite(table: Table, numbers: Sequence[Column]) -> None:
    for column in numbers:
        if not pa.types.is_floating(column.cells.type):
            continue
        infinite = pc.index(pc.is_inf(column.cells), True).as_py()
        if infinite >= 0:
            rule = Message("line {line} of {path} must hold a finite number in column {column}")
            raise DataError(rule.filled(**table.place(infinite), column=repr(column.name)))


def _check_size(rows: int, features: int) -> None:
    size = 8 * rows * features
    if size > LARGEST:
        large = Message(
            "{rows:,} rows of {features:,} features take {size:,} bytes; at most {most:,} are used"
        )
        raise DataError(large.filled(rows=rows, features=features, size=size, most=LARGEST))


def _filled(x: NDArray[np.float64], train: int, missing: Missing) -> NDArray[np.float64]:
    from sklearn.impute import SimpleImputer

    imputer = SimpleImputer(strategy=missing, keep_empty_features=True).fit(x[:train])
    filled: NDArray[np.float64] = imputer.transform(x)
    return filled


def _one_hot(
    texts: Sequence[Column], order: NDArray[np.int64], train: int
) -> tuple[NDArray[np.float64], list[str]]:
    """Columns of words as vectors of zeros and ones, the most frequent word where one is missing.
    A word that no training row has is a vector of zeros."""
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder

    names = [column.name for column in texts]
    words = np.column_stack([column.words() for column in texts])[order]
    if any(column.missing for column in texts):
        imputer = SimpleImputer(
            strategy="most_frequent", missing_values=None, keep_empty_features=True
        )
        words = imputer.fit(words[:train]).transform(words)
    encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(words[:train])
    for name, found in zip(names, encoder.categories_, strict=True):
        if len(found) > MOST_WORDS:
            rule = Message(
                "column {column} has {n:,} different words, more than {most:,}: leave it out in"
                " `dataset.leave_out`"
            )
            raise DataError(rule.filled(column=repr(name), n=len(found), most=MOST_WORDS))
    _check_size(len(order), sum(map(len, encoder.categories_)))
    return encoder.transform(words), list(encoder.get_feature_names_out(names))
