"""What training wrote, step by step; replayed steps replace themselves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import timedelta
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Select, select

from db import checkpoints, layer_history, summary
from db.attempts import touch
from db.bulk import upsert
from db.checkpoints import Snapshot
from db.connection import Database, now
from db.keeping import Keeping
from db.layer_history import Wanted
from db.models import (
    QUANTITIES,
    SPLITS,
    Base,
    BatchStatisticRow,
    LayerStatRow,
    MetricRow,
)
from db.records import Heartbeat
from engine.layer_statistics import STATISTICS
from engine.records import (
    BatchNormState,
    BatchStatistics,
    Histogram,
    LayerStatistics,
    Metric,
    Quantity,
    Split,
    StepRecord,
)

Record = Metric | LayerStatistics | BatchStatistics
Columns = Mapping[str, NDArray[Any]]
"""Arrays of one length by their names."""

BATCH_NORM = ("batch_norm",)

_METRICS: dict[str, type] = {
    "step": int,
    "epoch": int,
    "split": str,
    "loss": float,
    "accuracy": float,
}
_STATISTICS: dict[str, type] = {"step": int, "layer": int} | {
    info.name: object for info in STATISTICS
}

# Where the parts of a StepRecord are kept a row each; the others are kept as blocks.
_TABLES: dict[str, type[Base]] = {
    "metrics": MetricRow,
    "layers": LayerStatRow,
    "batch_statistics": BatchStatisticRow,
}


class History:
    """Metrics, layer statistics, histograms and Batch Normalization channels by step."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(
        self,
        run_id: int,
        attempt: int,
        records: Sequence[StepRecord],
        *,
        lease: float,
        seconds: float | None = None,
        snapshots: Sequence[Snapshot] = (),
        keeping: Keeping | None = None,
        ends: bool = False,
    ) -> Heartbeat:
        """Keep what steps left behind, checkpoints among it, and renew the lease, all of it or
        none. `ends` says that the run comes to its end with it: it is made light to keep.

        `seconds` is how long the run has trained by now, over all its attempts. Where the attempt
        no longer holds the run nothing is written, and the answer says so.
        """
        if snapshots:
            snapshots[-1].pack()  # before others have to wait for the transaction
        with self._database.write() as connection:
            change: dict[str, Any] = {"lease_until": now(connection) + timedelta(seconds=lease)}
            if seconds is not None:
                change["seconds"] = seconds
            if records:
                change["step"] = max(record.step for record in records)
            heartbeat = touch(connection, run_id, attempt, **change)
            if heartbeat.alive:
                for name, table in _TABLES.items():
                    items = (item for record in records for item in getattr(record, name))
                    upsert(connection, table.__table__, _rows(run_id, table, items))
                layer_history.add(connection, run_id, records)
                metrics = [metric for record in records for metric in record.metrics]
                summary.after_append(connection, run_id, metrics)
                if snapshots or ends:
                    of_run = (connection, run_id, attempt)
                    steps = checkpoints.keep(*of_run, snapshots, keeping or Keeping())
                if ends:
                    layer_history.settle(connection, run_id, needed=steps)
        return heartbeat

    def metrics(
        self,
        run_ids: Iterable[int],
        *,
        splits: Iterable[Split] | None = None,
        after_step: int = -1,
    ) -> dict[int, list[Metric]]:
        """Losses and accuracies of runs, by step; only steps after `after_step`."""
        found: dict[int, list[Metric]] = {run_id: [] for run_id in run_ids}
        rows = (
            _select(Metric, MetricRow)
            .add_columns(MetricRow.run_id)
            .where(MetricRow.run_id.in_(found))
            .where(MetricRow.split.in_(SPLITS if splits is None else tuple(splits)))
            .where(MetricRow.step > after_step)
            .order_by(MetricRow.run_id, MetricRow.step, MetricRow.split)
        )
        with self._database.read() as connection:
            for *values, run_id in connection.execute(rows):
                found[run_id].append(Metric(*values))
        return found

    def layers(self, run_id: int, *, after_step: int = -1) -> list[LayerStatistics]:
        """Statistics of every layer, by step and layer; only steps after `after_step`."""
        rows = (
            _select(LayerStatistics, LayerStatRow)
            .where(LayerStatRow.run_id == run_id, LayerStatRow.step > after_step)
            .order_by(LayerStatRow.step, LayerStatRow.layer)
        )
        return self._all(LayerStatistics, rows)

    def metric_columns(self, run_id: int, *, after_step: int = -1) -> Columns:
        """What `metrics` gives of one run, as arrays: NaN where a run has no accuracy."""
        rows = (
            select(*(getattr(MetricRow, name) for name in _METRICS))
            .where(MetricRow.run_id == run_id, MetricRow.step > after_step)
            .order_by(MetricRow.step, MetricRow.split)
        )
        return self._columns(_METRICS, rows)

    def layer_columns(self, run_id: int, *, after_step: int = -1) -> Columns:
        """What `layers` gives, as arrays; NaN (what was measured) and None (what does not apply)
        stay apart."""
        rows = (
            select(*(getattr(LayerStatRow, name) for name in _STATISTICS))
            .where(LayerStatRow.run_id == run_id, LayerStatRow.step > after_step)
            .order_by(LayerStatRow.step, LayerStatRow.layer)
        )
        return self._columns(_STATISTICS, rows)

    def histograms(
        self,
        run_id: int,
        *,
        quantity: Quantity,
        steps: Iterable[int] | None = None,
        layers: Iterable[int] | None = None,
    ) -> list[Histogram]:
        """Distributions of one quantity, by step and layer."""
        wanted = Wanted(run_id, (quantity,), layers=_listed(layers), steps=_listed(steps))
        with self._database.read() as connection:
            return layer_history.read(connection, wanted)

    def histogram_columns(
        self,
        run_id: int,
        *,
        quantity: Quantity,
        steps: Iterable[int] | None = None,
        layers: Iterable[int] | None = None,
    ) -> Columns:
        """What `histograms` gives, as arrays: `counts` (N, bins), in which one of fewer bins than
        others has empty ones beyond its end, which then is that of the last."""
        wanted = Wanted(run_id, (quantity,), layers=_listed(layers), steps=_listed(steps))
        with self._database.read() as connection:
            return layer_history.columns(connection, wanted)

    def batch_norms(
        self,
        run_id: int,
        *,
        layer: int | None = None,
        after_step: int = -1,
        steps: Iterable[int] | None = None,
    ) -> list[BatchNormState]:
        """Batch Normalization layers, by step and layer; only steps after `after_step`."""
        layers = None if layer is None else (layer,)
        wanted = Wanted(run_id, BATCH_NORM, layers, _listed(steps), after_step)
        with self._database.read() as connection:
            return layer_history.read(connection, wanted)

    def batch_norm_columns(self, run_id: int, layer: int) -> Columns:
        """What `batch_norms` gives of one layer, as arrays by the names of its fields: `step` (S,),
        and of each of the others a row per step, (S, C)."""
        with self._database.read() as connection:
            return layer_history.columns(connection, Wanted(run_id, BATCH_NORM, (layer,)))

    def batch_statistics(self, run_id: int, *, layer: int | None = None) -> list[BatchStatistics]:
        """What every step normalized with, by layer and step: `replay.joined` puts them together.

        Empty where the run did not record them.
        """
        rows = _select(BatchStatistics, BatchStatisticRow).where(BatchStatisticRow.run_id == run_id)
        if layer is not None:
            rows = rows.where(BatchStatisticRow.layer == layer)
        by_step = rows.order_by(BatchStatisticRow.layer, BatchStatisticRow.step)
        return self._all(BatchStatistics, by_step)

    def recorded_steps(self, run_id: int) -> list[int]:
        """The steps whose layers were recorded."""
        table = LayerStatRow
        rows = select(table.step).where(table.run_id == run_id).distinct().order_by(table.step)
        with self._database.read() as connection:
            return list(connection.execute(rows).scalars())

    def histogram_steps(self, run_id: int) -> list[int]:
        """The steps whose distributions were recorded."""
        with self._database.read() as connection:
            return layer_history.steps_of(connection, run_id, QUANTITIES)

    def _columns(self, dtypes: Mapping[str, type], rows: Select[Any]) -> Columns:
        """The rows column by column: no object is made for each."""
        with self._database.read() as connection:
            found = connection.execute(rows).all()
        values = zip(*found, strict=True) if found else ((),) * len(dtypes)
        return {
            name: np.array(column, dtype)
            for (name, dtype), column in zip(dtypes.items(), values, strict=True)
        }

    def _all(self, kind: type[Any], rows: Select[Any]) -> list[Any]:
        with self._database.read() as connection:
            return [kind(*row) for row in connection.execute(rows)]


def _listed(wanted: Iterable[int] | None) -> tuple[int, ...] | None:
    return None if wanted is None else tuple(wanted)


def _select(kind: type[Record], table: type[Base]) -> Select[Any]:
    """The columns that make a record, in the order of its fields."""
    return select(*(getattr(table, field.name) for field in fields(kind)))


def _rows(run_id: int, table: type[Base], items: Iterable[Record]) -> list[tuple[Any, ...]]:
    """Records as rows: values in the order of the columns, of which `run_id` is the first."""
    _, *names = (column.name for column in table.__table__.columns)
    values = attrgetter(*names)
    return [(run_id, *values(item)) for item in items]
