"""A child that takes the next run by itself: by the queue's rules, and never into the void."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import update

from db.errors import AwayError
from db.models import ConfigRow
from db.queue import Queue
from db.records import EventKind, Status
from db.store import Store
from engine.errors import DataError
from engine.messages import Message
from engine.sweeps.axes import Range
from engine.sweeps.config import SweepConfig
from engine.sweeps.samplers import TPE
from runner import following
from runner.attempt import make_attempt
from runner.child import Task
from runner.job import Ending, EndingKind, Job
from runner.supervisor import Child
from tests.runner.processes import SHORT, assert_whole, enqueue, get

CONFIG = SHORT.model_copy(update={"epochs": 1})


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is, there is time for another run."""
    monkeypatch.setattr(following, "IN_A_ROW", 3600.0)


def given(store: Store, **options: object) -> Task:
    """What a child is given for the run that is next."""
    claim = store.queue.claim(lease=60)
    assert claim
    options = {"lease": 60, "on_gpu": True, "goes_on": True} | options
    return Task(Job(claim.run_id, claim.attempt, store.url, **options))  # type: ignore[arg-type]


def made(task: Task) -> list[tuple[int, EndingKind]]:
    """What a child makes of a task under a worker that lets it go on."""
    found, job = [], task.job
    for ending, following_job in following.in_a_row(task):
        found.append((job.run_id, ending.kind))
        if following_job:
            job = following_job
            task.go_on.put(None)
    return found


def ended(*run_ids: int) -> list[tuple[int, EndingKind]]:
    return [(run_id, EndingKind.ENDED) for run_id in run_ids]


def test_the_next_run_is_taken_in_the_queues_order_and_says_after_which(store: Store) -> None:
    first = enqueue(store, CONFIG)
    task = given(store)
    second, urgent = enqueue(store, CONFIG), enqueue(store, CONFIG, priority=5)
    paused = enqueue(store, CONFIG)
    store.queue.pause(paused, by="test")
    assert made(task) == ended(first, urgent, second)
    for run_id in (first, second, urgent):
        assert_whole(store, run_id, CONFIG)
        assert get(store, run_id).attempt == 1
    assert store.queue.taken({(i, 1) for i in (first, second, urgent, paused)}) == {
        (second, 1): (first, 1),
        (urgent, 1): (first, 1),
    }
    assert get(store, paused).status is Status.PAUSED


def test_nothing_is_taken_from_a_queue_that_is_held_or_beyond_an_owners_limit(
    store: Store,
) -> None:
    runs = [enqueue(store, CONFIG) for _ in range(3)]
    task = given(store)
    store.queue.hold(paused=True)
    assert made(task) == ended(runs[0])
    store.queue.hold(paused=False)
    store.queue.limit_owners(1)
    other = store.queue.enqueue(CONFIG, owner="another").id
    task = given(store)  # the second one
    assert made(task) == ended(runs[1], runs[2], other)
    store.queue.limit_owners(None)


def test_an_owner_whose_run_trains_elsewhere_has_the_others_taken_first(store: Store) -> None:
    first = enqueue(store, CONFIG)
    task = given(store)
    elsewhere, waits = enqueue(store, CONFIG), enqueue(store, CONFIG)
    assert given(store).job.run_id == elsewhere
    other = store.queue.enqueue(CONFIG, owner="another").id
    store.queue.limit_owners(1)
    assert made(task) == ended(first, other)
    assert get(store, waits).status is Status.QUEUED


