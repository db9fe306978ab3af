"""What a run keeps of its data: an overwritten file changes no old result, and what needs the old
data says that they are others now."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from db import schema
from db.records import Run, Status
from db.store import Store
from engine.config import RunConfig
from engine.datasets import CSV, Moons
from engine.layers import Dense, ReLU
from engine.messages import Message
from engine.model import model_of
from engine.trained_on import DataChangedError
from runner.attempt import make_attempt
from runner.job import Job
from tests.runner.test_attempt import AfterSteps

CONTENT = "acid,sugar,quality\n" + "".join(
    f"{i / 8},{40 - i},{('bad', 'good')[i % 3 == 0]}\n" for i in range(40)
)
OTHER = CONTENT.replace("0.125", "7.125")
CONFIG = RunConfig(
    dataset=CSV(),
    layers=(Dense(units=4), ReLU(), Dense(units=2)),
    batch_size=8,
    epochs=3,
    backend="numpy",
)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    path = tmp_path / "data.csv"
    path.write_text(CONTENT)
    return path


def attempt(store: Store, stop: threading.Event | None = None) -> None:
    claim = store.queue.claim(lease=60)
    assert claim
    make_attempt(Job(claim.run_id, claim.attempt, store.url, lease=60), stop or threading.Event())


def get(store: Store, run_id: int) -> Run:
    run = store.runs.get(run_id)
    assert run
    return run


def predictions(store: Store, run_id: int) -> np.ndarray:
    checkpoint = store.checkpoints.latest(run_id)
    assert checkpoint
    return model_of(CONFIG, checkpoint).outputs([[1.0, 30.0], [4.0, 8.0]])


def test_an_overwritten_file_changes_no_old_result(
    store: Store, file: Path, tmp_path: Path
) -> None:
    run_id = store.queue.enqueue(CONFIG, owner="mika").id
    assert store.runs.trained_on(run_id) is None
    attempt(store)
    kept, before = store.runs.trained_on(run_id), predictions(store, run_id)
    assert kept
    assert kept.info.class_names == ("bad", "good")
    file.write_text(OTHER)
    assert_array_equal(predictions(store, run_id), before)
    for asked in (
        lambda: store.branches.prolong(run_id, epochs=1, owner="mika"),
        lambda: store.branches.branch(
            run_id, CONFIG.model_copy(update={"epochs": 5}), owner="mika"
        ),
    ):
        with pytest.raises(DataChangedError, match="its values have changed"):
            asked()
    elsewhere = CONFIG.model_copy(update={"dataset": Moons(samples=40), "epochs": 5})
    branch = store.branches.branch(run_id, elsewhere, owner="mika")
    assert store.runs.trained_on(branch.id) is None  # it will keep its own
    store.queue.cancel(branch.id, by="mika")

    newer = store.queue.enqueue(CONFIG, owner="mika").id
    attempt(store)
    replaced = store.runs.trained_on(newer)
    assert replaced
    assert replaced.fingerprint != kept.fingerprint

    file.write_text(CONTENT)
    child = store.branches.prolong(run_id, epochs=1, owner="mika")
    assert store.runs.trained_on(child.id) is kept
    attempt(store)
    assert get(store, child.id).status is Status.DONE

    moved = tmp_path / "moved.layerlab"
    store.portable.export([run_id], moved)
    schema.upgrade(f"sqlite:///{tmp_path / 'moved.db'}")
    with Store.open(f"sqlite:///{tmp_path / 'moved.db'}") as other:
        (arrived,) = other.portable.import_(moved).added
        file.unlink()
        assert_array_equal(predictions(other, arrived), before)
        found = other.runs.trained_on(arrived)
        assert found
        assert found.document() == kept.document()


def test_a_run_that_resumes_on_other_data_fails_with_one_sentence_and_goes_on_with_its_own(
    store: Store, file: Path
) -> None:
    run_id = store.queue.enqueue(CONFIG, owner="mika").id
    attempt(store, AfterSteps(6))
    assert store.queue.release(run_id, 1, reason=Message("test"), spend_attempt=False)
    file.write_text(OTHER)
    attempt(store)
    run = get(store, run_id)
    assert run.status is Status.FAILED
    assert "its values have changed" in str(run.error)
    assert "\n" not in str(run.error)
    file.write_text(CONTENT)
    store.queue.retry(run_id, by="mika")
    attempt(store)
    assert get(store, run_id).status is Status.DONE
