"""Sweeps: one definition, its points, and many runs that are asked for and judged together.

A sweep's points are rows of `trial`, its runs ordinary runs that name their sweep, trial and
replicate (`db/sweep_runs.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, func, insert, select, update

from db.connection import Database, now
from db.enqueue import check_launch, checked_priority
from db.forecast import seconds_for
from db.models import RunRow, SweepRow, TrialRow
from db.records import Run, Status, Sweep, SweepPlan, SweepState, Trial
from db.requests import cancel, pause, resume
from db.rights import Action
from db.sweep_results import losses_at, lowest_loss, trials
from db.sweep_runs import PointRuns, Values, complete, points_of
from db.words import clean_name, clean_owner
from engine.errors import ConfigError
from engine.messages import Message
from engine.sweeps.config import SweepConfig
from engine.sweeps.pruning import MedianPruning
from engine.sweeps.samplers import Proposed

Change = Callable[..., bool]


class Sweeps:
    """Every sweep."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enqueue(
        self, config: SweepConfig, *, owner: str, name: str = "", priority: int = 0
    ) -> Sweep:
        """Add a sweep and the runs that are known in advance.

        Raises ConfigError or DataError where one of its values could never train.
        """
        check_launch(self._database, priority=priority)
        config.sampler.require()
        name, owner = clean_name(name), clean_owner(self._database.signed(owner))
        person_id = self._database.person_id
        row = {
            "uid": str(uuid4()),
            "name": name,
            "owner": owner,
            "person_id": person_id,
            "state": SweepState.ACTIVE,
            "priority": checked_priority(priority),
            "definition": config.to_json(),
        }
        runs = PointRuns(config, owner=owner, person_id=person_id, name=name, priority=priority)
        runs.prepare(config.points() or config.ends())
        with self._database.change(Action.LAUNCH) as connection:
            new = insert(SweepRow).values(**row, created_at=now(connection)).returning(SweepRow.id)
            sweep_id = connection.execute(new).scalar_one()
            complete(connection, sweep_id, runs, config.points())
            self._database.made(connection, Action.LAUNCH, "sweep", [sweep_id])
            return _sweep(connection, sweep_id)

    def plan(self, config: SweepConfig) -> SweepPlan:
        """What a sweep would come to; raises what `enqueue` would, and adds nothing."""
        config.sampler.require()
        runs = PointRuns(config, owner="nobody", name="", priority=0)
        points = config.points()
        runs.prepare(points or config.ends())
        rows = runs.rows(points) if points else [runs.base()] * config.trials
        every = [row for row in rows for _ in range(config.seeds)]
        with self._database.read() as connection:
            seconds = seconds_for(connection, every)
        return SweepPlan(config.trials, len(every), sum(row["steps"] for row in every), seconds)

    def get(self, sweep_id: int) -> Sweep | None:
        with self._database.read() as connection:
            return next(iter(_sweeps(connection, SweepRow.id == sweep_id)), None)

    def list(self, *, limit: int = 50, offset: int = 0) -> Sequence[Sweep]:
        """Sweeps, the newest first."""
        with self._database.read() as connection:
            return _sweeps(connection, limit=limit, offset=offset)

    def count(self) -> int:
        """How many sweeps there are."""
        with self._database.read() as connection:
            return connection.execute(select(func.count()).select_from(SweepRow)).scalar_one()

    def unproposed(self) -> Sequence[Sweep]:
        """The active sweeps of which a model has points yet to propose."""
        active = SweepRow.state == SweepState.ACTIVE
        with self._database.read() as connection:
            rows = connection.execute(select(SweepRow.id, SweepRow.definition).where(active))
            configs = {row.id: _config_of(row.definition) for row in rows}
            trials = {i: c.trials for i, c in configs.items() if isinstance(c.sampler, Proposed)}
            proposed = _proposed(connection, list(trials))
            ids = [each for each, wanted in trials.items() if proposed.get(each, 0) < wanted]
            return _sweeps(connection, SweepRow.id.in_(ids), limit=len(ids)) if ids else []

    def why_prune(self, run: Run) -> Message | None:
        """Why the sweep of a running run gives it up; None where it may go on."""
        if run.sweep_id is None or run.last is None:
            return None
        of_it = select(SweepRow.definition).where(SweepRow.id == run.sweep_id)
        with self._database.read() as connection:
            pruning = _config_of(connection.execute(of_it).scalar_one()).pruning
            if not isinstance(pruning, MedianPruning):
                return None
            epoch = run.last.epoch
            bar = pruning.bar(epoch, losses_at(connection, run.sweep_id, epoch))
            best = lowest_loss(connection, run.id)
        if bar is None or best <= bar:
            return None
        return Message(
            "Its sweep gave it up: by epoch {epoch} its best validation loss was {loss:.4g}, above"
            " the others' median of {median:.4g}.",
            epoch=epoch,
            loss=best,
            median=bar,
        )

    def trials(self, sweep_id: int) -> Sequence[Trial]:
        """The points of a sweep that have runs, by number, each with its runs' scores."""
        with self._database.read() as connection:
            sweep = next(iter(_sweeps(connection, SweepRow.id == sweep_id)), None)
            return trials(connection, sweep) if sweep else []

    def propose(self, sweep_id: int, values: Values) -> int | None:
        """Add a point that a model proposes; its number, or None where the sweep wants no more.

        A point that could never train is kept without runs, so that it is not proposed again.
        """
        sweep = self.get(sweep_id)
        if sweep is None or sweep.state is not SweepState.ACTIVE:
            return None
        runs = _runs(sweep, sweep.config)
        runs.accept(values)
        with self._database.write() as connection:
            held = _held(connection, sweep_id)
            if held is None or len(points_of(connection, sweep_id)) >= sweep.config.trials:
                return None
            return complete(connection, sweep_id, runs, [values], known=False)

    def extend(
        self, sweep_id: int, *, trials: int | None = None, seeds: int | None = None
    ) -> Sweep | None:
        """Let a sweep try more points, or each point with more seeds; None where there is none.

        Raises ConfigError where it would have fewer, or its points are those of a grid.
        """
        sweep = self.get(sweep_id)
        if sweep is None:
            return None
        larger = _larger(sweep.config, trials=trials, seeds=seeds)
        runs = _runs(sweep, larger)
        if points := larger.points():
            runs.prepare(points)
        else:
            with self._database.read() as connection:
                points = [dict(values) for values in points_of(connection, sweep_id).values()]
            for values in points:
                runs.accept(values)
        with self._database.change(Action.EXTEND, "sweep", [sweep_id]) as connection:
            state = _held(connection, sweep_id)
            if state is not SweepState.ACTIVE:
                rule = Message("must be active, neither paused nor cancelled, to grow; got {sweep}")
                raise ConfigError.at(("sweep",), rule.filled(sweep=sweep.label))
            change = update(SweepRow).where(SweepRow.id == sweep_id)
            connection.execute(change.values(definition=larger.to_json()))
            complete(connection, sweep_id, runs, points)
            return _sweep(connection, sweep_id)

    def cancel(self, sweep_id: int, *, by: str) -> bool:
        """End a sweep: nothing more is proposed, and all its runs that have not ended are ended."""
        return self._change(Action.CANCEL, sweep_id, SweepState.CANCELLED, cancel, by=by)

    def pause(self, sweep_id: int, *, by: str) -> bool:
        """Have all runs of a sweep wait, the running ones after a checkpoint."""
        return self._change(Action.PAUSE, sweep_id, SweepState.PAUSED, pause, by=by)

    def resume(self, sweep_id: int, *, by: str) -> bool:
        """Let a paused sweep and its paused runs go on."""
        return self._change(Action.RESUME, sweep_id, SweepState.ACTIVE, resume, by=by)

    def _change(
        self, action: Action, sweep_id: int, state: SweepState, change: Change, *, by: str
    ) -> bool:
        by = self._database.signed(by)
        with self._database.change(action, "sweep", [sweep_id]) as connection:
            held = _held(connection, sweep_id)
            if held in (None, state):
                return False
            connection.execute(update(SweepRow).where(SweepRow.id == sweep_id).values(state=state))
            live = [status for status in Status if not status.ended]
            of_it = select(RunRow.id).where(RunRow.sweep_id == sweep_id, RunRow.status.in_(live))
            for run_id in connection.execute(of_it.order_by(RunRow.id)).scalars().all():
                change(connection, run_id, by=by)
        return True


