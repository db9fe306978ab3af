"""Checkpoints that are not kept: training makes them again to the last bit, or is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text

from db import schema
from db.checkpoints import Snapshot
from db.keeping import Keeping
from db.records import Run
from db.store import Store
from engine.config import RunConfig
from engine.errors import DataError
from engine.records import Checkpoint, MemoryRecorder
from engine.training import train
from tests.db.build import LEASE
from tests.runner.processes import SHORT

EACH = SHORT.model_copy(update={"record": SHORT.record.model_copy(update={"checkpoint_every": 1})})


@pytest.fixture(scope="module")
def trained() -> MemoryRecorder:
    recorder = MemoryRecorder()
    train(EACH, recorder)
    return recorder


@pytest.fixture
def light(store: Store, trained: MemoryRecorder) -> Run:
    """A run that has ended, and of which no more bytes are kept than must be."""
    run_id = store.queue.enqueue(EACH, owner="mika").id
    assert store.queue.claim(lease=LEASE) is not None
    data = {"backend": "numpy"}
    store.queue.start(run_id, 1, worker="host:1", data=data)
    store.history.append(
        run_id,
        1,
        trained.records,
        lease=LEASE,
        snapshots=[Snapshot(each) for each in trained.checkpoints],
        keeping=Keeping(ended=True, remade=trained.checkpoints[-1].step),
        ends=True,
    )
    run = store.runs.get(run_id)
    assert run is not None
    return run


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'other.db'}"
    schema.upgrade(url)
    with Store.open(url) as opened:
        yield opened


def same(ours: Checkpoint, theirs: Checkpoint) -> None:
    assert (ours.step, ours.epoch, ours.epoch_loss) == (
        theirs.step,
        theirs.epoch,
        theirs.epoch_loss,
    )
    np.testing.assert_array_equal(ours.w, theirs.w)
    np.testing.assert_array_equal(ours.buffers, theirs.buffers)
    assert ours.slots.keys() == theirs.slots.keys()
    for name, slot in ours.slots.items():
        np.testing.assert_array_equal(slot, theirs.slots[name])


def test_every_checkpoint_can_still_be_had_to_the_last_bit(
    store: Store, light: Run, trained: MemoryRecorder
) -> None:
    infos = store.checkpoints.list(light.id)
    assert [info.step for info in infos] == [each.step for each in trained.checkpoints]
    assert light.best is not None
    kept = [info.step for info in infos if info.size]
    assert kept == sorted({light.best.step, trained.checkpoints[-1].step})
    for info, theirs in zip(infos, trained.checkpoints, strict=True):
        if info.resumable:
            same(store.checkpoints.load(info.id), theirs)
    latest = store.checkpoints.latest(light.id)
    assert latest is not None
    same(latest, trained.checkpoints[-1])


def remade(store: Store, run: Run) -> int:
    return next(info.id for info in store.checkpoints.list(run.id) if not info.size)


def change(store: Store, statement: str) -> None:
    with store.engine.begin() as connection:
        connection.execute(text(statement))


def test_what_differs_by_rounding_is_shown_and_said(
    store: Store, light: Run, caplog: pytest.LogCaptureFixture
) -> None:
    """As on a processor of another kind, or with a later version."""
    change(store, "UPDATE metric SET loss = loss * 1.001")
    assert store.checkpoints.load(remade(store, light)).slots
    assert "differs from the run's own by rounding" in caplog.text


def test_what_is_no_longer_the_same_training_is_refused(store: Store, light: Run) -> None:
    change(store, "UPDATE metric SET loss = loss * 2")
    with pytest.raises(DataError, match="is not kept, and training gives another one now"):
        store.checkpoints.load(remade(store, light))


def test_damage_is_not_seen_where_there_are_no_bytes(store: Store, light: Run) -> None:
    assert store.checkpoints.unreadable() == {}


def test_what_is_not_kept_can_be_had_from_a_file_of_runs_too(
    store: Store, other: Store, light: Run, trained: MemoryRecorder, tmp_path: Path
) -> None:
    store.portable.export([light.id], tmp_path / "light.layerlab")
    (run_id,) = other.portable.import_(tmp_path / "light.layerlab").added
    infos, theirs = other.checkpoints.list(run_id), store.checkpoints.list(light.id)
    assert [(i.step, i.epoch, i.size) for i in infos] == [(i.step, i.epoch, i.size) for i in theirs]
    same(other.checkpoints.load(infos[0].id), trained.checkpoints[0])


@pytest.mark.parametrize("which", ["first", "best"])
def test_a_branch_keeps_the_optimizers_memory(
    store: Store, light: Run, trained: MemoryRecorder, which: str
) -> None:
    assert light.best is not None
    step = trained.checkpoints[0].step if which == "first" else light.best.step
    longer: RunConfig = EACH.model_copy(update={"epochs": 7})
    branch = store.branches.branch(light.id, longer, at=step, owner="a")
    start = store.checkpoints.latest(branch.id)
    assert start is not None
    theirs = next(each for each in trained.checkpoints if each.step == step)
    for name, slot in start.slots.items():
        np.testing.assert_array_equal(slot, theirs.slots[name])
