"""The durable queue: `run` rows and their state machine.

    queued --claim--> running --finish--> done, diverged, failed
     ^  ^                |
     |  +----release-----+   the attempt is lost: again, until it was lost too often
     |                   |
     +--resume-- paused -+-leave--> cancelled, stopped: as the run's request says

Every change is a conditional update that reports whether it won, with its events in the same
transaction. What people ask for stands in `db/requests.py`, how attempts end in
`db/attempt_ends.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, or_, select, update

from db import summary
from db.attempt_ends import end, let_go, release
from db.attempts import log, touch
from db.checkpoints import RESUMES
from db.connection import now
from db.enqueue import MAX_ATTEMPTS, NewRun, add_runs, check_launch, rows_of
from db.forecast import Forecast, forecast
from db.models import CheckpointRow, ConfigRow, EventRow, QueueRow, RunRow, SlotsRow
from db.reasons import tell, untold
from db.records import AFTER, Attempt, Claim, EventKind, Heartbeat, Run, Status
from db.requests import Requests, locked
from db.rights import Action
from db.rows import config_of, run_of, select_runs
from db.trained_on import keep_trained_on
from engine.config import RunConfig
from engine.messages import Message
from engine.trained_on import TrainedOn


class Queue(Requests):
    """Runs waiting, running and ending."""

    def enqueue(
        self,
        config: RunConfig,
        *,
        owner: str,
        name: str = "",
        priority: int = 0,
        max_attempts: int = MAX_ATTEMPTS,
        time_limit: float | None = None,
    ) -> Run:
        """Add a run; raises ConfigError or DataError where it could never train.

        After `time_limit` seconds of training it is stopped, with a checkpoint.
        """
        new = NewRun(
            config=config,
            owner=self._database.signed(owner),
            person_id=self._database.person_id,
            name=name,
            priority=priority,
            max_attempts=max_attempts,
            time_limit=time_limit,
        )
        check_launch(self._database, priority=priority)
        rows = rows_of([new])
        with self._database.change(Action.LAUNCH) as connection:
            (run_id,) = add_runs(connection, [new], rows)
            self._database.made(connection, Action.LAUNCH, "run", [run_id])
            return run_of(connection.execute(select_runs().where(RunRow.id == run_id)).one())

    def claim(
        self, *, lease: float, gpu: bool | None = None, after: Attempt | None = None
    ) -> Claim | None:
        """Win the next run for `lease` seconds: the least busy owner's, then priority, then age.

        With `gpu`, only among the runs that need a GPU (True), or that do not (False). `after` is
        said by a process that takes one run after another: the attempt that it was given first.
        """
        wanted = _NEXT if gpu is None else _NEXT.where(RunRow.gpu.is_(gpu))
        with self._database.write() as connection:
            connection.execute(_ONE_AT_A_TIME)
            while (row := connection.execute(wanted).first()) is not None:
                until = now(connection) + timedelta(seconds=lease)
                if _take(connection, row.id, row.attempt + 1, until, after):
                    config = select(ConfigRow.config).where(ConfigRow.run_id == row.id)
                    text = connection.execute(config).scalar_one()
                    return Claim(row.id, row.attempt + 1, config_of(text))
        return None

    def running(self) -> set[Attempt]:
        """The attempts that are under way: a glance at an index."""
        rows = select(RunRow.id, RunRow.attempt).where(RunRow.status == Status.RUNNING)
        with self._database.read() as connection:
            return {(row.id, row.attempt) for row in connection.execute(rows)}

    def taken(self, attempts: Collection[Attempt]) -> dict[Attempt, Attempt]:
        """Of these attempts those whose runs a process took by itself, and which attempt that
        process was given first."""
        claims = select(EventRow.run_id, EventRow.attempt, EventRow.data)
        of_them = EventRow.run_id.in_({run_id for run_id, _ in attempts})
        found: dict[Attempt, Attempt] = {}
        if attempts:
            with self._database.read() as connection:
                rows = connection.execute(claims.where(of_them, EventRow.kind == EventKind.CLAIMED))
                for run_id, attempt, data in rows:
                    if (run_id, attempt) in attempts and AFTER in data:
                        first, its_attempt = data[AFTER]
                        found[run_id, attempt] = first, its_attempt
        return found

    def explain(self, reason: Message, *, gpu: bool | None = None) -> list[int]:
        """Note on runs that wait why they cannot begin, once each; tells which were not told yet.

        With `gpu`, only on those that insist on a GPU (True), or do not (False).
        """
        with self._database.read() as connection:
            runs = untold(connection, gpu=gpu)
        if runs:  # seldom: no write transaction begins for nothing
            with self._database.write() as connection:
                tell(connection, runs, reason)
        return [run["run_id"] for run in runs]

    def start(
        self,
        run_id: int,
        attempt: int,
        *,
        worker: str,
        data: Mapping[str, Any],
        trains_on: TrainedOn | None = None,
        baseline_loss: float | None = None,
        resume_step: int | None = None,
    ) -> Heartbeat:
        """The training child has begun, from the checkpoint of `resume_step` or from scratch, and
        `trains_on` these data, on which the mean would score `baseline_loss`.

        Whatever a lost attempt wrote beyond that step goes: it will be written again. A checkpoint
        beyond it that should have served was damaged, and the log says so.
        """
        with self._database.write() as connection:
            time = now(connection)
            step = 0 if resume_step is None else resume_step
            change = {"started_at": time, "worker": worker, "step": step}
            heartbeat = touch(connection, run_id, attempt, **change)
            if heartbeat.alive:
                for damaged in _resumable_after(connection, run_id, resume_step):
                    log(connection, run_id, attempt, EventKind.DAMAGED, at=time, step=damaged)
                summary.rewind(connection, run_id, resume_step)
                if trains_on:
                    keep_trained_on(connection, run_id, trains_on)
                    summary.set_baseline(connection, run_id, baseline_loss)
                log(connection, run_id, attempt, EventKind.STARTED, at=time, **data)
                if resume_step is not None:
                    log(connection, run_id, attempt, EventKind.RESUMED, at=time, step=resume_step)
        return heartbeat

    def renew(self, run_id: int, attempt: int, *, lease: float) -> Heartbeat:
        """Hold the run for `lease` seconds from now."""
        with self._database.write() as connection:
            until = now(connection) + timedelta(seconds=lease)
            return touch(connection, run_id, attempt, lease_until=until)

    def finish(
        self,
        run_id: int,
        attempt: int,
        status: Status,
        *,
        error: Message | None = None,
        step: int | None = None,
    ) -> bool:
        """End the run as it ended by itself; False where it was another's."""
        if not status.ended:
            raise ValueError(f"a run cannot end as {status}")
        with self._database.write() as connection:
            won = end(connection, run_id, attempt, status, error=error, step=step)
            if won and status is Status.DIVERGED and step is not None:
                summary.mark_diverged(connection, run_id, step)
        return won

    def leave(self, run_id: int, attempt: int, *, step: int, seconds: float = 0.0) -> bool:
        """The attempt stopped in order after `step`: the run goes where its request sends it.

        That is to its end, into a pause, or back into the queue where the request was taken back.
        `seconds` is how long it has trained by now: over its time limit, it is stopped.
        """
        with self._database.write() as connection:
            change = {"step": step, "seconds": seconds} if seconds else {"step": step}
            if not touch(connection, run_id, attempt, **change).alive:
                return False
            run = locked(connection, run_id)
            assert run is not None, "it has just been touched"
            let_go(connection, run, spend=False)
        return True

    def release(
        self,
        run_id: int,
        attempt: int,
        *,
        reason: Message,
        spend_attempt: bool = True,
        killed: bool = False,
    ) -> bool:
        """The attempt is lost, or was `killed`: requeue the run, or end it.

        It goes where its request sends it, and ends as FAILED where this was the last attempt
        allowed. With `spend_attempt=False` (an orderly shutdown) one more is allowed in return.
        """
        what = EventKind.KILLED if killed else EventKind.LOST
        with self._database.write() as connection:
            its_own = RunRow.attempt == attempt
            return release(connection, run_id, its_own, what, reason=reason, spend=spend_attempt)

    def reap(self, *, spare: Collection[tuple[int, int]] = ()) -> list[int]:
        """Release every run whose lease has expired, and tell which.

        Not those that the caller watches over itself, the runs and attempts to `spare`: clocks may
        jump. One that is being written this moment is passed over: nothing here waits for a process
        that may have frozen.
        """
        with self._database.read() as connection:
            running = RunRow.status == Status.RUNNING
            expired = RunRow.lease_until < now(connection)
            rows = connection.execute(select(RunRow.id, RunRow.attempt).where(running, expired))
            lost = [row.id for row in rows if (row.id, row.attempt) not in spare]
        reaped = []
        for run_id in lost:  # a transaction each: one run's renewal never waits for another's end
            with self._database.write() as connection:
                late = RunRow.lease_until < now(connection)
                why = Message("its lease expired")
                if release(connection, run_id, late, EventKind.LOST, reason=why, wait=False):
                    reaped.append(run_id)
        return reaped

    def depth(self) -> dict[Status, int]:
        """How many runs stand where."""
        counts = select(RunRow.status, func.count()).group_by(RunRow.status)
        depth = dict.fromkeys(Status, 0)
        with self._database.read() as connection:
            for status, count in connection.execute(counts):
                depth[status] = count
        return depth

    def newest_waiting(self) -> int | None:
        """The number of the newest run that waits: a glance at an index."""
        newest = select(func.max(RunRow.id)).where(RunRow.status == Status.QUEUED)
        with self._database.read() as connection:
            return connection.execute(newest).scalar()

    def forecast(self) -> Forecast:
        """When the runs that wait or run are expected to begin and to end."""
        with self._database.read() as connection:
            return forecast(connection)


