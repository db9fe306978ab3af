"""What is kept of runs as flat tables, one row per observation: for notebooks, spreadsheets and R.

Arrow tables, since they keep what is missing apart from NaN and know every column's type, also of a
table without rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection, select

from db import layer_history
from db.connection import Database
from db.layer_history import BLOCKS
from db.models import (
    Base,
    BatchNormRow,
    BatchStatisticRow,
    HistogramRow,
    LayerStatRow,
    MetricRow,
)
from db.params import Param
from db.records import Run, Scores
from db.search import possible
from engine.layer_statistics import STATISTICS

Rows = Sequence[Sequence[Any]]
Columns = dict[str, Any]

_INT, _FLOAT, _TEXT = pa.int64(), pa.float64(), pa.string()
_TIME = pa.timestamp("us", "UTC")
_CHANNELS = ("gamma", "beta", "running_mean", "running_var", "batch_mean", "batch_var")


def table_of(database: Database, name: str, run_ids: Iterable[int]) -> pa.Table:
    """One of `SERIES` of some runs, in the order of runs and steps."""
    with database.read() as connection:
        return SERIES[name](connection, possible(run_ids))


def metrics(connection: Connection, run_ids: Sequence[int]) -> pa.Table:
    """Loss, accuracy and R²: one row per run, step and split."""
    columns = ("run_id", "step", "epoch", "split", "loss", "accuracy", "r2")
    found = _read(connection, MetricRow, run_ids, columns, "step")
    run, step, epoch, split, loss, accuracy, r2 = found
    return _table(
        run=(run, _INT),
        step=(step, _INT),
        epoch=(epoch, _INT),
        split=(split, _TEXT),
        loss=(loss, _FLOAT),
        accuracy=(accuracy, _FLOAT),
        r2=(r2, _FLOAT),
    )


def layers(connection: Connection, run_ids: Sequence[int]) -> pa.Table:
    """What each layer did: one row per run, step and layer."""
    names = [info.name for info in STATISTICS]
    columns = ("run_id", "step", "layer", *names)
    run, step, layer, *values = _read(connection, LayerStatRow, run_ids, columns, "step", "layer")
    statistics = {name: (v, _FLOAT) for name, v in zip(names, values, strict=True)}
    return _table(run=(run, _INT), step=(step, _INT), layer=(layer, _INT), **statistics)


def histograms(connection: Connection, run_ids: Sequence[int]) -> pa.Table:
    """Distributions: one row per bin, between `left` and `right`."""
    columns = ("run_id", "step", "layer", "quantity", "low", "high", "counts")
    order = ("quantity", "step", "layer")
    *keys, low, high, counts = _read(connection, HistogramRow, run_ids, columns, *order)
    sizes = [len(bins) for bins in counts]
    edges = [np.linspace(a, b, n + 1) for a, b, n in zip(low, high, sizes, strict=True)]
    run, step, layer, quantity = (_repeated(key, sizes) for key in keys)
    return _table(
        run=(run, _INT),
        step=(step, _INT),
        layer=(layer, _INT),
        quantity=(quantity, _TEXT),
        left=(_joined([edge[:-1] for edge in edges]), _FLOAT),
        right=(_joined([edge[1:] for edge in edges]), _FLOAT),
        count=(_joined(counts), _INT),
    )


def batch_norm(connection: Connection, run_ids: Sequence[int]) -> pa.Table:
    """Batch Normalization: one row per run, step, layer and channel."""
    columns = ("run_id", "step", "layer", *_CHANNELS)
    found = _read(connection, BatchNormRow, run_ids, columns, "layer", "step")
    keys, arrays = found[:3], found[3:]
    sizes = [len(channels) for channels in arrays[0]]
    run, step, layer = (_repeated(key, sizes) for key in keys)
    values = {name: (_joined(v), _FLOAT) for name, v in zip(_CHANNELS, arrays, strict=True)}
    return _table(
        run=(run, _INT),
        step=(step, _INT),
        layer=(layer, _INT),
        channel=(_joined([np.arange(size) for size in sizes]), _INT),
        **values,
    )


def batch_statistics(connection: Connection, run_ids: Sequence[int]) -> pa.Table:
    """What every step normalized with: one row per run, step, layer and channel."""
    columns = ("run_id", "layer", "first_step", "counts", "mean", "var")
    order = ("layer", "step")
    run, layer, first, counts, mean, var = _read(
        connection, BatchStatisticRow, run_ids, columns, *order
    )
    sizes = [matrix.size for matrix in mean]
    widths = [matrix.shape[1] for matrix in mean]
    steps = [start + np.arange(len(n)) for start, n in zip(first, counts, strict=True)]
    each = [np.repeat(step, width) for step, width in zip(steps, widths, strict=True)]
    channels = [np.tile(np.arange(w), len(n)) for w, n in zip(widths, counts, strict=True)]
    values = [np.repeat(n, width) for n, width in zip(counts, widths, strict=True)]
    return _table(
        run=(_repeated(run, sizes), _INT),
        step=(_joined(each), _INT),
        layer=(_repeated(layer, sizes), _INT),
        channel=(_joined(channels), _INT),
        count=(_joined(values), _INT),
        mean=(_joined([matrix.ravel() for matrix in mean]), _FLOAT),
        var=(_joined([matrix.ravel() for matrix in var]), _FLOAT),
    )


SERIES: dict[str, Callable[[Connection, Sequence[int]], pa.Table]] = {
    "metrics": metrics,
    "layers": layers,
    "histograms": histograms,
    "batch_norm": batch_norm,
    "batch_statistics": batch_statistics,
}
"""What a run's history is exported as."""


