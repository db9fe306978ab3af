"""Why runs wait, are lost or end, as their events keep it: a message, template and values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select

from db.connection import now
from db.models import EventRow, RunRow
from db.records import EventKind, Status
from engine.messages import Message

CANNOT_BE_PLACED: ColumnElement[bool] = (
    select(EventRow.id)
    .where(EventRow.run_id == RunRow.id, EventRow.attempt == RunRow.attempt)
    .where(EventRow.kind == EventKind.WAITING)
    .exists()
)
"""Of a run that waits: nobody knows when it will begin."""


def untold(connection: Connection, *, gpu: bool | None) -> list[dict[str, int]]:
    """The runs that wait and have not been told why since they last trained."""
    waiting = RunRow.status == Status.QUEUED, ~CANNOT_BE_PLACED
    wanted = select(RunRow.id, RunRow.attempt).where(*waiting)
    if gpu is not None:
        wanted = wanted.where(RunRow.gpu.is_(gpu))
    return [{"run_id": run.id, "attempt": run.attempt} for run in connection.execute(wanted)]


def newest(connection: Connection, run_id: int, key: str, *kinds: EventKind) -> Message | None:
    """What the newest event of some kinds says under a key."""
    event = select(EventRow.data).where(EventRow.run_id == run_id, EventRow.kind.in_(kinds))
    data = connection.execute(event.order_by(EventRow.id.desc()).limit(1)).scalar()
    return Message.from_json(data[key]) if data and key in data else None


def worded(data: Mapping[str, Any]) -> dict[str, Any]:
    """What an event says, its reason and its error as messages."""
    return {
        key: Message.from_json(value) if key in ("reason", "error") else value
        for key, value in data.items()
    }


def tell(connection: Connection, runs: Sequence[dict[str, int]], reason: Message) -> None:
    """Note on runs why they wait."""
    of_all = {"at": now(connection), "kind": EventKind.WAITING, "data": {"reason": reason}}
    connection.execute(insert(EventRow), [run | of_all for run in runs])