@pytest.mark.parametrize("why", ["not allowed", "stopped", "late"])
def test_a_child_that_is_to_give_its_place_back_takes_nothing(
    store: Store, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    first, waits = enqueue(store, CONFIG), enqueue(store, CONFIG)
    task = given(store, goes_on=why != "not allowed")
    if why == "late":
        monkeypatch.setattr(following, "IN_A_ROW", -1.0)
    made_then_stopped = make_attempt

    def attempt(job: Job, stop: threading.Event) -> Ending:
        ending = made_then_stopped(job, stop)
        if why == "stopped":
            task.stop.set()
        return ending

    monkeypatch.setattr(following, "make_attempt", attempt)
    assert made(task) == ended(first)
    assert (get(store, waits).status, get(store, waits).attempt) == (Status.QUEUED, 0)


def test_a_run_that_needs_a_gpu_is_not_taken_where_there_is_none(store: Store) -> None:
    first = enqueue(store, CONFIG)
    waits = enqueue(store, CONFIG.model_copy(update={"backend": "cupy"}))
    last = enqueue(store, CONFIG)
    assert made(given(store, on_gpu=False)) == ended(first, last)
    assert get(store, waits).status is Status.QUEUED


def test_a_sweep_whose_next_point_has_to_be_found_comes_before_the_next_run(store: Store) -> None:
    first, waits = enqueue(store, CONFIG), enqueue(store, CONFIG)
    task = given(store)
    rate = Range(name="optimizer.lr", low=0.001, high=0.1, log=True)
    sweep = SweepConfig(base=CONFIG, axes=(rate,), sampler=TPE(trials=3))
    store.sweeps.enqueue(sweep, owner="another")
    assert made(task) == ended(first)
    assert get(store, waits).status is Status.QUEUED


def test_whatever_keeps_a_run_from_being_taken_leaves_it_and_the_child_in_order(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = DataError(Message("it is refused"))
    away = AwayError(Message("it is away"))
    runs = [enqueue(store, CONFIG) for _ in range(4)]
    claim = Queue.claim
    for error, run_id in ((refused, runs[0]), (away, runs[1]), (RuntimeError("odd"), runs[2])):
        task = given(store)

        def fails(*_: object, error: Exception = error, **__: object) -> None:
            raise error

        monkeypatch.setattr(Queue, "claim", fails)
        assert made(task) == ended(run_id)
        monkeypatch.setattr(Queue, "claim", claim)
        assert (get(store, runs[3]).status, get(store, runs[3]).attempt) == (Status.QUEUED, 0)
    assert made(given(store)) == ended(runs[3])


def test_a_run_that_cannot_be_read_stays_in_the_queue(store: Store) -> None:
    first, odd = enqueue(store, CONFIG), enqueue(store, CONFIG)
    task = given(store)
    with store.engine.begin() as connection:
        unreadable = update(ConfigRow).where(ConfigRow.run_id == odd)
        connection.execute(unreadable.values(config='{"layers": "of another program"}'))
    assert made(task) == ended(first)
    events = [event.kind for event in store.runs.events(odd)]
    assert events == [EventKind.ENQUEUED]


def test_a_run_that_the_worker_does_not_let_begin_is_given_up_unbegun(store: Store) -> None:
    first, second = enqueue(store, CONFIG), enqueue(store, CONFIG)
    found = list(following.in_a_row(given(store, lease=0.2)))
    assert [ending.kind for ending, _ in found] == [EndingKind.ENDED, EndingKind.STOPPED]
    assert get(store, first).status is Status.DONE
    assert get(store, second).worker is None


@pytest.fixture
def child() -> Iterator[Child]:
    child = Child(compile_ahead=False)
    yield child
    child.kill()
    child._process.join()


@pytest.mark.processes
def test_a_worker_hears_of_every_run_that_its_child_makes(store: Store, child: Child) -> None:
    enqueue(store, CONFIG)
    (warm,) = child.make(given(store, goes_on=False).job)
    assert warm.ending.kind is EndingKind.ENDED
    runs = [enqueue(store, CONFIG) for _ in range(2)]
    found = child.make(given(store).job)
    assert [each.job and each.job.key for each in found] == [(run_id, 1) for run_id in runs]
    assert child.at == found[-1].job
    for run_id in runs:
        assert_whole(store, run_id, CONFIG)