def _runs(sweep: Sweep, config: SweepConfig) -> PointRuns:
    return PointRuns(
        config,
        owner=sweep.owner,
        person_id=sweep.person_id,
        name=sweep.name,
        priority=sweep.priority,
    )


def _held(connection: Connection, sweep_id: int) -> SweepState | None:
    """A sweep's state, unchanged by others until this transaction ends; None once cancelled."""
    row = select(SweepRow.state).where(
        SweepRow.id == sweep_id, SweepRow.state != SweepState.CANCELLED
    )
    return connection.execute(row.with_for_update()).scalar_one_or_none()


def _larger(config: SweepConfig, *, trials: int | None, seeds: int | None) -> SweepConfig:
    data = config.model_dump(mode="json")
    if trials is not None:
        if "trials" not in data["sampler"]:
            fixed = Message("cannot change: a grid has the points it has")
            raise ConfigError.at(("trials",), fixed)
        if trials < config.trials:
            rule = Message("must be at least {least}", least=config.trials)
            raise ConfigError.at(("trials",), rule.got(trials))
        data["sampler"]["trials"] = trials
    if seeds is not None:
        if seeds < config.seeds:
            rule = Message("must be at least {least}", least=config.seeds)
            raise ConfigError.at(("seeds",), rule.got(seeds))
        data["seeds"] = seeds
    return SweepConfig.parse(data)


