"""From a file to rows: all of its runs that are not there yet, in one transaction."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection, insert, select, update

from db import checkpoints, layer_history, summary
from db.attempts import log
from db.bulk import insert_or_replace, upsert
from db.checkpoints import Snapshot
from db.connection import Database
from db.keeping import Form
from db.layer_history import BLOCKS
from db.logs import LINES, kept
from db.models import (
    Base,
    ConfigRow,
    EventRow,
    LogRow,
    NoteRow,
    ParamRow,
    RunRow,
    SummaryRow,
    SweepRow,
    TagRow,
    TrialRow,
)
from db.params import param_rows
from db.portable.container import Reader, first_problem, in_member
from db.portable.documents import CheckpointDocument, RunDocument, SweepDocument, folder_of
from db.portable.tables import TABLES, LayoutError, arrays_of, decode
from db.records import AFTER, EventKind, Status, SweepState
from db.rights import Action
from db.trained_on import keep_trained_on
from engine.checkpoint import from_bytes
from engine.config import RunConfig
from engine.errors import ConfigError, DataError
from engine.messages import Message
from engine.optimizers import Optimizer
from engine.sweeps.config import SweepConfig
from engine.trained_on import TrainedOn

Document = TypeVar("Document", bound=BaseModel)

# Columns of a run that mean the same wherever it lies.
_SAME = frozenset(RunDocument.model_fields) & {column.name for column in RunRow.__table__.columns}


class Incoming:
    """What a file holds, checked as far as that is possible without unpacking its arrays."""

    def __init__(self, reader: Reader, database: Database) -> None:
        self._reader = reader
        self._database = database
        self._others: set[str] = set()  # sweeps of people whom the importer cannot answer for
        manifest = reader.manifest
        self.runs = [self._document(f"runs/{uid}/run.json", RunDocument) for uid in manifest.runs]
        self.sweeps = [
            self._document(f"sweeps/{uid}.json", SweepDocument) for uid in manifest.sweeps
        ]
        told = [*(document.uid for document in self.runs), *(each.uid for each in self.sweeps)]
        if told != [*manifest.runs, *manifest.sweeps] or len(set(told)) < len(told):
            raise reader.broken(Message("its runs are not those of its manifest"))
        reader.verify(name for names in self._expected() for name in names)

    def add(self, connection: Connection) -> tuple[list[int], list[int]]:
        """Add what is not there; answers the numbers of new runs, and of those there before."""
        sweeps = {sweep.uid: self._add_sweep(connection, sweep) for sweep in self.sweeps}
        added: dict[str, int] = {}
        for document in self.runs:
            run_id = self._add_run(connection, document, sweeps)
            if run_id is not None:
                added[document.uid] = run_id
        numbers = _numbers(connection, RunRow, [document.uid for document in self.runs])
        _join_parents(connection, [run for run in self.runs if run.uid in added])
        return list(added.values()), [i for uid, i in numbers.items() if uid not in added]

    def _document(self, name: str, kind: type[Document]) -> Document:
        data = self._reader.read(name)
        try:
            return kind.model_validate_json(data)
        except ValidationError as error:
            raise self._reader.broken(first_problem(name, error, kind)) from None

    def _expected(self) -> Iterator[Iterable[str]]:
        """The members that documents speak of."""
        yield [f"sweeps/{sweep.uid}.json" for sweep in self.sweeps]
        for run in self.runs:
            folder = folder_of(run.uid)
            yield f"{folder}/run.json", f"{folder}/config.json"
            yield [_checkpoint_name(run, each) for each in run.checkpoints if each.kept]
            for table in TABLES:
                for part in self._parts(run, table):
                    yield part.values()

    def _parts(self, run: RunDocument, table: str) -> Iterator[Mapping[str, str]]:
        """The members of each part of a table: the table itself under "", and its arrays."""
        part = 0
        while (name := f"{folder_of(run.uid)}/{table}-{part}") + ".npy" in self._reader:
            arrays = [column.name for column in arrays_of(TABLES[table])]
            yield {"": f"{name}.npy", **{array: f"{name}.{array}.npy" for array in arrays}}
            part += 1

    def _add_run(
        self, connection: Connection, run: RunDocument, sweeps: Mapping[str, int]
    ) -> int | None:
        """Add a run with all that belongs to it; None where it is there already."""
        config = self._config(run)
        row = _row(run, config) | self._place(connection, run, sweeps)
        row["person_id"] = self._database.person_id
        new = insert_or_replace(connection, RunRow.__table__).values(row)
        new = new.on_conflict_do_nothing(index_elements=["uid"]).returning(RunRow.id)
        run_id = connection.execute(new).scalar()
        if run_id is None:
            return None
        connection.execute(insert(ConfigRow).values(run_id=run_id, config=config.to_json()))
        if params := param_rows(run_id, config):
            connection.execute(insert(ParamRow), params)
        facts = {"run_id": run_id, "baseline_loss": run.baseline_loss}
        connection.execute(insert(SummaryRow).values(facts))
        self._add_data(connection, run_id, run)
        _add_words(connection, run_id, run)
        log(connection, run_id, 0, EventKind.IMPORTED, program=self._reader.manifest.program)
        self._add_history(connection, run_id, run)
        for checkpoint in run.checkpoints:
            name = _checkpoint_name(run, checkpoint)
            self._add_checkpoint(connection, run_id, name, checkpoint, config.optimizer)
        return int(run_id)

    def _config(self, run: RunDocument) -> RunConfig:
        name = f"{folder_of(run.uid)}/config.json"
        with self._refused(name):
            return RunConfig.parse_json(self._reader.read(name))

    def _add_data(self, connection: Connection, run_id: int, run: RunDocument) -> None:
        if run.data is not None:
            with self._refused(f"{folder_of(run.uid)}/run.json"):
                keep_trained_on(connection, run_id, TrainedOn.from_document(run.data))

    def _place(
        self, connection: Connection, run: RunDocument, sweeps: Mapping[str, int]
    ) -> dict[str, Any]:
        """Which run of a sweep it is; of none where another run has taken its place, or the sweep
        is of somebody whom the importer cannot answer for."""
        if run.sweep is None or run.sweep.uid in self._others:
            return {}
        if run.sweep.uid not in sweeps:
            lost = Message("run {uid} is of a sweep that is not there", uid=run.uid)
            raise self._reader.broken(lost)
        sweep_id, trial, replicate = sweeps[run.sweep.uid], run.sweep.trial, run.sweep.replicate
        trial_row = TrialRow.sweep_id == sweep_id, TrialRow.number == trial
        if connection.execute(select(TrialRow.number).where(*trial_row)).first() is None:
            lost = Message("run {uid} is of a trial that is not there", uid=run.uid)
            raise self._reader.broken(lost)
        place = {"sweep_id": sweep_id, "trial": trial, "replicate": replicate}
        there = select(RunRow.id).filter_by(**place).where(RunRow.uid != run.uid)
        return {} if connection.execute(there).first() else place

    def _add_history(self, connection: Connection, run_id: int, run: RunDocument) -> None:
        for name, table in TABLES.items():
            for part in self._parts(run, name):
                members = {suffix: self._reader.read(member) for suffix, member in part.items()}
                with self._refused(part[""]):
                    rows = decode(table, members)
                    if table in BLOCKS:
                        _add_blocks(connection, run_id, table, rows)
                        continue
                upsert(connection, table.__table__, [(run_id, *row) for row in rows])
        summary.refresh(connection, run_id)
        if run.diverged_step is not None:
            summary.mark_diverged(connection, run_id, run.diverged_step)

    def _add_checkpoint(
        self,
        connection: Connection,
        run_id: int,
        name: str,
        checkpoint: CheckpointDocument,
        optimizer: Optimizer,
    ) -> None:
        if not checkpoint.kept:
            place = checkpoint.model_dump(include={"attempt", "step", "epoch"})
            checkpoints.add_remade(connection, run_id, **place, at=checkpoint.created_at)
            return
        state = self._reader.read(name)
        with self._refused(name):
            _check_packing(state)
            snapshot = Snapshot(from_bytes(state, optimizer))
            if snapshot.step != checkpoint.step:
                raise DataError(Message("it is of another step"))
        form = Form.WHOLE if checkpoint.resumable else Form.BARE
        at = checkpoint.created_at
        checkpoints.add(connection, run_id, checkpoint.attempt, snapshot, form=form, at=at)

    def _add_sweep(self, connection: Connection, sweep: SweepDocument) -> int:
        """Add a sweep, and those of its points that are not there yet; answers its number."""
        with self._refused(f"sweeps/{sweep.uid}.json"):
            config = SweepConfig.parse(sweep.definition)
        there_already = select(SweepRow.id, SweepRow.person_id).where(SweepRow.uid == sweep.uid)
        found = connection.execute(there_already).first()
        sweep_id = found and found.id
        if found and not self._database.may_change(Action.EXTEND, found.person_id, connection):
            self._others.add(sweep.uid)
            return int(found.id)
        if sweep_id is None:
            row = sweep.model_dump(include={"uid", "name", "owner", "priority", "created_at"})
            row |= {"state": self._state(sweep, config), "definition": config.to_json()}
            row["person_id"] = self._database.person_id
            new = insert(SweepRow).values(row).returning(SweepRow.id)
            sweep_id = connection.execute(new).scalar_one()
            self._database.made(connection, Action.IMPORT, "sweep", [sweep_id])
        numbers = select(TrialRow.number).where(TrialRow.sweep_id == sweep_id)
        there = set(connection.execute(numbers).scalars())
        trials = [
            {"sweep_id": sweep_id, "number": number, "values": values}
            for number, values in enumerate(sweep.trials)
            if number not in there
        ]
        if trials:
            connection.execute(insert(TrialRow), trials)
        return sweep_id

    def _state(self, sweep: SweepDocument, config: SweepConfig) -> SweepState:
        """A sweep that had not come to its end arrives paused, as its runs do."""
        of_it = [run for run in self.runs if run.sweep and run.sweep.uid == sweep.uid]
        at_end = len(sweep.trials) >= config.trials and all(run.status.ended for run in of_it)
        return SweepState.PAUSED if sweep.state is SweepState.ACTIVE and not at_end else sweep.state

    @contextmanager
    def _refused(self, name: str) -> Iterator[None]:
        """Say of which member it is that what it holds breaks a rule."""
        try:
            yield
        except ConfigError as error:
            first = error.problems[0].message
            raise self._reader.broken(in_member(name, first)) from error
        except (DataError, LayoutError) as error:
            raise self._reader.broken(in_member(name, error.message)) from error


def _row(run: RunDocument, config: RunConfig) -> dict[str, Any]:
    """The row of a run. One that had not ended arrives paused: nothing trains twice by surprise."""
    row = {name: getattr(run, name) for name in _SAME}
    if not run.status.ended:
        attempts = max(run.max_attempts, run.attempt + 1)
        row |= {"status": Status.PAUSED, "max_attempts": attempts}
    return row | {
        "gpu": config.backend == "cupy",
        "parent_step": run.parent.step if run.parent else None,
    }


def _add_blocks(
    connection: Connection, run_id: int, table: type[Base], rows: Sequence[Any]
) -> None:
    try:
        layer_history.add_rows(connection, run_id, table, rows)
    except ValueError as error:
        raise LayoutError(Message("it holds arrays of several lengths for one layer")) from error


def _add_words(connection: Connection, run_id: int, run: RunDocument) -> None:
    """What people added to a run, and what happened to it."""
    upsert(connection, TagRow.__table__, [(run_id, tag) for tag in run.tags])
    if run.note:
        upsert(connection, NoteRow.__table__, [(run_id, run.note.text, run.note.changed_at)])
    events = [event.model_dump() | {"run_id": run_id} for event in run.events]
    for event in events:
        for key in ("parent", AFTER):  # numbers that other runs have here
            event["data"].pop(key, None)
    lines = [
        line.model_dump() | {"run_id": run_id, "text": kept(line.text)} for line in run.log[-LINES:]
    ]
    for table, rows in ((EventRow, events), (LogRow, lines)):
        if rows:
            connection.execute(insert(table), rows)


def _checkpoint_name(run: RunDocument, checkpoint: CheckpointDocument) -> str:
    return f"{folder_of(run.uid)}/checkpoints/{checkpoint.step}.npz"


def _check_packing(state: bytes) -> None:
    """Raise DataError unless a checkpoint takes no more room unpacked than it does packed."""
    try:
        with zipfile.ZipFile(BytesIO(state)) as archive:
            infos = archive.infolist()
    except Exception as error:  # as in `Reader`: zipfile raises a dozen kinds
        raise DataError(Message("it is no NPZ archive")) from error
    packed = any(info.compress_type != zipfile.ZIP_STORED for info in infos)
    if packed or sum(info.file_size for info in infos) > len(state):
        raise DataError(Message("its arrays must not be compressed"))


def _numbers(
    connection: Connection, table: type[RunRow | SweepRow], uids: Sequence[str]
) -> dict[str, int]:
    """The numbers of those that are there, by their uids in the order given."""
    found: dict[str, int] = {}
    for start in range(0, len(uids), 1000):
        some = select(table.uid, table.id).where(table.uid.in_(uids[start : start + 1000]))
        found |= {row.uid: row.id for row in connection.execute(some)}
    return {uid: found[uid] for uid in uids if uid in found}


def _join_parents(connection: Connection, runs: Sequence[RunDocument]) -> None:
    """Name the runs that others go on from by the numbers that they have here."""
    parents = {run.uid: run.parent.uid for run in runs if run.parent and run.parent.uid}
    numbers = _numbers(connection, RunRow, list(dict.fromkeys(parents.values())))
    for uid, parent in parents.items():
        if parent in numbers:
            change = update(RunRow).where(RunRow.uid == uid).values(parent_id=numbers[parent])
            connection.execute(change)
