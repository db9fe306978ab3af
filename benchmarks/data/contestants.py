"""One reading of a table by one reader, in a process of its own:
`python -m benchmarks.data.contestants NAME FILE` prints its seconds and its bytes."""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Pair = tuple[NDArray[np.float64], NDArray[np.int64]]


def _layerlab() -> Callable[[Path], Pair]:
    import sklearn  # noqa: F401

    from engine.datasets import CSV
    from engine.datasets.tables import opening  # noqa: F401

    def read(path: Path) -> Pair:
        os.environ["LAYERLAB_DATA_DIR"] = str(path.parent)
        data = CSV(file=path.name).load()
        return data.x_train, data.t_train

    return read


def _pandas() -> Callable[[Path], Pair]:
    import pandas as pd

    def read(path: Path) -> Pair:
        table = pd.read_csv(path)
        return table.iloc[:, 1:].to_numpy(np.float64), table.iloc[:, 0].to_numpy()

    return read


def _pyarrow() -> Callable[[Path], Pair]:
    from pyarrow import csv

    def read(path: Path) -> Pair:
        table = csv.read_csv(path)
        x = np.empty((table.num_rows, table.num_columns - 1))
        for place in range(1, table.num_columns):
            x[:, place - 1] = table.column(place).to_numpy()
        return x, table.column(0).to_numpy()

    return read


def _polars() -> Callable[[Path], Pair]:
    import polars as pl

    def read(path: Path) -> Pair:
        table = pl.read_csv(path)
        x = table[:, 1:].to_numpy(order="c").astype(np.float64)
        return x, table[:, 0].to_numpy()

    return read


CONTESTANTS: dict[str, Callable[[], Callable[[Path], Pair]]] = {
    "layerlab": _layerlab,
    "pandas": _pandas,
    "pyarrow": _pyarrow,
    "polars": _polars,
}


def _held() -> int:
    """The most bytes that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main(name: str, file: str) -> None:
    """Read once and print what it took."""
    read, before = CONTESTANTS[name](), _held()
    started = time.perf_counter()
    x, t = read(Path(file))
    seconds = time.perf_counter() - started
    assert len(x) == len(t)
    print(json.dumps([seconds, _held() - before]))


if __name__ == "__main__":
    main(*sys.argv[1:])
