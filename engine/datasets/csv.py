"""A table of numbers as CSV: one sample per row, one feature per column, one column the target.

A target of words or whole numbers is a class, any other is predicted as a number; `task` decides
where that guess is wrong.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from engine.datasets.base import Dataset
from engine.datasets.directory import NO_FILE, BelowDataDirectory, data_directory
from engine.datasets.holdout import HeldOut, hold_out
from engine.errors import DataError, nearest
from engine.failures import why
from engine.messages import Message
from engine.spec import hyper

if TYPE_CHECKING:
    import pandas as pd


class CSV(HeldOut):
    """CSV file: one sample per row, a header, one column the target."""

    kind: Literal["csv"] = "csv"
    file: BelowDataDirectory = hyper(
        "data.csv", description="File below the data directory, with a header line."
    )
    target: str = hyper(
        "", description="Column to be predicted; empty means the last.", max_length=200
    )
    task: Literal["auto", "classification", "regression"] = hyper(
        "auto", description="Whether the target is a class or a number; auto looks at it."
    )

    def load(self) -> Dataset:
        table = self._table()
        target = self.target or str(table.columns[-1])
        if target not in table.columns:
            rule = Message("`dataset.target` must be a column")
            raise DataError(rule.got(target).then(nearest(target, table.columns)))
        x = self._features(table.drop(columns=target))
        column = table[target]
        if self._is_class(column):
            labels, t = np.unique(column.to_numpy(), return_inverse=True)
            data = hold_out(x, t.astype(np.int64), self.validation, classes=len(labels))
        else:
            data = hold_out(x, self._numbers(column), self.validation, classes=None)
        return data.head(self.train_samples)

    def _table(self) -> pd.DataFrame:
        import pandas as pd

        path = data_directory() / self.file
        try:
            table = pd.read_csv(path)
        except FileNotFoundError:
            raise DataError(NO_FILE.filled(path=path)) from None
        except pd.errors.EmptyDataError as error:
            raise DataError(
                Message("{path} cannot be read as CSV: it is empty", path=path)
            ) from error
        except (OSError, ValueError) as error:
            unread = Message("{path} cannot be read as CSV: {detail}", path=path, detail=why(error))
            raise DataError(unread) from error
        if table.shape[1] < 2:
            rule = Message("{path} must have a feature and a target", path=path)
            raise DataError(rule.got(Message("{n} column", n=table.shape[1])))
        if table.isna().to_numpy().any():
            row = int(table.isna().any(axis=1).to_numpy().argmax()) + 2
            rule = Message("{path} must have no empty cell; line {line} has one")
            raise DataError(rule.filled(path=path, line=row))
        return table

    def _features(self, features: pd.DataFrame) -> np.ndarray:
        words = features.select_dtypes(exclude="number").columns
        if len(words):
            rule = Message("the features of {path} must be numbers; column {column} is not")
            raise DataError(rule.filled(path=self.file, column=repr(words[0])))
        return features.to_numpy(np.float64)

    def _is_class(self, column: pd.Series) -> bool:
        return self.task == "classification" or (self.task == "auto" and column.dtype.kind != "f")

    def _numbers(self, column: pd.Series) -> np.ndarray:
        if column.dtype.kind not in "biuf":
            rule = Message("column {column} of {path} must hold numbers to be predicted")
            raise DataError(rule.filled(path=self.file, column=repr(column.name)))
        return column.to_numpy(np.float64).reshape(-1, 1)
