"""Checkpoints: a few to go on from, and more along the way to look at.

The newest two are whole, so that a run can go on even where one of them is damaged, and so is the
one of the best validation, from which runs are branched; once the run has ended the newest alone.
Others lack the optimizer's slots (half to two thirds of their bytes), which lie in rows of their
own: giving them up touches nothing else. Of early steps no bytes are kept at all, where training
makes them again in a moment (`db/remaking.py`). All are thinned out as the run grows, so that those
that stay are evenly spread.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, or_, select, update

from db.attempts import held
from db.connection import Database, now
from db.errors import DatabaseError
from db.keeping import KEPT, Form, Keeping
from db.models import CheckpointRow, ConfigRow, EventRow, SlotsRow, SummaryRow, TrainedOnRow
from db.records import CheckpointInfo, EventKind
from db.remaking import recipe, remade
from db.rows import config_of
from engine.checkpoint import from_bytes, slots_to_bytes, to_bytes
from engine.errors import DataError
from engine.messages import Message
from engine.records import Checkpoint
from engine.trained_on import read_trained_on

LARGEST = 900_000_000  # bytes: both databases end a value just short of a gigabyte

RESUMES = or_(CheckpointRow.resumable, SlotsRow.checkpoint_id.is_not(None))
"""Whether a checkpoint's bytes hold the slots, as part of them or in a row of their own."""
_INFO: tuple[Any, ...] = (
    CheckpointRow.id,
    CheckpointRow.run_id,
    CheckpointRow.step,
    CheckpointRow.epoch,
    CheckpointRow.created_at,
    CheckpointRow.size + func.coalesce(SlotsRow.size, 0),
    or_(RESUMES, CheckpointRow.size == 0),
)
_NOTHING: dict[str, Any] = {"size": 0, "sha256": b"", "state": b"", "resumable": False}
_NEW = insert(CheckpointRow).returning(CheckpointRow.id)
_logger = logging.getLogger(__name__)


