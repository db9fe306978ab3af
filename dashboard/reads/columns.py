"""Recorded rows as columns of arrays: what a chart of a few dozen points is made from.

A data frame takes a tenth of a millisecond for every step of laying it out, however little it
holds, and a page of four charts takes hundreds of them. Arrays take microseconds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from engine.records import STATISTICS, LayerStatistics, Metric

Columns = Mapping[str, NDArray[Any]]
"""Arrays of one length by their names."""

METRICS = {"step": int, "epoch": int, "split": str, "loss": float, "accuracy": float}


def metric_columns(metrics: Sequence[Metric]) -> Columns:
    """Metrics, a row a step and split; the accuracy of runs that predict numbers is NaN."""
    return {
        name: np.array([getattr(metric, name) for metric in metrics], dtype)
        for name, dtype in METRICS.items()
    }


def statistic_columns(records: Sequence[LayerStatistics]) -> Columns:
    """Layer statistics, a row a step and layer; NaN (what was measured) and None (what does not
    apply) stay apart."""
    dtypes = {"step": int, "layer": int} | {info.name: object for info in STATISTICS}
    return {
        name: np.array([getattr(record, name) for record in records], dtype)
        for name, dtype in dtypes.items()
    }


def length(columns: Columns) -> int:
    """How many rows there are."""
    return len(next(iter(columns.values()), ()))


def of_frame(frame: pd.DataFrame) -> Columns:
    """A frame's columns."""
    return {str(name): frame[name].to_numpy() for name in frame}


def rows(columns: Columns, which: NDArray[np.bool_] | NDArray[np.intp]) -> Columns:
    """Some rows: those marked True, or those at some places."""
    return {name: values[which] for name, values in columns.items()}


def stacked(parts: Sequence[Columns]) -> Columns:
    """The rows of parts that have the same columns, one part after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def table(columns: Columns) -> pa.Table:
    """The rows for a chart's data, in which NaN is nothing."""
    return pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
