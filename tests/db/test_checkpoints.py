"""Checkpoints: a run can always go on, and a long one does not fill the disk."""

from __future__ import annotations

import numpy as np
import pytest
from sqlalchemy import text

from db import checkpoints
from db.errors import DatabaseError
from db.keeping import KEPT
from db.records import EventKind
from db.store import Store
from engine.errors import DataError
from engine.records import Metric, StepRecord
from tests.db.build import LEASE, checkpoint, running


def test_a_checkpoint_comes_back_bit_by_bit(store: Store) -> None:
    run_id = running(store).id
    saved = checkpoint(10)
    assert store.checkpoints.save(run_id, 1, saved)
    latest = store.checkpoints.latest(run_id)
    assert latest is not None
    assert (latest.step, latest.epoch, latest.epoch_loss, latest.epoch_samples) == (10, 2, 0.5, 7)
    np.testing.assert_array_equal(latest.w, saved.w)
    np.testing.assert_array_equal(latest.buffers, saved.buffers)
    assert set(latest.slots) == {"m", "v"}
    np.testing.assert_array_equal(latest.slots["v"], saved.slots["v"])
    event = store.runs.events(run_id)[-1]
    assert (event.kind, event.data) == (EventKind.CHECKPOINT, {"step": 10})


def test_a_new_run_has_nothing_to_resume_from(store: Store) -> None:
    run_id = running(store).id
    assert store.checkpoints.latest(run_id) is None
    assert store.checkpoints.list(run_id) == []


def test_the_newest_two_are_resumable_and_older_ones_give_up_their_slots(store: Store) -> None:
    run_id = running(store).id
    for step in (10, 20, 30, 40):
        store.checkpoints.save(run_id, 1, checkpoint(step, size=10_000))
    infos = store.checkpoints.list(run_id)
    assert [(info.step, info.resumable) for info in infos] == [
        (10, False),
        (20, False),
        (30, True),
        (40, True),
    ]
    assert infos[0].size < infos[3].size / 2
    old = store.checkpoints.load(infos[0].id)
    assert old.slots == {}
    np.testing.assert_array_equal(old.w, checkpoint(10, size=10_000).w)


def test_a_long_run_keeps_a_few_evenly_spread_and_the_best(store: Store) -> None:
    run_id = running(store).id
    best = 37
    for step in range(1, 71):
        accuracy = 0.9 if step == best else 0.5
        metric = Metric(step, step, "validation", 0.1, accuracy)
        store.history.append(run_id, 1, [StepRecord(step, (metric,))], lease=LEASE)
        store.checkpoints.save(run_id, 1, checkpoint(step))
    steps = [info.step for info in store.checkpoints.list(run_id)]
    assert len(set(steps) - {best, 69, 70}) <= KEPT
    assert {1, best, 69, 70} <= set(steps)
    assert max(np.diff(steps)) <= 3 * 70 / KEPT


@pytest.mark.parametrize("damage", ["cut", "flip", "hash"])
def test_a_damaged_checkpoint_is_passed_over(store: Store, damage: str) -> None:
    run_id = running(store).id
    for step in (10, 20):
        store.checkpoints.save(run_id, 1, checkpoint(step))
    newest = store.checkpoints.list(run_id)[-1].id
    break_checkpoint(store, newest, damage)
    latest = store.checkpoints.latest(run_id)
    assert latest is not None
    assert latest.step == 10
    with pytest.raises(DataError, match=r"step 20|cut short"):
        store.checkpoints.load(newest)
    # Life goes on from the older one, and the damaged one is gone for good.
    store.queue.start(run_id, 1, worker="", data={}, resume_step=10)
    assert [info.step for info in store.checkpoints.list(run_id)] == [10]


def test_where_all_are_damaged_the_run_begins_anew(store: Store) -> None:
    run_id = running(store).id
    for step in (10, 20, 30):
        store.checkpoints.save(run_id, 1, checkpoint(step))
    for info in store.checkpoints.list(run_id):
        break_checkpoint(store, info.id, "cut")
    assert store.checkpoints.latest(run_id) is None
    assert store.checkpoints.save(run_id, 1, checkpoint(40)), "a damaged one must not be in the way"
    assert store.checkpoints.save(run_id, 1, checkpoint(50))
    latest = store.checkpoints.latest(run_id)
    assert latest is not None
    assert latest.step == 50


def break_checkpoint(store: Store, checkpoint_id: int, damage: str) -> None:
    with store.engine.begin() as connection:
        state = connection.execute(
            text("SELECT state FROM checkpoint WHERE id = :id"), {"id": checkpoint_id}
        ).scalar_one()
        column, value = {
            "cut": ("state", state[: len(state) // 2]),
            "flip": ("state", bytes([*state[:-300], state[-300] ^ 1, *state[-299:]])),
            "hash": ("sha256", bytes(32)),
        }[damage]
        connection.execute(
            text(f"UPDATE checkpoint SET {column} = :value WHERE id = :id"),
            {"value": value, "id": checkpoint_id},
        )


def test_a_replayed_checkpoint_takes_the_place_of_its_own_and_later_ones(store: Store) -> None:
    run_id = running(store).id
    for step in (10, 20, 30, 20):
        store.checkpoints.save(run_id, 1, checkpoint(step))
    assert [info.step for info in store.checkpoints.list(run_id)] == [10, 20]


def test_one_too_large_is_refused_and_the_earlier_one_stays(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = running(store).id
    store.checkpoints.save(run_id, 1, checkpoint(10))
    monkeypatch.setattr(checkpoints, "LARGEST", 50_000)
    with pytest.raises(DatabaseError, match=r"step 20 has 8[0-9],[0-9]{3} bytes"):
        store.checkpoints.save(run_id, 1, checkpoint(20, size=10_000))
    assert [info.step for info in store.checkpoints.list(run_id)] == [10]


def test_one_no_longer_kept_is_named(store: Store) -> None:
    with pytest.raises(DataError, match="checkpoint 77 is no longer kept"):
        store.checkpoints.load(77)
