"""An attempt at a run, in this process: what of the one before it goes on."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from db.records import EventKind, Status
from db.store import Store
from engine import backend
from engine.config import RunConfig
from engine.messages import Message
from engine.records import MemoryRecorder
from engine.training import train
from runner.attempt import make_attempt
from runner.job import EndingKind, Job
from tests.runner.processes import SHORT, enqueue, get

CONFIG: RunConfig = SHORT.model_copy(update={"backend": "auto"})  # too short for Numba


class AfterSteps(threading.Event):
    """Set once it has been asked about so many steps."""

    def __init__(self, steps: int) -> None:
        super().__init__()
        self._left = steps

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def attempt(store: Store, stop: threading.Event) -> EndingKind:
    claim = store.queue.claim(lease=60)
    assert claim
    return make_attempt(Job(claim.run_id, claim.attempt, store.url, lease=60), stop).kind


def test_a_run_goes_on_with_what_it_began_with_whatever_auto_would_choose_by_now(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = enqueue(store, CONFIG)
    assert attempt(store, AfterSteps(40)) is EndingKind.STOPPED
    assert store.queue.release(run_id, 1, reason=Message("test"), spend_attempt=False)
    monkeypatch.setattr(backend, "WORTHWHILE", 0)  # as a later version might have it
    assert backend.choose("auto").name != "numpy"
    assert attempt(store, threading.Event()) is EndingKind.ENDED
    assert get(store, run_id).status is Status.DONE
    events = store.runs.events(run_id)
    began = [event.data["backend"] for event in events if event.kind is EventKind.STARTED]
    assert began == ["numpy", "numpy"]
    never_stopped = MemoryRecorder()
    train(SHORT, never_stopped)
    newest = store.checkpoints.latest(run_id)
    assert newest is not None
    np.testing.assert_array_equal(newest.w, never_stopped.checkpoints[-1].w)
