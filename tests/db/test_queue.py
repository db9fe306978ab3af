"""The queue: who wins a run, what a lost attempt may still do (nothing), how a run ends."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from db import connection, queue
from db.connection import PATIENCE
from db.records import EventKind, Heartbeat, Request, Status
from db.store import Store
from engine.config import RunConfig
from engine.errors import ConfigError
from engine.messages import Message
from tests.db.build import CONFIG, LEASE, checkpoint, record, running

LOST = Heartbeat(alive=False)


def kinds(store: Store, run_id: int) -> list[EventKind]:
    return [event.kind for event in store.runs.events(run_id)]


def test_an_enqueued_run_tells_what_it_will_be(store: Store) -> None:
    run = store.queue.enqueue(CONFIG, owner=" mika ", name="first\nrun", priority=2)
    assert (run.owner, run.name, run.status, run.attempt) == ("mika", "first run", "queued", 0)
    assert run.config == CONFIG
    assert (run.steps, run.parameters, run.step) == (300, 38_210, 0)
    assert run.created_at.tzinfo is not None
    assert run.last is run.best is run.diverged_step is None
    assert store.runs.get(run.id) == run
    assert kinds(store, run.id) == [EventKind.ENQUEUED]


def test_what_could_never_train_is_not_enqueued(store: Store) -> None:
    shapes = RunConfig.parse({"layers": [{"kind": "dense", "units": 3}]})
    for config, words in (
        (shapes, {}),
        (CONFIG, {"name": "n" * 201}),
        (CONFIG, {"owner": "o" * 101}),
    ):
        with pytest.raises(ConfigError):
            store.queue.enqueue(config, **{"owner": "mika", **words})
    assert store.runs.find().total == 0


def test_the_least_busy_owner_is_served_first_then_priority_then_age(store: Store) -> None:
    def add(owner: str, priority: int = 0) -> int:
        return store.queue.enqueue(CONFIG, owner=owner, priority=priority).id

    anna = [add("anna"), add("anna"), add("anna", priority=5)]
    ben = [add("ben"), add("ben")]
    claims = [store.queue.claim(lease=LEASE) for _ in range(6)]
    order = [claim and claim.run_id for claim in claims]
    assert order == [anna[2], ben[0], anna[0], ben[1], anna[1], None]


def test_a_claim_carries_what_a_worker_needs(store: Store) -> None:
    run = store.queue.enqueue(CONFIG, owner="mika")
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    assert (claim.run_id, claim.attempt, claim.config) == (run.id, 1, CONFIG)
    beat = store.queue.start(run.id, 1, worker="host:7", data={"backend": "numpy", "pid": 7})
    assert beat == Heartbeat(alive=True)
    started = store.runs.get(run.id)
    assert started is not None
    assert (started.status, started.worker, started.attempt) == ("running", "host:7", 1)
    assert started.started_at is not None
    assert started.lease_until is not None
    assert started.lease_until > started.started_at
    assert store.runs.events(run.id)[-1].data == {"backend": "numpy", "pid": 7}
    assert kinds(store, run.id) == [EventKind.ENQUEUED, EventKind.CLAIMED, EventKind.STARTED]


def claim_all(url: str) -> list[tuple[int, int]]:
    """Claim until nothing is left."""
    won = []
    with Store.open(url) as store:
        while (claim := store.queue.claim(lease=LEASE)) is not None:
            won.append((claim.run_id, claim.attempt))
    return won


@pytest.mark.parametrize("pool", ["threads", "processes"])
def test_no_run_is_ever_won_twice(store: Store, pool: str) -> None:
    ids = [store.queue.enqueue(CONFIG, owner=f"owner{i % 3}").id for i in range(40)]
    with (
        ThreadPoolExecutor(6)
        if pool == "threads"
        else ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn"))
    ) as executor:
        won = [claim for claims in executor.map(claim_all, [store.url] * 4) for claim in claims]
    assert sorted(won) == [(run_id, 1) for run_id in ids]
    events = Counter(kind for run_id in ids for kind in kinds(store, run_id))
    assert events == {EventKind.ENQUEUED: 40, EventKind.CLAIMED: 40}


def test_two_that_claim_at_one_moment_count_each_others_runs(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On two connections, each in the middle of its claim: an owner's limit holds all the same."""
    taken, goes_on, take = Event(), Event(), queue._take

    def take_and_wait(*claimed: Any) -> bool:
        won = take(*claimed)
        taken.set()
        assert goes_on.wait(PATIENCE)
        return won

    with (
        Store.open(postgres_url) as one,
        Store.open(postgres_url) as other,
        ThreadPoolExecutor() as pool,
    ):
        for _ in range(2):
            one.queue.enqueue(CONFIG, owner="mika")
        one.queue.limit_owners(1)
        monkeypatch.setattr(queue, "_take", take_and_wait)
        first = pool.submit(one.queue.claim, lease=LEASE)
        assert taken.wait(PATIENCE)
        monkeypatch.setattr(queue, "_take", take)
        second = pool.submit(other.queue.claim, lease=LEASE)
        deadline = time.monotonic() + PATIENCE
        while not second.done() and not waits_for_a_lock(one):
            assert time.monotonic() < deadline
            time.sleep(0.01)
        goes_on.set()
        assert first.result() is not None
        assert second.result() is None
        assert one.queue.depth()[Status.RUNNING] == 1


