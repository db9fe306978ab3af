"""Checkpoints: a few to go on from, and more along the way to look at.

The newest two are whole, so that a run can go on even where one of them is damaged, and so is the
one of the best validation, from which runs are branched. Others lose the optimizer's slots (half to
two thirds of their bytes) and are thinned out as the run grows, so that those that stay are evenly
spread.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from db.attempts import held, log
from db.connection import Database, now
from db.errors import DatabaseError
from db.models import CheckpointRow, ConfigRow, SummaryRow
from db.records import CheckpointInfo, EventKind
from db.rows import config_of
from engine.checkpoint import from_bytes, to_bytes
from engine.errors import DataError
from engine.records import Checkpoint

KEPT = 20
RESUMABLE = 2
LARGEST = 900_000_000  # bytes: both databases end a value just short of a gigabyte

_INFO: tuple[Any, ...] = (
    CheckpointRow.id,
    CheckpointRow.run_id,
    CheckpointRow.step,
    CheckpointRow.epoch,
    CheckpointRow.created_at,
    CheckpointRow.size,
    CheckpointRow.resumable,
)
_logger = logging.getLogger(__name__)


class Checkpoints:
    """A run's states after steps."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def save(self, run_id: int, attempt: int, checkpoint: Checkpoint, *, kept: int = KEPT) -> bool:
        """Keep a checkpoint as the newest; False where the attempt no longer holds the run.

        Older ones make room for it: about `kept` stay. Append what was recorded up to its step
        first: a resumed run goes on after it. Where it cannot be kept (DatabaseError), the earlier
        ones stay.
        """
        state = packed(checkpoint)
        with self._database.write() as connection:
            if not held(connection, run_id, attempt):
                return False
            _drop_from(connection, run_id, checkpoint.step)
            add(connection, run_id, attempt, state)
            best = _best_step(connection, run_id)
            _strip_older(connection, run_id, best)
            _thin_out(connection, run_id, best, kept)
            log(connection, run_id, attempt, EventKind.CHECKPOINT, step=checkpoint.step)
        return True

    def latest(self, run_id: int) -> Checkpoint | None:
        """The newest checkpoint that is whole and can be resumed from."""
        ids = (
            select(CheckpointRow.id)
            .where(CheckpointRow.run_id == run_id, CheckpointRow.resumable)
            .order_by(CheckpointRow.step.desc())
        )
        with self._database.read() as connection:
            for checkpoint_id in connection.execute(ids).scalars().all():
                try:
                    return _load(connection, checkpoint_id)
                except DataError as error:
                    _logger.warning("run %d: %s; trying an older one", run_id, error)
        return None

    def list(self, run_id: int) -> Sequence[CheckpointInfo]:
        """The kept checkpoints, by step."""
        with self._database.read() as connection:
            return [CheckpointInfo(*row) for row in _infos(connection, run_id)]

    def load(self, checkpoint_id: int) -> Checkpoint:
        """A checkpoint; raises DataError where it is gone or damaged."""
        with self._database.read() as connection:
            return _load(connection, checkpoint_id)

    def unreadable(self) -> dict[int, int]:
        """How many checkpoints of which run are damaged. Reads every one, each for itself."""
        every = select(CheckpointRow.id, CheckpointRow.run_id).order_by(CheckpointRow.id)
        with self._database.read() as connection:
            rows = connection.execute(every).all()
        counts: Counter[int] = Counter()
        for checkpoint_id, run_id in rows:
            with self._database.read() as connection:
                row = _row(connection, checkpoint_id)
            try:
                if row is not None:  # it may have been thinned out meanwhile
                    _opened(row)
            except DataError:
                counts[run_id] += 1
        return counts


