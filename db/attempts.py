"""What every write of an attempt goes through: the fence, and the log of what happened to a run.

A dispatcher that was thought dead may come back and write. Each write therefore names its attempt,
and reaches a row only while that very attempt is running.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, select, update

from db.connection import now
from db.models import EventRow, RunRow
from db.records import EventKind, Heartbeat, Status

LOST = Heartbeat(alive=False)

_RUN = RunRow.__table__
_HELD = and_(
    _RUN.c.id == bindparam("held_run"),
    _RUN.c.attempt == bindparam("held_attempt"),
    _RUN.c.status == Status.RUNNING,
)
_TOUCH = update(_RUN).where(_HELD).returning(_RUN.c.request)
_HOLD = select(_RUN.c.id).where(_HELD).with_for_update()


def touch(connection: Connection, run_id: int, attempt: int, **values: Any) -> Heartbeat:
    """Set columns of the run if the attempt still holds it, and tell what the attempt must know."""
    change = {"held_run": run_id, "held_attempt": attempt, **values}
    row = connection.execute(_TOUCH, change).first()
    return LOST if row is None else Heartbeat(alive=True, request=row.request)


def held(connection: Connection, run_id: int, attempt: int) -> bool:
    """Whether the attempt holds the run, and will until this transaction ends."""
    attempt_of_run = {"held_run": run_id, "held_attempt": attempt}
    return connection.execute(_HOLD, attempt_of_run).first() is not None


def log(
    connection: Connection,
    run_id: int,
    attempt: int,
    *kinds: EventKind,
    at: datetime | None = None,
    **data: Any,
) -> None:
    """Write down that things happened, in the transaction that made them happen."""
    at = at or now(connection)
    of_run = {"run_id": run_id, "attempt": attempt, "at": at, "data": data}
    connection.execute(insert(EventRow), [of_run | {"kind": kind} for kind in kinds])
