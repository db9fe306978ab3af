"""Runs as lists and headers show them: found, sorted, named."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, func, select, update

from db import search
from db.connection import Database
from db.models import EventRow, MetricRow, ParamRow, RunRow
from db.params import Param, value_of
from db.records import Event, Run, RunPage, Status
from db.rows import run_of, select_runs
from db.words import clean_name

SPARKLINE_POINTS = 60


class Runs:
    """Every run, one at a time or in pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, run_id: int) -> Run | None:
        return self.get_many([run_id]).get(run_id)

    def get_many(self, run_ids: Iterable[int]) -> dict[int, Run]:
        """The runs that exist, by id, in the order asked for."""
        wanted = _possible(run_ids)
        with self._database.read() as connection:
            rows = connection.execute(select_runs().where(RunRow.id.in_(wanted)))
            found = {row.id: run_of(row) for row in rows}
        return {run_id: found[run_id] for run_id in wanted if run_id in found}

    def find(
        self,
        *,
        text: str = "",
        statuses: Iterable[Status] = (),
        owner: str | None = None,
        sort: str = "created",
        descending: bool = True,
        limit: int = 50,
        offset: int = 0,
    ) -> RunPage:
        """One page of the runs that hold every word of `text` in their name, owner, number or
        hyperparameters, sorted by one of `search.SORTS`. History is never read."""
        wanted = search.conditions(text=text, statuses=statuses, owner=owner)
        order = search.order(sort, descending=descending)
        count = select(func.count()).select_from(RunRow).where(*wanted)
        page = select_runs().where(*wanted).order_by(*order).limit(limit).offset(offset)
        with self._database.read() as connection:
            total = connection.execute(count).scalar_one()
            return RunPage(tuple(run_of(row) for row in connection.execute(page)), total)

    def owners(self) -> list[str]:
        """Everyone who launched a run."""
        with self._database.read() as connection:
            owners = select(RunRow.owner).distinct().order_by(RunRow.owner)
            return list(connection.execute(owners).scalars())

    def rename(self, run_id: int, name: str) -> bool:
        """Give a run another name; False where there is no such run."""
        change = update(RunRow).where(RunRow.id == run_id).values(name=clean_name(name))
        with self._database.write() as connection:
            return connection.execute(change.returning(RunRow.id)).first() is not None

    def events(self, run_id: int, *, after_id: int = 0) -> list[Event]:
        """What happened to a run, in order; only events after `after_id`."""
        event = EventRow
        rows = (
            select(event.id, event.run_id, event.attempt, event.at, event.kind, event.data)
            .where(event.run_id == run_id, event.id > after_id)
            .order_by(event.id)
        )
        with self._database.read() as connection:
            return [Event(*row) for row in connection.execute(rows)]

    def params(self, run_ids: Iterable[int]) -> dict[int, dict[str, Param]]:
        """Every hyperparameter of runs by its dotted name, as in `RunConfig.flat()`."""
        found: dict[int, dict[str, Param]] = {run_id: {} for run_id in _possible(run_ids)}
        param = ParamRow
        rows = (
            select(param.run_id, param.name, param.number, param.text, param.flag)
            .where(param.run_id.in_(found))
            .order_by(param.run_id, param.place)
        )
        with self._database.read() as connection:
            for run_id, name, number, text, flag in connection.execute(rows):
                found[run_id][name] = value_of(number, text, flag)
        return found

    def sparklines(self, run_ids: Iterable[int]) -> dict[int, list[float]]:
        """The loss of runs in a few points: of each epoch, or of batches before the first ends."""
        wanted = _possible(run_ids)
        with self._database.read() as connection:
            epochs = _thinned_losses(connection, "train", wanted)
            young = [run_id for run_id in wanted if run_id not in epochs]
            batches = _thinned_losses(connection, "batch", young)
        return {run_id: epochs.get(run_id) or batches.get(run_id, []) for run_id in wanted}


def _possible(run_ids: Iterable[int]) -> list[int]:
    """Each id once, without what no run can have: ids come out of links that people edit."""
    return [i for i in dict.fromkeys(run_ids) if 0 < i <= search.LARGEST_ID]


def _thinned_losses(
    connection: Connection, split: str, run_ids: Sequence[int]
) -> dict[int, list[float]]:
    """Losses of a split in a few evenly chosen steps a run, its last one among them."""
    numbered = (
        select(
            MetricRow.run_id,
            MetricRow.loss,
            func.row_number()
            .over(partition_by=MetricRow.run_id, order_by=MetricRow.step)
            .label("place"),
            func.count().over(partition_by=MetricRow.run_id).label("count"),
        )
        .where(MetricRow.split == split, MetricRow.run_id.in_(run_ids))
        .subquery()
    )
    # With more places than points, a place is kept where it fills up one of the points.
    filled = numbered.c.place * SPARKLINE_POINTS // numbered.c.count
    before = (numbered.c.place - 1) * SPARKLINE_POINTS // numbered.c.count
    kept = select(numbered.c.run_id, numbered.c.loss).where(filled > before)
    losses: dict[int, list[float]] = {}
    for run_id, loss in connection.execute(kept.order_by(numbered.c.run_id, numbered.c.place)):
        losses.setdefault(run_id, []).append(loss)
    return losses