class Snapshot:
    """A checkpoint on its way to the database, taken now."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        self.checkpoint, self._taken = checkpoint, time.monotonic()

    @property
    def step(self) -> int:
        return self.checkpoint.step

    @property
    def nbytes(self) -> int:
        """About how many it has, before they are packed."""
        arrays = self.checkpoint.w, self.checkpoint.buffers, *self.checkpoint.slots.values()
        return sum(array.nbytes for array in arrays)

    def pack(self) -> None:
        """Make its bytes now; raises DatabaseError where they are too many."""
        _ = self.state, self.slots

    @property
    def age(self) -> timedelta:
        """How long ago training was there."""
        return timedelta(seconds=time.monotonic() - self._taken)

    @cached_property
    def state(self) -> dict[str, Any]:
        """What its row says of its bytes."""
        return self._packed(to_bytes(replace(self.checkpoint, slots={})))

    @cached_property
    def slots(self) -> dict[str, Any]:
        """The same of its slots."""
        return self._packed(slots_to_bytes(self.checkpoint))

    def _packed(self, state: bytes) -> dict[str, Any]:
        if len(state) > LARGEST:
            large = Message(
                "The checkpoint of step {step} has {size:,} bytes, more than the {most:,} that a"
                " database row can hold; train a smaller network.",
                step=self.step,
            )
            raise DatabaseError(large.filled(size=len(state), most=LARGEST))
        return {"size": len(state), "sha256": sha256(state).digest(), "state": state}


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
        snapshot = Snapshot(checkpoint)
        snapshot.pack()
        with self._database.write() as connection:
            if not held(connection, run_id, attempt):
                return False
            keep(connection, run_id, attempt, [snapshot], Keeping(kept))
        return True

    def latest(self, run_id: int) -> Checkpoint | None:
        """The newest checkpoint that is whole and can be resumed from."""
        ids = (
            select(CheckpointRow.id)
            .outerjoin(SlotsRow)
            .where(CheckpointRow.run_id == run_id, RESUMES)
            .order_by(CheckpointRow.step.desc())
        )
        with self._database.read() as connection:
            for checkpoint_id in connection.execute(ids).scalars().all():
                try:
                    return opened(connection.execute(content(checkpoint_id)).one())
                except DataError as error:
                    _logger.warning("run %d: %s; trying an older one", run_id, error)
        return None

    def list(self, run_id: int) -> Sequence[CheckpointInfo]:
        """The checkpoints, by step."""
        with self._database.read() as connection:
            return [CheckpointInfo(*row) for row in _infos(connection, run_id)]

    def load(self, checkpoint_id: int) -> Checkpoint:
        """A checkpoint; raises DataError where it is gone or damaged, or cannot be made again."""
        with self._database.read() as connection:
            row = connection.execute(content(checkpoint_id)).first()
            if row is None:
                gone = Message("checkpoint {id} is no longer kept; choose another")
                raise DataError(gone.filled(id=checkpoint_id))
            if row.size:
                return opened(row)
            how = recipe(connection, row.run_id, row.step)
        return remade(how)

    def again(self, run_id: int, step: int) -> Checkpoint:
        """A checkpoint of a run from scratch, made by training again: whole, whatever is kept."""
        with self._database.read() as connection:
            how = recipe(connection, run_id, step)
        return remade(how)

    def unreadable(self) -> dict[int, int]:
        """How many checkpoints of which run are damaged. Reads every one, each for itself."""
        every = select(CheckpointRow.id, CheckpointRow.run_id).where(CheckpointRow.size > 0)
        with self._database.read() as connection:
            rows = connection.execute(every.order_by(CheckpointRow.id)).all()
        counts: Counter[int] = Counter()
        for checkpoint_id, run_id in rows:
            with self._database.read() as connection:
                row = connection.execute(content(checkpoint_id)).first()
            try:
                if row is not None and row.size:  # it may have been thinned out meanwhile
                    opened(row)
            except DataError:
                counts[run_id] += 1
        return counts


def keep(
    connection: Connection,
    run_id: int,
    attempt: int,
    snapshots: Sequence[Snapshot],
    keeping: Keeping,
) -> Collection[int]:
    """Keep snapshots, ascending by step, as the newest of a run, and of the others what `keeping`
    says; answers the steps that stay. Nothing is read of the others but their steps."""
    if snapshots:
        _drop_from(connection, run_id, snapshots[0].step)
    infos = [CheckpointInfo(*row) for row in _infos(connection, run_id)]
    steps = [*(info.step for info in infos), *(each.step for each in snapshots)]
    plan = keeping.plan(steps, _best_step(connection, run_id))
    _delete(connection, [info.id for info in infos if info.step not in plan])
    _bare(connection, [info.id for info in infos if plan.get(info.step) is Form.BARE])
    _empty(
        connection,
        [info.id for info in infos if info.size and plan.get(info.step) is Form.REMADE],
    )
    if snapshots:
        moment = now(connection)
        staying = [(each, plan[each.step]) for each in snapshots if each.step in plan]
        _add_remade(
            connection,
            [
                _row(run_id, attempt, each.step, each.checkpoint.epoch, moment - each.age)
                for each, form in staying
                if form is Form.REMADE
            ],
        )
        for each, form in staying:
            if form is not Form.REMADE:
                add(connection, run_id, attempt, each, form=form, at=moment - each.age)
        _log(connection, run_id, attempt, {each.step: moment - each.age for each in snapshots})
    return plan.keys()


def add(
    connection: Connection,
    run_id: int,
    attempt: int,
    snapshot: Snapshot,
    *,
    form: Form = Form.WHOLE,
    at: datetime | None = None,
) -> None:
    """Add a checkpoint, whole or bare."""
    at = at or now(connection)
    row = _row(run_id, attempt, snapshot.step, snapshot.checkpoint.epoch, at) | snapshot.state
    checkpoint_id = connection.execute(_NEW, row).scalar_one()
    if form is Form.WHOLE:
        connection.execute(insert(SlotsRow), {"checkpoint_id": checkpoint_id} | snapshot.slots)


def add_remade(
    connection: Connection, run_id: int, attempt: int, step: int, epoch: int, at: datetime
) -> None:
    """Add a checkpoint of which no bytes are kept."""
    _add_remade(connection, [_row(run_id, attempt, step, epoch, at)])


def _add_remade(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    if rows:
        connection.execute(insert(CheckpointRow), [row | _NOTHING for row in rows])


def _row(run_id: int, attempt: int, step: int, epoch: int, at: datetime) -> dict[str, Any]:
    place = {"run_id": run_id, "attempt": attempt, "step": step, "epoch": epoch}
    return place | {"created_at": at, "resumable": False}


def content(checkpoint_id: int) -> Select[*tuple[Any, ...]]:
    """The bytes of a checkpoint and of its slots, and what of its run belongs to them."""
    row, slots = CheckpointRow, SlotsRow
    columns = (row.run_id, row.step, row.size, row.state, row.sha256)
    of_slots = slots.state.label("slots"), slots.sha256.label("slots_sha256")
    both = select(*columns, *of_slots, ConfigRow.config, TrainedOnRow.document).outerjoin(slots)
    of_run = both.join(ConfigRow, ConfigRow.run_id == row.run_id)
    with_data = of_run.outerjoin(TrainedOnRow, TrainedOnRow.run_id == row.run_id)
    return with_data.where(row.id == checkpoint_id)


def opened(row: Row[Any]) -> Checkpoint:
    for content, digest in ((row.state, row.sha256), (row.slots, row.slots_sha256)):
        if content is not None and sha256(content).digest() != digest:
            damaged = Message("the checkpoint of step {step} is damaged; choose another")
            raise DataError(damaged.filled(step=row.step))
    checkpoint = from_bytes(row.state, config_of(row.config).optimizer, slots=row.slots)
    return replace(checkpoint, data=read_trained_on(row.document) if row.document else None)


def _infos(connection: Connection, run_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    rows = select(*_INFO).outerjoin(SlotsRow).where(CheckpointRow.run_id == run_id)
    return connection.execute(rows.order_by(CheckpointRow.step)).all()


def _drop_from(connection: Connection, run_id: int, step: int) -> None:
    """Remove what an earlier attempt left from `step` on: this attempt is now there itself."""
    connection.execute(
        delete(CheckpointRow).where(CheckpointRow.run_id == run_id, CheckpointRow.step >= step)
    )


def _best_step(connection: Connection, run_id: int) -> int | None:
    best = select(SummaryRow.best_step).where(SummaryRow.run_id == run_id)
    return connection.execute(best).scalar_one()


def _delete(connection: Connection, ids: Sequence[int]) -> None:
    if ids:
        connection.execute(delete(CheckpointRow).where(CheckpointRow.id.in_(ids)))


def _bare(connection: Connection, ids: Sequence[int]) -> None:
    """Give up the optimizer's slots."""
    if ids:
        connection.execute(delete(SlotsRow).where(SlotsRow.checkpoint_id.in_(ids)))


def _empty(connection: Connection, ids: Sequence[int]) -> None:
    """Give up all bytes."""
    if ids:
        _bare(connection, ids)
        of_them = CheckpointRow.id.in_(ids)
        connection.execute(update(CheckpointRow).where(of_them).values(_NOTHING))


def _log(connection: Connection, run_id: int, attempt: int, moments: dict[int, datetime]) -> None:
    of_run = {"run_id": run_id, "attempt": attempt, "kind": EventKind.CHECKPOINT}
    events = [of_run | {"at": at, "data": {"step": step}} for step, at in moments.items()]
    connection.execute(insert(EventRow), events)