def runs_table(runs: Sequence[Run], params: Mapping[int, Mapping[str, Param]]) -> pa.Table:
    """Runs with their scores and, under their dotted names, their hyperparameters: one row
    per run."""
    facts: dict[str, tuple[list[Any], Any]] = {
        "run": ([run.id for run in runs], _INT),
        "name": ([run.name for run in runs], _TEXT),
        "owner": ([run.owner for run in runs], _TEXT),
        "status": ([run.status.value for run in runs], _TEXT),
        "created": ([run.created_at for run in runs], _TIME),
        "ended": ([run.ended_at for run in runs], _TIME),
        "seconds": ([run.seconds for run in runs], _FLOAT),
        "step": ([run.step for run in runs], _INT),
        "steps": ([run.steps for run in runs], _INT),
        "parameters": ([run.parameters for run in runs], _INT),
        "diverged_step": ([run.diverged_step for run in runs], _INT),
        "baseline_loss": ([run.baseline_loss for run in runs], _FLOAT),
        "error": ([run.error for run in runs], _TEXT),
        "tags": ([", ".join(run.tags) for run in runs], _TEXT),
    }
    for which in ("last", "best"):
        scores = [getattr(run, which) for run in runs]
        for name in Scores.__dataclass_fields__:
            kind = _INT if name in ("step", "epoch") else _FLOAT
            facts[f"{which}.{name}"] = [score and getattr(score, name) for score in scores], kind
    names = dict.fromkeys(name for run in runs for name in params[run.id])
    values = {name: [params[run.id].get(name) for run in runs] for name in names}
    return _table(**facts, **{name: _typed(column) for name, column in values.items()})


def _typed(values: list[Param]) -> tuple[list[Any], Any]:
    """A hyperparameter of all runs: numbers or truths, or else texts."""
    kinds = {type(value) for value in values} - {type(None)}
    if kinds <= {int}:
        return values, _INT
    if kinds <= {int, float}:
        return [None if value is None else float(value) for value in values], _FLOAT
    if kinds == {bool}:
        return values, pa.bool_()
    return [None if value is None else str(value) for value in values], _TEXT


def _read(
    connection: Connection,
    table: type[Base],
    run_ids: Sequence[int],
    names: Sequence[str],
    *order: str,
) -> Rows:
    """The columns of a history table, run after run."""
    if table in BLOCKS:
        return _read_blocks(connection, table, run_ids, names)
    columns = table.__table__.c
    rows = (
        select(*(columns[name] for name in names))
        .where(columns.run_id.in_(run_ids))
        .order_by(columns.run_id, *(columns[name] for name in order))
    )
    found = connection.execute(rows).all()
    return list(zip(*found, strict=True)) if found else [()] * len(names)


def _read_blocks(
    connection: Connection, table: type[Base], run_ids: Sequence[int], names: Sequence[str]
) -> Rows:
    """The same of what is kept packed, in the order of the table's key."""
    every = [column.name for column in table.__table__.columns]
    found = [
        (run_id, *row)
        for run_id in sorted(set(run_ids))
        for row in layer_history.rows(connection, run_id, table)
    ]
    columns = dict(zip(every, zip(*found, strict=True), strict=True)) if found else {}
    return [columns.get(name, ()) for name in names]


def _table(**columns: tuple[Any, Any]) -> pa.Table:
    arrays = {
        name: pa.array(values, type=kind, from_pandas=False)
        for name, (values, kind) in columns.items()
    }
    return pa.table(arrays)


def _repeated(values: Sequence[Any], sizes: Sequence[int]) -> Any:
    return np.repeat(np.asarray(values), sizes) if sizes else []


def _joined(arrays: Sequence[Any]) -> Any:
    return np.concatenate(arrays).astype(np.result_type(*arrays)) if arrays else []