def packed(checkpoint: Checkpoint) -> dict[str, Any]:
    """What the row of a checkpoint says of it; raises DatabaseError where it is too large."""
    state = to_bytes(checkpoint)
    if len(state) > LARGEST:
        raise DatabaseError(
            f"The checkpoint of step {checkpoint.step} has {len(state):,} bytes, more than the"
            f" {LARGEST:,} that a database row can hold; train a smaller network."
        )
    return {
        "step": checkpoint.step,
        "epoch": checkpoint.epoch,
        "state": state,
        "size": len(state),
        "sha256": sha256(state).digest(),
    }


def add(connection: Connection, run_id: int, attempt: int, state: dict[str, Any]) -> None:
    """Add a `packed` checkpoint that can be resumed from."""
    of_run = {"run_id": run_id, "attempt": attempt, "resumable": True}
    connection.execute(insert(CheckpointRow), of_run | {"created_at": now(connection)} | state)


def _load(connection: Connection, checkpoint_id: int) -> Checkpoint:
    row = _row(connection, checkpoint_id)
    if row is None:
        raise DataError(f"checkpoint {checkpoint_id} is no longer kept; choose another")
    return _opened(row)


def _row(connection: Connection, checkpoint_id: int) -> Row[bytes, bytes, int, str] | None:
    checkpoint = CheckpointRow
    columns = select(checkpoint.state, checkpoint.sha256, checkpoint.step, ConfigRow.config)
    of_run = columns.join(ConfigRow, ConfigRow.run_id == checkpoint.run_id)
    return connection.execute(of_run.where(checkpoint.id == checkpoint_id)).first()


def _opened(row: Row[bytes, bytes, int, str]) -> Checkpoint:
    if sha256(row.state).digest() != row.sha256:
        raise DataError(f"the checkpoint of step {row.step} is damaged; choose another")
    return from_bytes(row.state, config_of(row.config).optimizer)


def _infos(connection: Connection, run_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    rows = select(*_INFO).where(CheckpointRow.run_id == run_id).order_by(CheckpointRow.step)
    return connection.execute(rows).all()


def _drop_from(connection: Connection, run_id: int, step: int) -> None:
    """Remove what an earlier attempt left from `step` on: this attempt is now there itself."""
    connection.execute(
        delete(CheckpointRow).where(CheckpointRow.run_id == run_id, CheckpointRow.step >= step)
    )


def _best_step(connection: Connection, run_id: int) -> int | None:
    best = select(SummaryRow.best_step).where(SummaryRow.run_id == run_id)
    return connection.execute(best).scalar_one()


def _strip_older(connection: Connection, run_id: int, best: int | None) -> None:
    """Take the optimizer's slots out of all resumable checkpoints but the newest two and the
    best."""
    resumable = [info for info in _infos(connection, run_id) if info.resumable]
    for info in resumable[:-RESUMABLE]:
        if info.step == best:
            continue
        of_it = CheckpointRow.id == info.id
        try:
            bare = replace(_load(connection, info.id), slots={})
        except DataError:
            connection.execute(delete(CheckpointRow).where(of_it))
        else:
            change = packed(bare) | {"resumable": False}
            connection.execute(update(CheckpointRow).where(of_it).values(change))


def _thin_out(connection: Connection, run_id: int, best: int | None, kept: int) -> None:
    infos = _infos(connection, run_id)
    steps = {info.step: info.id for info in infos}
    spare = {info.step for info in infos if not info.resumable and info.step != best}
    for step in surplus(list(steps), spare, kept=kept):
        connection.execute(delete(CheckpointRow).where(CheckpointRow.id == steps[step]))


def surplus(steps: Sequence[int], spare: set[int], *, kept: int = KEPT) -> list[int]:
    """Which of the ordered `steps` to give up so that `kept` remain, evenly spread.

    One at a time, the spare step whose neighbours are closest together: its loss leaves the
    smallest hole. The first and the last step stay.
    """
    remaining, gone = list(steps), []
    while len(remaining) > kept:
        inner = range(1, len(remaining) - 1)
        holes = [(remaining[i + 1] - remaining[i - 1], i) for i in inner if remaining[i] in spare]
        if not holes:
            break
        gone.append(remaining.pop(min(holes)[1]))
    return gone