def waits_for_a_lock(store: Store) -> bool:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    with store.engine.connect() as asked:
        return bool(asked.exec_driver_sql(waiting).scalar())


def test_a_run_that_a_process_took_by_itself_names_what_it_was_given_first(store: Store) -> None:
    given = running(store)
    taken = [store.queue.enqueue(CONFIG, owner="mika").id for _ in range(3)]
    store.queue.claim(lease=LEASE, after=(given.id, 1))
    store.queue.claim(lease=LEASE)
    every = {(run_id, 1) for run_id in (given.id, *taken)}
    assert store.queue.running() == every - {(taken[2], 1)}
    assert store.queue.taken(every) == {(taken[0], 1): (given.id, 1)}
    assert store.queue.taken([(taken[0], 2)]) == {}
    assert store.queue.release(taken[0], 1, reason=Message("lost"))
    store.queue.claim(lease=LEASE)
    assert (taken[0], 2) in store.queue.running()
    assert store.queue.taken(store.queue.running()) == {}, "another attempt is another's"


WRITES: dict[str, Callable[[Store, int], object]] = {
    "start": lambda store, run_id: store.queue.start(run_id, 1, worker="ghost", data={}),
    "renew": lambda store, run_id: store.queue.renew(run_id, 1, lease=9999),
    "append": lambda store, run_id: store.history.append(run_id, 1, [record(9)], lease=9999),
    "save": lambda store, run_id: store.checkpoints.save(run_id, 1, checkpoint(9)),
    "finish": lambda store, run_id: store.queue.finish(run_id, 1, Status.DONE, step=9),
    "release": lambda store, run_id: store.queue.release(run_id, 1, reason=Message("ghost")),
}


@pytest.mark.parametrize("write", WRITES)
def test_an_attempt_thought_dead_changes_nothing_when_it_comes_back(
    store: Store, write: str
) -> None:
    run_id = running(store).id
    store.history.append(run_id, 1, [record(1)], lease=LEASE)
    assert store.queue.release(run_id, 1, reason=Message("worker lost"))
    for state in ("queued", "running", "cancelled"):
        if state == "running":
            store.queue.claim(lease=LEASE)
        if state == "cancelled":
            store.queue.finish(run_id, 2, Status.CANCELLED)
        before = store.runs.get(run_id), store.runs.events(run_id), store.history.metrics([run_id])
        assert before[0] is not None
        assert before[0].status == state
        assert WRITES[write](store, run_id) in (LOST, False)
        after = store.runs.get(run_id), store.runs.events(run_id), store.history.metrics([run_id])
        assert after == before
        assert store.checkpoints.list(run_id) == []


@pytest.mark.parametrize("status", [status for status in Status if status.ended])
def test_a_run_ends_once_with_what_it_has_to_say(store: Store, status: Status) -> None:
    run_id = running(store).id
    assert store.queue.finish(run_id, 1, status, error=Message("too bad"), step=42)
    assert not store.queue.finish(run_id, 1, Status.DONE)
    run = store.runs.get(run_id)
    assert run is not None
    assert (run.status, run.error, run.step, run.lease_until) == (status, "too bad", 42, None)
    assert run.ended_at is not None
    assert run.diverged_step == (42 if status is Status.DIVERGED else None)
    last = store.runs.events(run_id)[-1]
    assert (last.kind, last.data) == (status.value, {"error": Message("too bad"), "step": 42})


def test_a_run_cannot_end_as_running(store: Store) -> None:
    with pytest.raises(ValueError, match="running"):
        store.queue.finish(running(store).id, 1, Status.RUNNING)


def test_a_lost_run_is_tried_again_until_it_was_lost_too_often(store: Store) -> None:
    run_id = running(store, max_attempts=2).id
    assert store.queue.release(run_id, 1, reason=Message("killed by signal 9"))
    requeued = store.runs.get(run_id)
    assert requeued is not None
    assert (requeued.status, requeued.worker, requeued.lease_until) == ("queued", None, None)
    assert kinds(store, run_id)[-2:] == [EventKind.LOST, EventKind.REQUEUED]
    assert store.runs.events(run_id)[-2].data == {"reason": Message("killed by signal 9")}

    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    assert claim.attempt == 2
    assert store.queue.release(run_id, 2, reason=Message("killed by signal 9"))
    failed = store.runs.get(run_id)
    assert failed is not None
    assert failed.status is Status.FAILED
    assert failed.error == "Lost in each of 2 attempts; the last: killed by signal 9"
    assert kinds(store, run_id)[-2:] == [EventKind.LOST, EventKind.FAILED]
    assert store.queue.claim(lease=LEASE) is None


