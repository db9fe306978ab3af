"""What people ask of runs: to end, to wait, to go on, to come first; and of the queue as a whole.

A run that waits does at once as it is asked. One that is training finds the request in its row with
its next write, leaves a last checkpoint and stops; until then the request may be taken back.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select, update

from db.attempts import log
from db.connection import Database, now
from db.enqueue import MAX_ATTEMPTS, checked_priority, checked_time_limit
from db.models import QueueRow, RunRow
from db.records import EventKind, QueueState, Request, Status
from db.rights import Action
from engine.errors import ConfigError
from engine.messages import Message

_QUEUE = 1  # the number of its one row
_RETRIABLE = (Status.FAILED, Status.CANCELLED, Status.STOPPED)


class Requests:
    """Every method that changes a run tells whether it did."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cancel(self, run_id: int, *, by: str) -> bool:
        """End a run that waits at once, or ask a running one to stop."""
        with self._database.change(Action.CANCEL, "run", [run_id]) as connection:
            return cancel(connection, run_id, by=self._database.signed(by))

    def pause(self, run_id: int, *, by: str) -> bool:
        """Keep a queued run from beginning, or have a running one stop at a checkpoint and wait."""
        with self._database.change(Action.PAUSE, "run", [run_id]) as connection:
            return pause(connection, run_id, by=self._database.signed(by))

    def resume(self, run_id: int, *, by: str) -> bool:
        """Queue a paused run again, or take back what has not stopped it yet."""
        with self._database.change(Action.RESUME, "run", [run_id]) as connection:
            return resume(connection, run_id, by=self._database.signed(by))

    def prune(self, run_id: int, *, reason: Message) -> bool:
        """Ask a running run that its sweep gives up to stop; `reason` will be why it ended."""
        with self._database.write() as connection:
            run = locked(connection, run_id, RunRow.status == Status.RUNNING)
            if run is None or run.request is not None:
                return False
            _change(connection, run, request=Request.PRUNE)
            log(connection, run_id, run.attempt, EventKind.PRUNE_REQUESTED, reason=reason)
        return True

    def retry(self, run_id: int, *, by: str, time_limit: float | None = None) -> bool:
        """Queue a run again that failed, was cancelled or stopped; it goes on from its checkpoint.

        One that reached its time limit needs another: raises ConfigError where it gets none. What
        is done has nothing left to do, and what diverged would diverge again.
        """
        by = self._database.signed(by)
        with self._database.change(Action.RETRY, "run", [run_id]) as connection:
            run = locked(connection, run_id, RunRow.status.in_(_RETRIABLE))
            if run is None:
                return False
            limit = checked_time_limit(time_limit) or run.time_limit
            if limit is not None and limit <= run.seconds:
                rule = Message("must be more than the {seconds:.0f} s that run {id} has trained")
                rule = rule.filled(seconds=run.seconds, id=run_id)
                raise ConfigError.at(("time_limit",), rule.got(limit))
            again = {"status": Status.QUEUED, "request": None, "error": None, "ended_at": None}
            allowed = max(run.max_attempts, run.attempt + MAX_ATTEMPTS)
            attempts = {"max_attempts": allowed, "time_limit": limit}
            _change(connection, run, **again, **attempts, started_at=None, worker=None)
            log(connection, run_id, run.attempt, EventKind.RETRIED, by=by)
        return True

    def prioritize(self, run_id: int, priority: int, *, by: str) -> bool:
        """Give a run that has not ended another priority: a higher one is served first."""
        waits = RunRow.status.in_([status for status in Status if not status.ended])
        by = self._database.signed(by)
        with self._database.change(Action.PRIORITIZE, "run", [run_id]) as connection:
            run = locked(connection, run_id, waits)
            if run is None:
                return False
            _change(connection, run, priority=checked_priority(priority))
            log(connection, run_id, run.attempt, EventKind.PRIORITY, by=by, priority=priority)
        return True

    def state(self) -> QueueState:
        """The queue as a whole."""
        columns = QueueRow.paused, QueueRow.owner_limit, QueueRow.slots, QueueRow.seen_at
        with self._database.read() as connection:
            return QueueState(*connection.execute(select(*columns)).one())

    def hold(self, *, paused: bool) -> None:
        """Let nothing more begin, or let it begin again; what runs goes on either way."""
        self._set(Action.HOLD_QUEUE, paused=paused)

    def limit_owners(self, runs: int | None) -> None:
        """Let each owner have at most so many runs training at a time; None for any number."""
        if runs is not None and not 1 <= runs <= 1_000_000:
            rule = Message("must be at least {least}", least=1)
            raise ConfigError.at(("owner_limit",), rule.got(runs))
        self._set(Action.LIMIT_OWNERS, owner_limit=runs)

    def serve(self, slots: int) -> None:
        """A dispatcher is at work, and `slots` runs can train at a time."""
        with self._database.write() as connection:
            connection.execute(update(QueueRow).values(slots=slots, seen_at=now(connection)))

    def _set(self, action: Action, **values: Any) -> None:
        with self._database.change(action, "queue", [_QUEUE]) as connection:
            connection.execute(update(QueueRow).values(values))


def locked(
    connection: Connection, run_id: int, *conditions: ColumnElement[bool], wait: bool = True
) -> Row[*tuple[Any, ...]] | None:
    """A run's state, unchanged by others until this transaction ends."""
    run = RunRow
    row = select(
        run.id,
        run.status,
        run.attempt,
        run.max_attempts,
        run.request,
        run.step,
        run.seconds,
        run.time_limit,
    ).where(run.id == run_id, *conditions)
    return connection.execute(row.with_for_update(skip_locked=not wait)).first()


def cancel(connection: Connection, run_id: int, *, by: str) -> bool:
    run = locked(connection, run_id)
    if run is None or run.status.ended or run.request is Request.CANCEL:
        return False
    time = now(connection)
    log(connection, run_id, run.attempt, EventKind.CANCEL_REQUESTED, at=time, by=by)
    if run.status is Status.RUNNING:
        _change(connection, run, request=Request.CANCEL)
    else:
        _change(connection, run, status=Status.CANCELLED, ended_at=time)
        log(connection, run_id, run.attempt, EventKind.CANCELLED, at=time)
    return True


def pause(connection: Connection, run_id: int, *, by: str) -> bool:
    run = locked(connection, run_id, RunRow.status.in_([Status.QUEUED, Status.RUNNING]))
    if run is None or run.request is not None:
        return False
    log(connection, run_id, run.attempt, EventKind.PAUSE_REQUESTED, by=by)
    if run.status is Status.RUNNING:
        _change(connection, run, request=Request.PAUSE)
    else:
        _change(connection, run, status=Status.PAUSED)
        log(connection, run_id, run.attempt, EventKind.PAUSED)
    return True


def resume(connection: Connection, run_id: int, *, by: str) -> bool:
    run = locked(connection, run_id)
    if run is None or not (run.status is Status.PAUSED or run.request is Request.PAUSE):
        return False
    if run.status is Status.PAUSED:
        _change(connection, run, status=Status.QUEUED)
    else:
        _change(connection, run, request=None)
    log(connection, run_id, run.attempt, EventKind.UNPAUSED, by=by)
    return True


def _change(connection: Connection, run: Row[*tuple[Any, ...]], **values: Any) -> None:
    connection.execute(update(RunRow).where(RunRow.id == run.id).values(values))