def _sweep(connection: Connection, sweep_id: int) -> Sweep:
    return _sweeps(connection, SweepRow.id == sweep_id)[0]


def _sweeps(
    connection: Connection, *conditions: Any, limit: int = 1, offset: int = 0
) -> Sequence[Sweep]:
    rows = connection.execute(
        select(SweepRow.__table__)
        .where(*conditions)
        .order_by(SweepRow.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()
    ids = [row.id for row in rows]
    counts, proposed = _counts(connection, ids), _proposed(connection, ids)
    return [_sweep_of(row, proposed.get(row.id, 0), counts[row.id]) for row in rows]


def _proposed(connection: Connection, sweep_ids: Sequence[int]) -> dict[int, int]:
    rows = (
        select(TrialRow.sweep_id, func.count())
        .where(TrialRow.sweep_id.in_(sweep_ids))
        .group_by(TrialRow.sweep_id)
    )
    return {row[0]: row[1] for row in connection.execute(rows)}


def _counts(connection: Connection, sweep_ids: Sequence[int]) -> dict[int, dict[Status, int]]:
    counts = {sweep_id: dict.fromkeys(Status, 0) for sweep_id in sweep_ids}
    rows = (
        select(RunRow.sweep_id, RunRow.status, func.count())
        .where(RunRow.sweep_id.in_(sweep_ids))
        .group_by(RunRow.sweep_id, RunRow.status)
    )
    for sweep_id, status, count in connection.execute(rows):
        if sweep_id is not None:
            counts[sweep_id][status] = count
    return counts


def _sweep_of(row: Row[*tuple[Any, ...]], proposed: int, counts: Mapping[Status, int]) -> Sweep:
    return Sweep(
        id=row.id,
        uid=row.uid,
        name=row.name,
        owner=row.owner,
        state=row.state,
        priority=row.priority,
        config=_config_of(row.definition),
        created_at=row.created_at,
        person_id=row.person_id,
        proposed=proposed,
        counts=counts,
    )


@lru_cache(maxsize=1024)
def _config_of(text: str) -> SweepConfig:
    return SweepConfig.parse_json(text)