def _next() -> Any:
    """The run to claim next, with PostgreSQL passing over those that others are just claiming."""
    running = RunRow.status == Status.RUNNING
    busy = (
        select(RunRow.owner, func.count().label("runs"))
        .where(running)
        .group_by(RunRow.owner)
        .subquery("busy")
    )
    runs = func.coalesce(busy.c.runs, 0)
    limit = select(QueueRow.owner_limit).scalar_subquery()
    return (
        select(RunRow.id, RunRow.attempt)
        .join(busy, busy.c.owner == RunRow.owner, isouter=True)
        .where(RunRow.status == Status.QUEUED, ~select(QueueRow.paused).scalar_subquery())
        .where(or_(limit.is_(None), runs < limit))
        .order_by(runs, RunRow.priority.desc(), RunRow.id)
        .limit(1)
        .with_for_update(of=RunRow, skip_locked=True)
    )


_NEXT = _next()


_ONE_AT_A_TIME = select(QueueRow.id).with_for_update()
"""Two that claim at the same moment would count an owner's runs without each other's."""


def _take(
    connection: Connection, run_id: int, attempt: int, until: datetime, after: Attempt | None
) -> bool:
    change = (
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.attempt == attempt - 1, RunRow.status == Status.QUEUED)
        .values(
            status=Status.RUNNING, attempt=attempt, lease_until=until, started_at=None, worker=None
        )
    )
    won = connection.execute(change).rowcount == 1
    if won:
        by_itself: dict[str, Any] = {} if after is None else {AFTER: list(after)}
        log(connection, run_id, attempt, EventKind.CLAIMED, **by_itself)
    return won


def _resumable_after(connection: Connection, run_id: int, step: int | None) -> list[int]:
    rows = select(CheckpointRow.step).outerjoin(SlotsRow)
    rows = rows.where(
        CheckpointRow.run_id == run_id,
        RESUMES,
        CheckpointRow.step > (-1 if step is None else step),
    )
    return list(connection.execute(rows.order_by(CheckpointRow.step.desc())).scalars())
