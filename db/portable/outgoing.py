"""From rows to a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from db import layer_history
from db.checkpoints import RESUMES, content, opened
from db.connection import Database
from db.layer_history import BLOCKS
from db.models import (
    Base,
    CheckpointRow,
    ConfigRow,
    EventRow,
    LogRow,
    NoteRow,
    RunRow,
    SlotsRow,
    SummaryRow,
    SweepRow,
    TagRow,
    TrialRow,
)
from db.portable.container import Progress, Writer
from db.portable.documents import (
    CheckpointDocument,
    EventDocument,
    InSweep,
    LogDocument,
    NoteDocument,
    Parent,
    RunDocument,
    SweepDocument,
    folder_of,
)
from db.portable.tables import TABLES, columns_of, encode, rows_a_part
from db.records import SweepState
from db.search import possible
from db.trained_on import trained_on_of
from engine.checkpoint import to_bytes
from engine.errors import DataError
from engine.messages import Message

_SAME = frozenset(RunDocument.model_fields) & {column.name for column in RunRow.__table__.columns}


def write(
    database: Database, writer: Writer, run_ids: Sequence[int], progress: Progress
) -> list[Message]:
    """Write runs, and the sweeps they belong to; answers which checkpoints could not be read.

    Each run as it stands at one moment: a long export holds up nobody.
    """
    total = _parts(database, run_ids)
    damaged: list[Message] = []
    uids: list[str] = []
    sweeps: set[str] = set()
    done = 0

    def advance() -> None:
        nonlocal done
        done += 1
        progress(done, max(done, total))

    for run_id in run_ids:
        with database.read() as connection:
            document = _write_run(connection, writer, run_id, damaged, advance)
        uids.append(document.uid)
        sweeps |= {document.sweep.uid} if document.sweep else set()
    for uid in sorted(sweeps):
        with database.read() as connection:
            writer.add(f"sweeps/{uid}.json", _sweep(connection, uid).model_dump_json().encode())
    writer.close(runs=uids, sweeps=sorted(sweeps))
    return damaged


def missing(database: Database, run_ids: Sequence[int]) -> list[int]:
    """Which of the runs are not there."""
    with database.read() as connection:
        there = select(RunRow.id).where(RunRow.id.in_(possible(run_ids)))
        found = set(connection.execute(there).scalars())
    return [run_id for run_id in run_ids if run_id not in found]


def _parts(database: Database, run_ids: Sequence[int]) -> int:
    """How much there is to do: tables and checkpoints."""
    count = select(func.count()).where(CheckpointRow.run_id.in_(run_ids))
    with database.read() as connection:
        return len(run_ids) * len(TABLES) + connection.execute(count).scalar_one()


def _write_run(
    connection: Connection,
    writer: Writer,
    run_id: int,
    damaged: list[Message],
    advance: Callable[[], None],
) -> RunDocument:
    row = connection.execute(select(RunRow.__table__).where(RunRow.id == run_id)).one()
    folder = folder_of(row.uid)
    config = select(ConfigRow.config).where(ConfigRow.run_id == run_id)
    writer.add(f"{folder}/config.json", connection.execute(config).scalar_one().encode())
    for name in TABLES:
        _write_table(connection, writer, f"{folder}/{name}", run_id, name)
        advance()
    checkpoints = []
    for checkpoint in _checkpoints(connection, run_id):
        if not checkpoint.kept:
            checkpoints.append(_of(CheckpointDocument, checkpoint))
            advance()
            continue
        try:
            state = to_bytes(opened(connection.execute(content(checkpoint.id)).one()))
        except DataError:
            place = Message("that of run {id} at step {step}", id=run_id, step=checkpoint.step)
            damaged.append(place)
        else:
            writer.add(f"{folder}/checkpoints/{checkpoint.step}.npz", state, packed=False)
            checkpoints.append(_of(CheckpointDocument, checkpoint))
        advance()
    document = _document(connection, row, checkpoints)
    writer.add(f"{folder}/run.json", document.model_dump_json(indent=1).encode())
    return document


def _write_table(connection: Connection, writer: Writer, path: str, run_id: int, name: str) -> None:
    table = TABLES[name]
    for part, batch in enumerate(_batches(connection, run_id, table)):
        for suffix, data in encode(table, [tuple(row) for row in batch]):
            writer.add(f"{path}-{part}{'.' * bool(suffix)}{suffix}.npy", data)


def _batches(connection: Connection, run_id: int, table: type[Base]) -> Iterator[Sequence[Any]]:
    """A table's rows, as many at a time as go into one member."""
    size = rows_a_part(table)
    if table in BLOCKS:
        rows = layer_history.rows(connection, run_id, table)
        yield from (rows[start : start + size] for start in range(0, len(rows), size))
        return
    stored = (
        select(*columns_of(table))
        .where(table.__table__.c.run_id == run_id)
        .order_by(*table.__table__.primary_key)
        .execution_options(yield_per=size)
    )
    yield from connection.execute(stored).partitions()


