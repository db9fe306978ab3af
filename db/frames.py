"""Frames for notebooks: what is kept of runs as `pandas.DataFrame`, one row per observation.

with Store.open() as store:
    runs = store.frames.runs('tag = "week3" and not diverged')
    curves = store.frames.metrics(runs.index)

In a frame NaN stands for what is missing, too; `db/series.py` and its files keep them apart.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
from pandas import DataFrame

from db.connection import Database
from db.records import Shelf
from db.runs import Runs
from db.series import runs_table, table_of

ALL = 2**31 - 1


class Frames:
    """Everything that is kept of runs, by their numbers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def runs(
        self,
        query: str = "",
        *,
        shelf: Shelf | None = Shelf.ACTIVE,
        sort: str = "created",
        descending: bool = True,
        limit: int | None = None,
    ) -> DataFrame:
        """The runs that fulfil a query (docs/queries.md), indexed by their numbers: state, newest
        and best scores, and every hyperparameter under its dotted name. Raises QueryError."""
        lists = Runs(self._database)
        page = lists.find(
            query=query,
            shelf=shelf,
            sort=sort,
            descending=descending,
            limit=ALL if limit is None else limit,
        )
        params = lists.params(run.id for run in page.runs)
        frame: DataFrame = runs_table(page.runs, params).to_pandas()
        return frame.set_index("run")

    def metrics(self, run_ids: int | Iterable[int]) -> DataFrame:
        """Curves: loss and accuracy, one row per run, step and split."""
        return self._frame("metrics", run_ids)

    def layers(self, run_ids: int | Iterable[int]) -> DataFrame:
        """The statistics of layers, one row per run, step and layer, one column per statistic."""
        return self._frame("layers", run_ids)

    def histograms(self, run_ids: int | Iterable[int]) -> DataFrame:
        """Distributions of activations, gradients and weights, one row per bin."""
        return self._frame("histograms", run_ids)

    def batch_norm(self, run_ids: int | Iterable[int]) -> DataFrame:
        """Batch Normalization, one row per run, step, layer and channel."""
        return self._frame("batch_norm", run_ids)

    def batch_statistics(self, run_ids: int | Iterable[int]) -> DataFrame:
        """What every step normalized with, one row per run, step, layer and channel."""
        return self._frame("batch_statistics", run_ids)

    def table(self, name: str, run_ids: Iterable[int]) -> pa.Table:
        """One of `db.series.SERIES`, or `runs`, as an Arrow table: for files."""
        wanted = [int(run_id) for run_id in run_ids]
        if name == "runs":
            lists = Runs(self._database)
            return runs_table(list(lists.get_many(wanted).values()), lists.params(wanted))
        return table_of(self._database, name, wanted)

    def _frame(self, name: str, run_ids: int | Iterable[int]) -> DataFrame:
        wanted = [run_ids] if isinstance(run_ids, int) else run_ids
        frame: DataFrame = self.table(name, wanted).to_pandas()
        return frame
