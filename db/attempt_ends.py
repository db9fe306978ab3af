"""How attempts end, and where that leaves their runs: at an end, in a pause, or in the queue again.

Every function works in the transaction of its caller, and on a run that is running.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row

from db.attempts import log, touch
from db.connection import now
from db.models import RunRow
from db.reasons import newest
from db.records import EventKind, Request, Status
from db.requests import locked
from engine.messages import Message

LOST_TOO_OFTEN = Message("Lost in each of {n} attempts; the last: {reason}")


def end(
    connection: Connection,
    run_id: int,
    attempt: int,
    status: Status,
    *,
    error: Message | None = None,
    step: int | None = None,
) -> bool:
    """End a run that the attempt holds. The run's row keeps the English of why, to search in; the
    event has the message itself."""
    time = now(connection)
    at_step = {} if step is None else {"step": step}
    bare = {"lease_until": None, "request": None}
    english = None if error is None else str(error)
    change = {"status": status, "ended_at": time, "error": english} | bare | at_step
    won = touch(connection, run_id, attempt, **change).alive
    if won:
        data = at_step if error is None else {"error": error} | at_step
        log(connection, run_id, attempt, EventKind(status.value), at=time, **data)
    return won


def release(
    connection: Connection,
    run_id: int,
    condition: ColumnElement[bool],
    what: EventKind,
    *,
    reason: Message,
    spend: bool = True,
    wait: bool = True,
) -> bool:
    """Release a running run where a condition still holds of it; `what` is the event that ended the
    attempt."""
    run = locked(connection, run_id, RunRow.status == Status.RUNNING, condition, wait=wait)
    if run is None:
        return False
    log(connection, run_id, run.attempt, what, reason=reason)
    let_go(connection, run, spend=spend, reason=reason)
    return True


def let_go(
    connection: Connection,
    run: Row[*tuple[Any, ...]],
    *,
    spend: bool,
    reason: Message | None = None,
) -> None:
    """Send a running run that no process trains any more to where it belongs."""
    allowed = run.max_attempts + (0 if spend else 1)
    over = run.time_limit is not None and run.seconds >= run.time_limit
    if run.request is Request.CANCEL:
        end(connection, run.id, run.attempt, Status.CANCELLED, step=run.step)
    elif run.request is Request.PRUNE:
        error = newest(connection, run.id, "reason", EventKind.PRUNE_REQUESTED)
        end(connection, run.id, run.attempt, Status.STOPPED, error=error, step=run.step)
    elif over:
        error = Message("Its time limit of {seconds:g} s was reached.", seconds=run.time_limit)
        end(connection, run.id, run.attempt, Status.STOPPED, error=error, step=run.step)
    elif run.request is Request.PAUSE:
        _set_aside(connection, run, Status.PAUSED, EventKind.PAUSED, max_attempts=allowed)
    elif run.attempt >= allowed:
        error = LOST_TOO_OFTEN.filled(n=allowed, reason=reason or Message("it was stopped"))
        end(connection, run.id, run.attempt, Status.FAILED, error=error)
    else:
        _set_aside(connection, run, Status.QUEUED, EventKind.REQUEUED, max_attempts=allowed)


def _set_aside(
    connection: Connection,
    run: Row[*tuple[Any, ...]],
    status: Status,
    kind: EventKind,
    *,
    max_attempts: int,
) -> None:
    """Leave a running run for a later attempt."""
    change = {"status": status, "max_attempts": max_attempts, "request": None}
    bare = {"lease_until": None, "worker": None, "started_at": None}
    touch(connection, run.id, run.attempt, **change, **bare)
    log(connection, run.id, run.attempt, kind)