def _document(
    connection: Connection, row: Any, checkpoints: list[CheckpointDocument]
) -> RunDocument:
    def rows(table: Any, order: Any) -> Sequence[Any]:
        of_run = select(table.__table__).where(table.run_id == row.id)
        return connection.execute(of_run.order_by(order)).all()

    note = next(iter(rows(NoteRow, NoteRow.run_id)), None)
    (summary,) = rows(SummaryRow, SummaryRow.run_id)
    kept = trained_on_of(connection, row.id)
    return RunDocument(
        **{name: getattr(row, name) for name in _SAME},
        diverged_step=summary.diverged_step,
        baseline_loss=summary.baseline_loss,
        sweep=_in_sweep(connection, row),
        parent=_parent(connection, row),
        tags=[tag.name for tag in rows(TagRow, TagRow.name)],
        note=_of(NoteDocument, note) if note else None,
        events=[_of(EventDocument, event) for event in rows(EventRow, EventRow.id)],
        log=[_of(LogDocument, line) for line in rows(LogRow, LogRow.id)],
        checkpoints=checkpoints,
        data=kept.document() if kept else None,
    )


def _of(document: type[Any], row: Any) -> Any:
    """A document whose fields are columns of the row."""
    return document(**{name: getattr(row, name) for name in document.model_fields})


def _checkpoints(connection: Connection, run_id: int) -> Sequence[Any]:
    """The checkpoints of a run, without their bytes."""
    row = CheckpointRow
    facts = RESUMES.label("resumable"), (row.size > 0).label("kept")
    columns = (row.id, row.attempt, row.step, row.epoch, row.created_at, *facts)
    of_run = select(*columns).outerjoin(SlotsRow).where(row.run_id == run_id)
    return connection.execute(of_run.order_by(row.step)).all()


def _in_sweep(connection: Connection, row: Any) -> InSweep | None:
    if row.sweep_id is None:
        return None
    uid = connection.execute(select(SweepRow.uid).where(SweepRow.id == row.sweep_id)).scalar_one()
    return InSweep(uid=uid, trial=row.trial, replicate=row.replicate)


def _parent(connection: Connection, row: Any) -> Parent | None:
    if row.parent_step is None:
        return None
    uid = connection.execute(select(RunRow.uid).where(RunRow.id == row.parent_id)).scalar()
    return Parent(uid=uid, step=row.parent_step)


def _sweep(connection: Connection, uid: str) -> SweepDocument:
    row = connection.execute(select(SweepRow.__table__).where(SweepRow.uid == uid)).one()
    trials = select(TrialRow.values).where(TrialRow.sweep_id == row.id).order_by(TrialRow.number)
    same = {"uid", "name", "owner", "priority", "created_at"}
    return SweepDocument(
        **{name: getattr(row, name) for name in same},
        state=SweepState(row.state),
        definition=json.loads(row.definition),
        trials=[dict(values) for values in connection.execute(trials).scalars()],
    )
