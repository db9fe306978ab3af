"""A file of runs that any earlier version wrote opens in this one, with all that it holds.

`tests/db/data/format-N.layerlab` was written by the first program of version N (`make.py` beside
it) and is never written again.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from db.records import Run, Status
from db.store import Store
from engine.records import MemoryRecorder
from engine.training import train
from tests.db.build import QUANTITIES

FILES = sorted((Path(__file__).parent / "data").glob("format-*.layerlab"))


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
        np.testing.assert_allclose(found, expected, rtol=1e-6)
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


def test_training_goes_on_from_every_checkpoint_to_where_it_went(
    opened: tuple[Store, Content],
) -> None:
    """Whatever the slots of an optimizer are by now, what old ones say is kept."""
    store, _ = opened
    resumed = []
    for run in store.runs.find(statuses=[Status.DONE], limit=1000).runs:
        infos = [info for info in store.checkpoints.list(run.id) if info.resumable]
        if len(infos) < 2:
            continue
        first, last = (store.checkpoints.load(infos[place].id) for place in (0, -1))
        recorder = MemoryRecorder()
        train(run.config, recorder, resume=first)
        ended = recorder.checkpoints[-1]
        assert ended.step == last.step
        np.testing.assert_allclose(ended.w, last.w, rtol=1e-4, atol=1e-6, err_msg=run.name)
        np.testing.assert_allclose(ended.buffers, last.buffers, rtol=1e-4, atol=1e-6)
        resumed.append(run.config.optimizer.kind)
    assert {"adam", "adamw", "amsgrad", "nadam", "adamax", "momentum", "rmsprop"} <= {*resumed}
