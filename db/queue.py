"""The durable queue: `run` rows and their state machine.

    queued --claim--> running --finish--> done, diverged, failed, cancelled
       ^                 |
       +----release------+   the attempt is lost: again, until it was lost too often

Every change is a conditional update that reports whether it won, with its events in the same
transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, func, insert, select, update

from db import summary
from db.attempts import log, touch
from db.connection import Database, now
from db.models import ConfigRow, ParamRow, RunRow, SummaryRow
from db.params import param_rows
from db.records import Claim, EventKind, Heartbeat, Run, Status
from db.rows import config_of, run_of, select_runs
from db.words import clean_name, clean_owner
from engine.architecture import describe
from engine.config import RunConfig


class Queue:
    """Runs waiting, running and ending."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def enqueue(
        self,
        config: RunConfig,
        *,
        owner: str,
        name: str = "",
        priority: int = 0,
        max_attempts: int = 3,
    ) -> Run:
        """Add a run; raises ConfigError or DataError where it could never train."""
        architecture = describe(config)
        values = {
            "uid": str(uuid4()),
            "name": clean_name(name),
            "owner": clean_owner(owner),
            "status": Status.QUEUED,
            "priority": priority,
            "attempt": 0,
            "max_attempts": max_attempts,
            "cancel_requested": False,
            "step": 0,
            "steps": architecture.steps,
            "parameters": architecture.parameters,
            "program": version("layerlab"),
        }
        with self._database.write() as connection:
            values["created_at"] = now(connection)
            new = insert(RunRow).values(values).returning(RunRow.id)
            run_id = connection.execute(new).scalar_one()
            connection.execute(insert(ConfigRow), {"run_id": run_id, "config": config.to_json()})
            connection.execute(insert(ParamRow), param_rows(run_id, config))
            connection.execute(insert(SummaryRow), {"run_id": run_id})
            log(connection, run_id, 0, EventKind.ENQUEUED, owner=values["owner"])
            return run_of(connection.execute(select_runs().where(RunRow.id == run_id)).one())

    def claim(self, *, lease: float) -> Claim | None:
        """Win the next run for `lease` seconds: the least busy owner's, then priority, then age."""
        with self._database.write() as connection:
            while (row := connection.execute(_NEXT).first()) is not None:
                until = now(connection) + timedelta(seconds=lease)
                if _take(connection, row.id, row.attempt + 1, until):
                    return Claim(row.id, row.attempt + 1, config_of(row.config))
        return None

    def start(
        self,
        run_id: int,
        attempt: int,
        *,
        worker: str,
        data: Mapping[str, Any],
        resume_step: int | None = None,
    ) -> Heartbeat:
        """The training child has begun, from the checkpoint of `resume_step` or from scratch.

        Whatever a lost attempt wrote beyond that step goes: it will be written again.
        """
        with self._database.write() as connection:
            time = now(connection)
            step = 0 if resume_step is None else resume_step
            change = {"started_at": time, "worker": worker, "step": step}
            heartbeat = touch(connection, run_id, attempt, **change)
            if heartbeat.alive:
                summary.rewind(connection, run_id, resume_step)
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
        error: str | None = None,
        step: int | None = None,
    ) -> bool:
        """End the run as DONE, DIVERGED, FAILED or CANCELLED; False where it was another's."""
        if not status.ended:
            raise ValueError(f"a run cannot end as {status}")
        with self._database.write() as connection:
            data = {"error": error, "step": step}
            data = {key: value for key, value in data.items() if value is not None}
            won = _end(connection, run_id, attempt, status, **data)
            if won and status is Status.DIVERGED and step is not None:
                summary.mark_diverged(connection, run_id, step)
        return won

    def release(
        self, run_id: int, attempt: int, *, reason: str, spend_attempt: bool = True
    ) -> bool:
        """The attempt is lost: requeue the run, or end it.

        It ends as CANCELLED where that was asked for, and as FAILED where this was the last attempt
        allowed. With `spend_attempt=False` (an orderly shutdown) one more is allowed in return.
        """
        with self._database.write() as connection:
            its_own = RunRow.attempt == attempt
            return _release(connection, run_id, its_own, reason=reason, spend=spend_attempt)

    def reap(self) -> list[int]:
        """Release every run whose lease has expired, and tell which.

        One that is being written this moment is passed over: nothing here waits for a process that
        may have frozen.
        """
        with self._database.read() as connection:
            running = RunRow.status == Status.RUNNING
            expired = RunRow.lease_until < now(connection)
            ids = connection.execute(select(RunRow.id).where(running, expired)).scalars().all()
        reaped = []
        for run_id in ids:  # a transaction each: one run's renewal never waits for another's end
            with self._database.write() as connection:
                expired = RunRow.lease_until < now(connection)
                if _release(connection, run_id, expired, reason="its lease expired", wait=False):
                    reaped.append(run_id)
        return reaped

    def cancel(self, run_id: int, *, by: str) -> bool:
        """Cancel a queued run at once, and ask a running one to stop; False where it has ended."""
        by = clean_owner(by)
        with self._database.write() as connection:
            run = _locked(connection, run_id, RunRow.cancel_requested.is_(False))
            if run is None or run.status.ended:
                return False
            time = now(connection)
            change: dict[str, Any] = {"cancel_requested": True}
            log(connection, run_id, run.attempt, EventKind.CANCEL_REQUESTED, at=time, by=by)
            if run.status is Status.QUEUED:
                change |= {"status": Status.CANCELLED, "ended_at": time}
                log(connection, run_id, run.attempt, EventKind.CANCELLED, at=time)
            connection.execute(update(RunRow).where(RunRow.id == run_id).values(change))
        return True

    def depth(self) -> dict[Status, int]:
        """How many runs stand where."""
        counts = select(RunRow.status, func.count()).group_by(RunRow.status)
        depth = dict.fromkeys(Status, 0)
        with self._database.read() as connection:
            for status, count in connection.execute(counts):
                depth[status] = count
        return depth


