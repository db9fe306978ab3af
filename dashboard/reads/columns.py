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

Columns = Mapping[str, NDArray[Any]]
"""Arrays of one length by their names."""


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
