"""Runs that go on from others: of known origin, whole by themselves, nothing taken away."""

from __future__ import annotations

from typing import Any

import pytest

from db.records import EventKind, Run, Status
from db.store import Store
from engine.config import RunConfig
from engine.errors import ConfigError, LayerlabError
from engine.optimizers import SGD
from engine.records import Checkpoint, MemoryRecorder, StepRecord
from engine.training import train
from tests.db.build import LEASE
from tests.runner.processes import SHORT

BETTER = SHORT.model_copy(update={"optimizer": SGD(lr=0.01)})


@pytest.fixture(scope="module")
def trained() -> MemoryRecorder:
    recorder = MemoryRecorder()
    train(EACH, recorder)
    return recorder


EACH = SHORT.model_copy(update={"record": SHORT.record.model_copy(update={"checkpoint_every": 1})})


def run_of(store: Store, trained: MemoryRecorder, status: Status | None = Status.DONE) -> Run:
    """A run that has left what training leaves."""
    run_id = store.queue.enqueue(EACH, owner="mika", name="first").id
    assert store.queue.claim(lease=LEASE) is not None
    store.queue.start(run_id, 1, worker="host:1", data={})
    for each in sorted([*trained.records, *trained.checkpoints], key=lambda r: r.step):
        if isinstance(each, StepRecord):
            store.history.append(run_id, 1, [each], lease=LEASE)
        else:
            store.checkpoints.save(run_id, 1, each)
    if status:
        store.queue.finish(run_id, 1, status, step=trained.checkpoints[-1].step)
    return get(store, run_id)


def get(store: Store, run_id: int) -> Run:
    run = store.runs.get(run_id)
    assert run is not None
    return run


def start_of(store: Store, run: Run) -> Checkpoint:
    start = store.checkpoints.latest(run.id)
    assert start is not None
    return start


def test_a_run_is_continued_by_another(store: Store, trained: MemoryRecorder) -> None:
    parent = run_of(store, trained)
    child = store.branches.prolong(parent.id, epochs=2, owner="anna")
    assert (child.parent_id, child.parent_step) == (parent.id, parent.steps)
    assert (child.status, child.owner, child.name) == (Status.QUEUED, "anna", "first")
    assert child.config == EACH.model_copy(update={"epochs": 5})
    assert (child.step, child.progress) == (parent.steps, 0.6)
    assert start_of(store, child).w.tobytes() == trained.checkpoints[-1].w.tobytes()
    kinds = [event.kind for event in store.runs.events(child.id)]
    assert kinds == [EventKind.ENQUEUED, EventKind.BRANCHED]
    assert store.runs.find(query=f"parent = {parent.id}").runs == (child,)
    assert get(store, parent.id) == parent


def test_a_branch_needs_its_parent_no_more(store: Store, trained: MemoryRecorder) -> None:
    parent = run_of(store, trained)
    child = store.branches.prolong(parent.id, epochs=2, owner="anna")
    store.runs.delete([parent.id])
    store.runs.purge([parent.id])
    assert store.queue.claim(lease=LEASE) is not None
    assert start_of(store, child).step == parent.steps
    assert get(store, child.id).parent_id == parent.id


def test_a_branch_begins_at_any_checkpoint(store: Store, trained: MemoryRecorder) -> None:
    parent = run_of(store, trained)
    first = trained.checkpoints[0].step
    config = BETTER.model_copy(update={"epochs": 7})
    assert store.branches.branch(parent.id, config, at=first, owner="a").parent_step == first
    assert parent.best is not None
    best = store.branches.branch(parent.id, config, at="best", owner="a", name="mine")
    assert (best.parent_step, best.name, best.config) == (parent.best.step, "mine", config)
    (event,) = (e for e in store.runs.events(best.id) if e.kind is EventKind.BRANCHED)
    assert event.data == {"parent": parent.id, "step": best.parent_step, "optimizer_anew": True}


def test_the_best_checkpoint_stays_whole(store: Store, trained: MemoryRecorder) -> None:
    parent = run_of(store, trained, status=None)
    assert parent.best is not None
    newest = trained.checkpoints[-1]
    for step in range(newest.step + 1, newest.step + 5):
        later = Checkpoint(step, 3, newest.w, newest.buffers, newest.slots)
        store.checkpoints.save(parent.id, 1, later)
    whole = [info.step for info in store.checkpoints.list(parent.id) if info.resumable]
    assert whole == sorted({parent.best.step, newest.step + 3, newest.step + 4})


@pytest.mark.parametrize(
    ("status", "words"), [(None, "has not ended yet: it is running"), (Status.DIVERGED, "diverged")]
)
def test_what_cannot_be_continued_is_named(
    store: Store, trained: MemoryRecorder, status: Status | None, words: str
) -> None:
    parent = run_of(store, trained, status)
    with pytest.raises(LayerlabError, match=words):
        store.branches.prolong(parent.id, epochs=2, owner="anna")
    assert store.runs.find().total == 1


def test_a_branch_from_nowhere_is_refused(store: Store, trained: MemoryRecorder) -> None:
    parent = run_of(store, trained)
    steps = ", ".join(str(c.step) for c in trained.checkpoints)

    def branch(run_id: int, config: RunConfig = EACH, **options: Any) -> None:
        store.branches.branch(run_id, config, owner="anna", **options)

    with pytest.raises(LayerlabError, match=f"no checkpoint of step 3; kept: {steps}"):
        branch(parent.id, at=3)
    with pytest.raises(LayerlabError, match="there is no run 77"):
        branch(77)
    with pytest.raises(ConfigError, match="`epochs` must be more than the 3"):
        branch(parent.id)
    waiting = store.queue.enqueue(EACH, owner="mika").id
    for at in ("last", "best"):
        with pytest.raises(LayerlabError, match=f"run {waiting} keeps no checkpoint"):
            branch(waiting, at=at)
    assert store.runs.find().total == 2
