"""The recorder between a training loop and the Store: order, patience, and the fence."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from db.connection import Database
from db.errors import AwayError
from db.records import Heartbeat, Request, Status
from db.store import Store
from engine.messages import Message
from engine.records import Checkpoint, Metric, StepRecord
from runner.job import Job
from runner.recording import ROOM, AttemptLostError, CutOffError, StoreRecorder
from tests.runner.processes import SHORT, enqueue, get, until


@pytest.fixture
def job(store: Store) -> Job:
    """The first attempt at a run."""
    enqueue(store, SHORT)
    claim = store.queue.claim(lease=60)
    assert claim
    return Job(claim.run_id, claim.attempt, store.url, lease=60)


@pytest.fixture
def recorder(store: Store, job: Job) -> Iterator[StoreRecorder]:
    with StoreRecorder(store, job, threading.Event()) as opened:
        yield opened


def step(number: int) -> StepRecord:
    return StepRecord(number, (Metric(number, 1, "batch", 1 / number, 0.5),))


def checkpoint(number: int) -> Checkpoint:
    return Checkpoint(step=number, epoch=1, w=np.zeros(3), buffers=np.zeros(1), slots={})


def test_everything_is_kept_in_order_however_much_there_is(
    store: Store, job: Job, recorder: StoreRecorder
) -> None:
    for number in range(1, 3 * ROOM):
        recorder.record(step(number))
        if number % 100 == 0:
            recorder.checkpoint(checkpoint(number))
    recorder.close()
    kept = store.history.metrics([job.run_id])[job.run_id]
    assert [metric.step for metric in kept] == list(range(1, 3 * ROOM))
    assert store.checkpoints.list(job.run_id)[-1].step == 1500
    assert get(store, job.run_id).step == 3 * ROOM - 1


def test_a_cancel_is_learned_from_the_next_write(
    store: Store, job: Job, recorder: StoreRecorder
) -> None:
    assert not recorder.stop_requested()
    store.queue.cancel(job.run_id, by="test")
    until(recorder.stop_requested)
    assert recorder.request is Request.CANCEL


def test_an_attempt_that_was_replaced_writes_nothing_and_stops(
    store: Store, job: Job, recorder: StoreRecorder
) -> None:
    store.queue.release(job.run_id, job.attempt, reason=Message("test"))
    assert store.queue.claim(lease=60)
    recorder.record(step(1))
    recorder.checkpoint(checkpoint(1))
    until(recorder.stop_requested)
    with pytest.raises(AttemptLostError, match="another attempt"):
        recorder.close()
    assert store.history.metrics([job.run_id])[job.run_id] == []
    assert store.checkpoints.list(job.run_id) == []
    assert get(store, job.run_id).attempt == 2


def test_a_recorder_that_is_left_no_longer_renews_the_lease(store: Store, job: Job) -> None:
    with StoreRecorder(store, job, threading.Event()):
        pass
    before = get(store, job.run_id).lease_until
    assert not [thread for thread in threading.enumerate() if thread.name == "writer"]
    assert get(store, job.run_id).lease_until == before


class Outage:
    """A database that is away, and may come back: every transaction fails like a real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.over = threading.Event()
        real = Database.write

        def write(database: Database) -> object:
            if not self.over.is_set():
                raise AwayError("The database cannot be reached.")
            return real(database)

        monkeypatch.setattr(Database, "write", write)


def test_an_outage_shorter_than_the_lease_loses_nothing(
    store: Store, job: Job, recorder: StoreRecorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    outage = Outage(monkeypatch)
    for number in range(1, 50):
        recorder.record(step(number))
    threading.Timer(1, outage.over.set).start()
    recorder.put(lambda: _finished(store, job))
    recorder.close()
    assert get(store, job.run_id).status is Status.DONE
    assert len(store.history.metrics([job.run_id])[job.run_id]) == 49


def test_an_outage_longer_than_the_lease_ends_the_attempt_and_never_blocks_the_loop(
    store: Store, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    Outage(monkeypatch)
    short = Job(job.run_id, job.attempt, job.database_url, lease=1)
    with StoreRecorder(store, short, threading.Event()) as recorder:
        for number in range(1, 3 * ROOM):
            recorder.record(step(number))
        assert recorder.stop_requested()
        with pytest.raises(CutOffError, match="1 s: The database cannot be reached"):
            recorder.close()


def _finished(store: Store, job: Job) -> Heartbeat:
    return Heartbeat(store.queue.finish(job.run_id, job.attempt, Status.DONE))
