"""A file of runs that any earlier version wrote opens in this one, with all that it holds.

`tests/db/data/format-N.layerlab` was written by the first program of version N (`make.py` beside
it) and is never written again. The format grows: files of before are read, files of later are
refused by their version.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.orm import DeclarativeBase

from db.models import LayerStatRow
from db.portable.container import VERSION
from db.portable.documents import RunDocument
from db.portable.errors import PortableError
from db.portable.tables import TABLES
from db.records import Run, Status
from db.store import Store
from db.types import Number
from engine.records import MemoryRecorder, Metric
from engine.training import train
from tests.db.build import LEASE, QUANTITIES, record, running
from tests.db.data.shape import shape

DATA = Path(__file__).parent / "data"
FILES = sorted(DATA.glob("format-*.layerlab"))


@pytest.fixture(scope="module", params=FILES, ids=lambda file: str(file.stem))
def opened(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Store, Content]]:
    """A database with the runs of a file, and the file as NumPy reads it."""
    from db import schema

    url = f"sqlite:///{tmp_path_factory.mktemp('versions') / 'runs.db'}"
    schema.upgrade(url)
    with Store.open(url) as store:
        content = Content(request.param)
        imported = store.portable.import_(request.param)
        assert len(imported.added) == len(content.documents)
        yield store, content


class Content:
    """What lies in the file, read without layerlab."""

    def __init__(self, file: Path) -> None:
        self._zip = zipfile.ZipFile(file)
        names = [name for name in self._zip.namelist() if name.endswith("/run.json")]
        self.documents = [json.loads(self._zip.read(name)) for name in names]
        self.trained_on = [document.get("data") for document in self.documents]

    def config(self, uid: str) -> Any:
        return json.loads(self._zip.read(f"runs/{uid}/config.json"))

    def table(self, uid: str, table: str) -> Any:
        """A table of a run in the order of the file, or None where it has no rows."""
        names = [n for n in self._zip.namelist() if n.startswith(f"runs/{uid}/{table}-")]
        parts = sorted(name for name in names if name.count(".") == 1)
        return np.concatenate([self._load(name) for name in parts]) if parts else None

    def array(self, uid: str, column: str) -> Any:
        """The arrays of a column, one after the other."""
        table, _, name = column.partition(".")
        return self._load(f"runs/{uid}/{table}-0.{name}.npy")

    def _load(self, name: str) -> Any:
        with self._zip.open(name) as member:
            return np.load(member)


def by_uid(store: Store) -> dict[str, Run]:
    return {run.uid: run for run in store.runs.find(shelf=None, limit=1000).runs}


def test_every_run_is_there_as_it_was(opened: tuple[Store, Content]) -> None:
    store, content = opened
    runs = by_uid(store)
    for document in content.documents:
        run = runs[document["uid"]]
        ended = Status(document["status"]).ended
        assert run.status == (document["status"] if ended else Status.PAUSED)
        assert (run.name, run.owner) == (document["name"], document["owner"])
        assert (run.step, run.steps) == (document["step"], document["steps"])
        assert list(run.tags) == sorted(document["tags"])
        assert run.seconds == document["seconds"]
        note = store.notes.get(run.id)
        assert (note and note.text) == (document["note"] and document["note"]["text"])
        kinds = [str(event.kind) for event in store.runs.events(run.id)]
        assert [k for k in kinds if k != "imported"] == [e["kind"] for e in document["events"]]
        lines = [line.text for line in store.logs.lines(run.id)]
        assert lines == [line["text"] for line in document["log"]]
        assert run.config.seed == content.config(run.uid)["seed"]


def test_every_ending_is_told(opened: tuple[Store, Content]) -> None:
    store, content = opened
    for document in content.documents:
        run = by_uid(store)[document["uid"]]
        assert str(run.error or "") == str(document["error"] or "")


def test_what_training_wrote_is_there(opened: tuple[Store, Content]) -> None:
    store, content = opened
    for uid, run in by_uid(store).items():
        metrics = store.history.metrics([run.id])[run.id]
        table = content.table(uid, "metric")
        assert len(metrics) == (0 if table is None else len(table))
        if table is None:
            continue
        table = np.sort(table, order=["step", "split"])
        metrics.sort(key=lambda metric: (metric.step, metric.split))
        np.testing.assert_array_equal([metric.loss for metric in metrics], table["loss"])
        known = [metric.accuracy is not None for metric in metrics]
        np.testing.assert_array_equal(known, table["accuracy_known"])
        layers = store.history.layers(run.id)
        table = content.table(uid, "layer_stat")
        for name in ("step", "layer", "activation_std"):
            np.testing.assert_array_equal([getattr(s, name) for s in layers], table[name])


def test_what_lies_in_arrays_is_there(opened: tuple[Store, Content]) -> None:
    store, content = opened
    (run,) = (run for run in by_uid(store).values() if run.name.startswith("full"))
    histograms = [h for q in QUANTITIES for h in store.history.histograms(run.id, quantity=q)]
    counts = np.concatenate([histogram.counts for histogram in histograms])
    np.testing.assert_array_equal(counts, content.array(run.uid, "histogram.counts"))
    states = store.history.batch_norms(run.id)
    for name in ("gamma", "running_mean", "batch_var"):
        found = np.concatenate([getattr(state, name) for state in states])
        expected = content.array(run.uid, f"batch_norm.{name}")
        np.testing.assert_allclose(found, expected, rtol=2**-16)
    batches = store.history.batch_statistics(run.id)
    found = np.concatenate([each.mean.ravel() for each in batches])
    np.testing.assert_array_equal(found, content.array(run.uid, "batch_statistic.mean"))


def test_a_sweep_and_a_branch_are_there(opened: tuple[Store, Content]) -> None:
    store, _ = opened
    (sweep,) = store.sweeps.list()
    trials = store.sweeps.trials(sweep.id)
    assert [trial.values for trial in trials] == [{"optimizer.lr": 0.1}, {"optimizer.lr": 0.01}]
    assert [len(trial.run_ids) for trial in trials] == [2, 2]
    (branch,) = store.runs.find(text="branch").runs
    (parent,) = store.runs.find(text="full").runs
    assert (branch.parent_id, branch.parent_step) == (parent.id, parent.step)


def losses(metrics: Iterable[Metric]) -> dict[tuple[int, str], float]:
    return {(metric.step, metric.split): metric.loss for metric in metrics}


def test_training_goes_on_from_every_checkpoint_to_where_it_went(
    opened: tuple[Store, Content],
) -> None:
    """Whatever the slots of an optimizer are by now, what old ones say is kept."""
    store, content = opened
    resumed = []
    for run in store.runs.find(statuses=[Status.DONE], limit=1000).runs:
        infos = [info for info in store.checkpoints.list(run.id) if info.resumable]
        if len(infos) < 2:
            continue
        resume = store.checkpoints.load(infos[0].id)
        recorder = MemoryRecorder()
        train(run.config, recorder, resume=resume)
        went = store.history.metrics([run.id], after_step=resume.step)[run.id]
        splits = {metric.split for metric in went}  # an older program may have scored fewer
        goes = [m for record in recorder.records for m in record.metrics if m.split in splits]
        assert losses(goes) == pytest.approx(losses(went), rel=1e-4), run.name
        resumed.append(run.config.optimizer.kind)
    every = {"adam", "adamw", "amsgrad", "nadam", "adamax", "momentum", "rmsprop"}
    # From version 3 on an ended run's newest checkpoint alone is whole: slots are as in version 2.
    assert (every if not any(content.trained_on) else {"adam"}) <= {*resumed}


# The format grows


def test_what_an_older_program_would_not_read_is_another_version() -> None:
    """Where this fails: docs/portable.md, "How the format grows"."""
    assert shape() == json.loads((DATA / f"format-{VERSION}.json").read_text())
    assert [file.stem for file in FILES] == [f"format-{n}" for n in range(1, VERSION + 1)]


class Grown(DeclarativeBase):
    """Tables of a later program."""


def with_columns(*columns: Column[Any]) -> Table:
    """The table of layer statistics with more columns."""
    table = LayerStatRow.__table__.to_metadata(MetaData())
    for column in columns:
        table.append_column(column)
    return table


class WithStatistic(Grown):
    """A table with one more statistic."""

    __table__ = with_columns(Column("entropy", Number))


class GrownStatRow(Grown):
    """A table with a statistic, and with a column that always has a value."""

    __table__ = with_columns(
        Column("entropy", Number), Column("passes", Integer, nullable=False, default=7)
    )


class PredictionRow(Grown):
    """A table that was not there before."""

    __table__ = Table(
        "guess",
        MetaData(),
        Column("run_id", Integer, primary_key=True),
        Column("sample", Integer, primary_key=True),
        Column("right", Number, nullable=False),
    )


class GrownDocument(RunDocument):
    """A run with a field that was not there before."""

    mood: str = "calm"


@contextmanager
def later_program() -> Iterator[None]:
    """Within, the program is a later one, and `grow` makes databases its own."""
    tables: Any = {"layer_stat": GrownStatRow, "guess": PredictionRow}
    with pytest.MonkeyPatch.context() as patch:
        for name, table in tables.items():
            patch.setitem(TABLES, name, table)
        for module in ("incoming", "outgoing"):
            patch.setattr(f"db.portable.{module}.RunDocument", GrownDocument)
        patch.setattr("db.portable.container.VERSION", VERSION + 1)
        yield


def grow(store: Store) -> None:
    with store.engine.begin() as connection:
        add = "ALTER TABLE layer_stat ADD COLUMN"
        connection.exec_driver_sql(f"{add} entropy DOUBLE PRECISION")
        connection.exec_driver_sql(f"{add} passes INTEGER NOT NULL DEFAULT 0")
        PredictionRow.__table__.create(connection)


def rows(store: Store, table: type[Grown]) -> list[Any]:
    with store.engine.connect() as connection:
        return list(connection.execute(select(table.__table__)))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.stem))
def test_a_later_program_with_another_column_table_and_field_reads_old_files(
    store: Store, file: Path
) -> None:
    grow(store)
    with later_program():
        store.portable.import_(file)
    assert {(row.entropy, row.passes) for row in rows(store, GrownStatRow)} == {(None, 7)}
    assert rows(store, PredictionRow) == []


def test_what_a_later_program_writes_it_reads_and_this_one_refuses_by_its_version(
    store: Store, tmp_path: Path
) -> None:
    file = tmp_path / "later.layerlab"
    grow(store)
    run_id = ended(store)
    with store.engine.begin() as connection:
        connection.execute(insert(PredictionRow.__table__).values(run_id=run_id, sample=4, right=1))
        connection.exec_driver_sql("UPDATE layer_stat SET entropy = 0.25, passes = 9")
    with later_program():
        store.portable.export([run_id], file)
    put_away(store, run_id)
    with pytest.raises(PortableError, match=f"is of version {VERSION + 1} of the format"):
        store.portable.import_(file)
    assert store.runs.find(shelf=None).total == 0
    with later_program():
        store.portable.import_(file)
    assert {(row.entropy, row.passes) for row in rows(store, GrownStatRow)} == {(0.25, 9)}
    assert [(row.sample, row.right) for row in rows(store, PredictionRow)][-1] == (4, 1)


def test_a_statistic_of_a_later_program_is_left_out(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may lack a value, and so is no other version: who is not up to date reads the rest."""
    file = tmp_path / "later.layerlab"
    with Store.open(sqlite_url) as store:
        run_id = ended(store)
        with store.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE layer_stat ADD COLUMN entropy DOUBLE")
        with monkeypatch.context() as patch:
            patch.setitem(TABLES, "layer_stat", WithStatistic)  # type: ignore[arg-type]
            store.portable.export([run_id], file)
        put_away(store, run_id)
        (arrived,) = store.portable.import_(file).added
        assert [s.activation_std for s in store.history.layers(arrived)] == [0.2, 0.2]


def ended(store: Store) -> int:
    """A run of one recorded step."""
    run_id = running(store).id
    store.history.append(run_id, 1, [record(3)], lease=LEASE)
    store.queue.finish(run_id, 1, Status.DONE, step=3)
    return run_id


def put_away(store: Store, run_id: int) -> None:
    store.runs.delete([run_id])
    store.runs.purge()
