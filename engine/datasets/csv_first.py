"""A table as it was read at first: as pandas alone reads it, the last column the target.

Runs from then keep their samples and labels, so that they resume, predict and export as they did.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.datasets.directory import NO_FILE
from engine.datasets.targets import Task
from engine.errors import DataError, nearest
from engine.failures import why
from engine.messages import Message

if TYPE_CHECKING:
    import pandas as pd


def read_first(
    path: Path, target: str, task: Task
) -> tuple[NDArray[Any], NDArray[Any], int | None]:
    """Samples (N, F), their targets, and the number of classes, None for numbers (N, 1)."""
    table = _table(path)
    target = target or str(table.columns[-1])
    if target not in table.columns:
        rule = Message("`dataset.target` must be a column")
        raise DataError(rule.got(target).then(nearest(target, table.columns)))
    x = _features(path, table.drop(columns=target))
    column = table[target]
    if task == "classification" or (task == "auto" and column.dtype.kind != "f"):
        labels, t = np.unique(column.to_numpy(), return_inverse=True)
        return x, t.astype(np.int64), len(labels)
    if column.dtype.kind not in "biuf":
        rule = Message("column {column} of {path} must hold numbers to be predicted")
        raise DataError(rule.filled(path=path, column=repr(column.name)))
    return x, column.to_numpy(np.float64).reshape(-1, 1), None


def _table(path: Path) -> pd.DataFrame:
    import pandas as pd

    try:
        table = pd.read_csv(path)
    except FileNotFoundError:
        raise DataError(NO_FILE.filled(path=path)) from None
    except pd.errors.EmptyDataError as error:
        raise DataError(Message("{path} cannot be read as CSV: it is empty", path=path)) from error
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


def _features(path: Path, features: pd.DataFrame) -> NDArray[np.float64]:
    words = features.select_dtypes(exclude="number").columns
    if len(words):
        rule = Message("the features of {path} must be numbers; column {column} is not")
        raise DataError(rule.filled(path=path, column=repr(words[0])))
    return features.to_numpy(np.float64)