def test_an_orderly_shutdown_costs_no_attempt(store: Store) -> None:
    run_id = running(store, max_attempts=1).id
    for attempt in (1, 2, 3):
        assert store.queue.release(run_id, attempt, reason=Message("shutdown"), spend_attempt=False)
        claim = store.queue.claim(lease=LEASE)
        assert claim is not None
        assert claim.attempt == attempt + 1, "the fence must move all the same"
    assert store.queue.release(run_id, 4, reason=Message("killed"))
    run = store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.FAILED


def test_a_lost_run_that_was_to_be_cancelled_is_cancelled(store: Store) -> None:
    run_id = running(store).id
    assert store.queue.cancel(run_id, by="mika")
    assert store.queue.release(run_id, 1, reason=Message("killed"))
    run = store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.CANCELLED
    assert run.ended_at is not None


def test_only_expired_leases_are_reaped(store: Store) -> None:
    expired, alive = running(store).id, running(store).id
    store.queue.renew(expired, 1, lease=-1)
    assert store.queue.reap() == [expired]
    assert store.queue.reap() == []
    assert store.queue.renew(expired, 1, lease=LEASE) == LOST
    assert store.queue.renew(alive, 1, lease=LEASE).alive
    assert EventKind.LOST in kinds(store, expired)


def test_reaping_never_waits_for_a_run_that_is_being_written(postgres_url: str) -> None:
    with Store.open(postgres_url) as store, store.engine.connect() as writer:
        run_id = running(store).id
        store.queue.renew(run_id, 1, lease=-1)
        writer.exec_driver_sql(f"SELECT id FROM run WHERE id = {run_id} FOR UPDATE")
        assert store.queue.reap() == []
        writer.rollback()
        assert store.queue.reap() == [run_id]


def test_a_process_frozen_in_mid_transaction_blocks_nobody_for_long(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "PATIENCE", 2)
    with Store.open(postgres_url) as store, store.engine.connect() as frozen:
        run_id = running(store).id
        frozen.exec_driver_sql(f"SELECT id FROM run WHERE id = {run_id} FOR UPDATE")
        assert store.queue.renew(run_id, 1, lease=LEASE).alive
        frozen.invalidate()


def test_whatever_writes_history_renews_the_lease(store: Store) -> None:
    run_id = running(store).id
    store.queue.renew(run_id, 1, lease=-1)
    assert store.history.append(run_id, 1, [], lease=LEASE).alive
    assert store.queue.reap() == []


def test_cancelling_a_queued_run_ends_it_at_once(store: Store) -> None:
    run_id = store.queue.enqueue(CONFIG, owner="mika").id
    assert store.queue.cancel(run_id, by="anna")
    run = store.runs.get(run_id)
    assert run is not None
    assert run.status is Status.CANCELLED
    assert store.queue.claim(lease=LEASE) is None
    assert kinds(store, run_id)[1:] == [EventKind.CANCEL_REQUESTED, EventKind.CANCELLED]
    assert store.runs.events(run_id)[1].data == {"by": "anna"}
    assert not store.queue.cancel(run_id, by="anna")


def test_a_running_run_hears_of_its_cancellation_with_its_next_write(store: Store) -> None:
    run_id = running(store).id
    assert store.queue.cancel(run_id, by="anna")
    assert not store.queue.cancel(run_id, by="ben"), "asked for already"
    cancelled = Heartbeat(alive=True, request=Request.CANCEL)
    assert store.history.append(run_id, 1, [record(1)], lease=LEASE) == cancelled
    assert store.queue.renew(run_id, 1, lease=LEASE) == cancelled
    assert store.queue.finish(run_id, 1, Status.CANCELLED)


def test_what_does_not_exist_cannot_be_cancelled(store: Store) -> None:
    assert not store.queue.cancel(12345, by="anna")


def test_depth_counts_every_state(store: Store) -> None:
    running(store)
    store.queue.enqueue(CONFIG, owner="mika")
    depth = store.queue.depth()
    assert list(depth) == list(Status)
    assert (depth[Status.RUNNING], depth[Status.QUEUED], depth[Status.DONE]) == (1, 1, 0)


def test_what_waits_in_vain_is_told_so_once_and_is_not_foretold(store: Store) -> None:
    timed = running(store).id
    store.queue.leave(timed, 1, step=30, seconds=3)
    store.queue.cancel(timed, by="mika")
    waits = store.queue.enqueue(CONFIG.model_copy(update={"backend": "cupy"}), owner="mika").id
    other = store.queue.enqueue(CONFIG, owner="mika").id
    assert set(store.queue.forecast().runs) == {waits, other}
    why = Message("no worker has a GPU")
    assert store.queue.explain(why, gpu=True) == [waits]
    assert store.queue.explain(why, gpu=True) == []
    (*_, event) = store.runs.events(waits)
    assert (event.kind, event.data) == (EventKind.WAITING, {"reason": why})
    assert set(store.queue.forecast().runs) == {other}
    claim = store.queue.claim(lease=LEASE, gpu=True)
    assert claim is not None
    assert claim.run_id == waits, "it is placed all the same once it can be"