def _next() -> Any:
    """The run to claim next, with PostgreSQL passing over those that others are just claiming."""
    running = RunRow.status == Status.RUNNING
    busy = (
        select(RunRow.owner, func.count().label("runs"))
        .where(running)
        .group_by(RunRow.owner)
        .subquery("busy")
    )
    return (
        select(RunRow.id, RunRow.attempt, ConfigRow.config)
        .join(ConfigRow, ConfigRow.run_id == RunRow.id)
        .join(busy, busy.c.owner == RunRow.owner, isouter=True)
        .where(RunRow.status == Status.QUEUED)
        .order_by(func.coalesce(busy.c.runs, 0), RunRow.priority.desc(), RunRow.id)
        .limit(1)
        .with_for_update(of=RunRow, skip_locked=True)
    )


_NEXT = _next()


def _take(connection: Connection, run_id: int, attempt: int, until: datetime) -> bool:
    change = (
        update(RunRow)
        .where(RunRow.id == run_id, RunRow.attempt == attempt - 1, RunRow.status == Status.QUEUED)
        .values(
            status=Status.RUNNING, attempt=attempt, lease_until=until, started_at=None, worker=None
        )
    )
    won = connection.execute(change).rowcount == 1
    if won:
        log(connection, run_id, attempt, EventKind.CLAIMED)
    return won


def _end(connection: Connection, run_id: int, attempt: int, status: Status, **data: Any) -> bool:
    """End a run that the attempt holds; `data` may set its error and step."""
    time = now(connection)
    change = data | {"status": status, "ended_at": time, "lease_until": None}
    won = touch(connection, run_id, attempt, **change).alive
    if won:
        log(connection, run_id, attempt, EventKind(status.value), at=time, **data)
    return won


def _locked(
    connection: Connection, run_id: int, *conditions: ColumnElement[bool], wait: bool = True
) -> Row[*tuple[Any, ...]] | None:
    """A run's state, unchanged by others until this transaction ends."""
    row = select(RunRow.status, RunRow.attempt, RunRow.max_attempts, RunRow.cancel_requested).where(
        RunRow.id == run_id, *conditions
    )
    return connection.execute(row.with_for_update(skip_locked=not wait)).first()


def _release(
    connection: Connection,
    run_id: int,
    condition: ColumnElement[bool],
    *,
    reason: str,
    spend: bool = True,
    wait: bool = True,
) -> bool:
    """Release a running run where a condition still holds of it."""
    run = _locked(connection, run_id, RunRow.status == Status.RUNNING, condition, wait=wait)
    if run is None:
        return False
    attempt, allowed = run.attempt, run.max_attempts + (0 if spend else 1)
    log(connection, run_id, attempt, EventKind.LOST, reason=reason)
    if run.cancel_requested:
        return _end(connection, run_id, attempt, Status.CANCELLED)
    if attempt >= allowed:
        error = f"Lost in each of {allowed} attempts; the last: {reason}."
        return _end(connection, run_id, attempt, Status.FAILED, error=error)
    again = {"status": Status.QUEUED, "max_attempts": allowed, "lease_until": None}
    touch(connection, run_id, attempt, **again, worker=None, started_at=None)
    log(connection, run_id, attempt, EventKind.REQUEUED)
    return True
