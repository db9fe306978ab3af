"""Runs as lists and headers show them: found, sorted, named, without a look at their history."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    update,
)

from db.connection import Database
from db.models import EventRow, MetricRow, ParamRow, RunRow, SummaryRow
from db.params import Param, value_of
from db.records import Event, Run, RunPage, Scores, Status
from db.types import NAN, Number, seconds_between
from db.words import clean, clean_name
from engine.config import RunConfig
from engine.errors import ConfigError, nearest

LARGEST_ID = 2**31 - 1
SPARKLINE_POINTS = 60

# What a list may be sorted by. Whatever may be missing or not a number comes last, either way.
SORTS: dict[str, ColumnElement[Any]] = {
    "created": RunRow.created_at,
    "name": func.lower(RunRow.name),
    "owner": func.lower(RunRow.owner),
    "status": RunRow.status,
    "priority": RunRow.priority,
    "steps": RunRow.steps,
    "parameters": RunRow.parameters,
    "progress": RunRow.step,
    "started": RunRow.started_at,
    "ended": RunRow.ended_at,
    "duration": seconds_between(RunRow.started_at, RunRow.ended_at),
    "loss": SummaryRow.last_loss,
    "accuracy": SummaryRow.last_accuracy,
    "val_loss": SummaryRow.last_val_loss,
    "val_accuracy": SummaryRow.last_val_accuracy,
    "best_val_loss": SummaryRow.best_val_loss,
    "best_val_accuracy": SummaryRow.best_val_accuracy,
}  # type: ignore[assignment]


class Runs:
    """Every run, one at a time or in pages."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, run_id: int) -> Run | None:
        return self.get_many([run_id]).get(run_id)

    def get_many(self, run_ids: Iterable[int]) -> dict[int, Run]:
        """The runs that exist, by id, in the order asked for."""
        wanted = list(dict.fromkeys(i for i in run_ids if 0 < i <= LARGEST_ID))
        with self._database.read() as connection:
            rows = connection.execute(_runs().where(RunRow.id.in_(wanted)))
            found = {row.id: _run(row) for row in rows}
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
        hyperparameters."""
        if sort not in SORTS:
            raise ConfigError.at(
                ("sort",), f"must be a known order; got {sort!r}; {nearest(sort, SORTS)}"
            )
        conditions = [_contains(word) for word in clean(text).split()]
        if statuses := tuple(statuses):
            conditions.append(RunRow.status.in_(statuses))
        if owner is not None:
            conditions.append(RunRow.owner == clean(owner))
        page = _runs().where(*conditions).order_by(*_order(sort, descending))
        with self._database.read() as connection:
            count = select(func.count()).select_from(RunRow).where(*conditions)
            total = connection.execute(count).scalar_one()
            rows = connection.execute(page.limit(limit).offset(offset))
            return RunPage(tuple(_run(row) for row in rows), total)

    def owners(self) -> list[str]:
        """Everyone who launched a run."""
        with self._database.read() as connection:
            owners = select(RunRow.owner).distinct().order_by(RunRow.owner)
            return list(connection.execute(owners).scalars())

    def rename(self, run_id: int, name: str) -> bool:
        """Give a run another name; False where there is no such run."""
        change = update(RunRow).where(RunRow.id == run_id).values(name=clean_name(name))
        with self._database.write() as connection:
            return connection.execute(change).rowcount == 1

    def events(self, run_id: int, *, after_id: int = 0) -> list[Event]:
        """What happened to a run, in order; only events after `after_id`."""
        rows = (
            select(
                EventRow.id,
                EventRow.run_id,
                EventRow.attempt,
                EventRow.at,
                EventRow.kind,
                EventRow.data,
            )
            .where(EventRow.run_id == run_id, EventRow.id > after_id)
            .order_by(EventRow.id)
        )
        with self._database.read() as connection:
            return [Event(*row) for row in connection.execute(rows)]

    def params(self, run_ids: Iterable[int]) -> dict[int, dict[str, Param]]:
        """Every hyperparameter of runs by its dotted name, as in `RunConfig.flat()`."""
        found: dict[int, dict[str, Param]] = {run_id: {} for run_id in run_ids}
        rows = (
            select(ParamRow.run_id, ParamRow.name, ParamRow.number, ParamRow.text, ParamRow.flag)
            .where(ParamRow.run_id.in_(found))
            .order_by(ParamRow.run_id, ParamRow.name)
        )
        with self._database.read() as connection:
            for run_id, name, *columns in connection.execute(rows):
                found[run_id][name] = value_of(*columns)
        return found

    def sparklines(self, run_ids: Iterable[int]) -> dict[int, list[float]]:
        """The loss of runs in a few points: of each epoch, or of batches before the first ends."""
        wanted = list(run_ids)
        with self._database.read() as connection:
            epochs = _thinned(connection, "train", wanted)
            young = [run_id for run_id in wanted if run_id not in epochs]
            batches = _thinned(connection, "batch", young) if young else {}
        return {run_id: epochs.get(run_id) or batches.get(run_id, []) for run_id in wanted}


@lru_cache(maxsize=1024)
def parse_config(text: str) -> RunConfig:
    """A stored configuration; lists ask for the same ones again and again."""
    return RunConfig.parse_json(text)


def _runs() -> Select[Any]:
    return select(RunRow.__table__, SummaryRow.__table__).join(
        SummaryRow, SummaryRow.run_id == RunRow.id
    )


def _run(row: Row[Any]) -> Run:
    return Run(
        id=row.id,
        uid=row.uid,
        name=row.name,
        owner=row.owner,
        status=row.status,
        config=parse_config(row.config),
        attempt=row.attempt,
        max_attempts=row.max_attempts,
        priority=row.priority,
        cancel_requested=row.cancel_requested,
        step=row.step,
        steps=row.steps,
        parameters=row.parameters,
        error=row.error,
        created_at=row.created_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        lease_until=row.lease_until,
        worker=row.worker,
        last=_scores(row, "last"),
        best=_scores(row, "best"),
        diverged_step=row.diverged_step,
    )


def _scores(row: Row[Any], prefix: str) -> Scores | None:
    names = ("step", "epoch", "loss", "accuracy", "val_loss", "val_accuracy")
    step, *rest = (getattr(row, f"{prefix}_{name}") for name in names)
    return None if step is None else Scores(step, *rest)


def _contains(word: str) -> ColumnElement[bool]:
    """Whether a word stands anywhere in what people know a run by."""
    in_params = select(ParamRow.run_id).where(
        ParamRow.text.is_not(None), ParamRow.text.icontains(word, autoescape=True)
    )
    places = [
        RunRow.name.icontains(word, autoescape=True),
        RunRow.owner.icontains(word, autoescape=True),
        RunRow.id.in_(in_params),
    ]
    number = word.removeprefix("#")
    if number.isascii() and number.isdigit() and int(number) <= LARGEST_ID:
        places.append(RunRow.id == int(number))
    return or_(*places)


def _order(sort: str, descending: bool) -> Sequence[ColumnElement[Any]]:
    column = SORTS[sort]
    ordered = [column.desc(), RunRow.id.desc()] if descending else [column.asc(), RunRow.id.asc()]
    absent = column.is_(None)
    if isinstance(column.type, Number):
        absent = or_(absent, column == NAN)
    return ordered if sort == "created" else [case((absent, 1), else_=0), *ordered]


def _thinned(connection: Connection, split: str, run_ids: Sequence[int]) -> dict[int, list[float]]:
    """Losses of a split in at most `SPARKLINE_POINTS` evenly chosen steps a run, the last one too."""
    place = func.row_number().over(partition_by=MetricRow.run_id, order_by=MetricRow.step)
    count = func.count().over(partition_by=MetricRow.run_id)
    numbered = (
        select(MetricRow.run_id, MetricRow.loss, place.label("place"), count.label("count"))
        .where(MetricRow.split == split, MetricRow.run_id.in_(run_ids))
        .subquery()
    )
    # A place is kept where a new one of the buckets begins that end with it.
    points = SPARKLINE_POINTS
    bucket = numbered.c.place * points // numbered.c.count
    before = (numbered.c.place - 1) * points // numbered.c.count
    kept = select(numbered.c.run_id, numbered.c.loss).where(and_(bucket > before))
    losses: dict[int, list[float]] = {}
    for run_id, loss in connection.execute(kept.order_by(numbered.c.run_id, numbered.c.place)):
        losses.setdefault(run_id, []).append(loss)
    return losses
