"""Why runs wait in vain: told once on each, by the dispatcher that cannot place them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, insert, select

from db.connection import now
from db.models import EventRow, RunRow
from db.records import EventKind, Status

WAITS_IN_VAIN: ColumnElement[bool] = (
    select(EventRow.id)
    .where(EventRow.run_id == RunRow.id, EventRow.attempt == RunRow.attempt)
    .where(EventRow.kind == EventKind.WAITING)
    .exists()
)
"""Of a run that waits: nobody knows when it will begin."""


def untold(connection: Connection, *, gpu: bool | None) -> list[dict[str, int]]:
    """The runs that wait and have not been told why since they last trained."""
    waiting = RunRow.status == Status.QUEUED, ~WAITS_IN_VAIN
    wanted = select(RunRow.id, RunRow.attempt).where(*waiting)
    if gpu is not None:
        wanted = wanted.where(RunRow.gpu.is_(gpu))
    return [{"run_id": run.id, "attempt": run.attempt} for run in connection.execute(wanted)]


def tell(connection: Connection, runs: Sequence[dict[str, int]], reason: str) -> None:
    """Note on runs why they wait."""
    of_all = {"at": now(connection), "kind": EventKind.WAITING, "data": {"reason": reason}}
    connection.execute(insert(EventRow), [run | of_all for run in runs])
