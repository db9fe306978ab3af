"""What people ask of runs and of the queue: done at once, or by the run at its next write."""

from __future__ import annotations

import pytest

from db.records import EventKind, Request, Run, Status
from db.store import Store
from engine.errors import ConfigError
from engine.messages import Message
from tests.db.build import CONFIG, LEASE, record, running


def get(store: Store, run_id: int) -> Run:
    run = store.runs.get(run_id)
    assert run is not None
    return run


def kinds(store: Store, run_id: int) -> list[EventKind]:
    return [event.kind for event in store.runs.events(run_id)]


def test_a_queued_run_waits_until_it_is_resumed(store: Store) -> None:
    run_id = store.queue.enqueue(CONFIG, owner="mika").id
    assert store.queue.pause(run_id, by="anna")
    assert get(store, run_id).status is Status.PAUSED
    assert not store.queue.pause(run_id, by="anna"), "it waits already"
    assert store.queue.claim(lease=LEASE) is None
    assert store.queue.resume(run_id, by="anna")
    assert store.queue.claim(lease=LEASE)
    happened = [EventKind.PAUSE_REQUESTED, EventKind.PAUSED, EventKind.UNPAUSED, EventKind.CLAIMED]
    assert kinds(store, run_id)[1:] == happened


def test_a_running_run_learns_of_a_pause_and_waits_where_it_left(store: Store) -> None:
    run_id = running(store, max_attempts=1).id
    assert store.queue.pause(run_id, by="anna")
    assert store.history.append(run_id, 1, [record(1)], lease=LEASE).request is Request.PAUSE
    assert store.queue.leave(run_id, 1, step=7)
    paused = get(store, run_id)
    assert (paused.status, paused.step, paused.request) == (Status.PAUSED, 7, None)
    assert paused.ended_at is paused.worker is None
    store.queue.resume(run_id, by="anna")
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None, "a pause costs no attempt"
    assert claim.attempt == 2


def test_a_pause_taken_back_too_late_queues_the_run_again(store: Store) -> None:
    run_id = running(store).id
    store.queue.pause(run_id, by="anna")
    assert store.queue.resume(run_id, by="anna")
    assert store.queue.leave(run_id, 1, step=3)
    assert get(store, run_id).status is Status.QUEUED


def test_a_run_lost_on_its_way_into_a_pause_is_paused(store: Store) -> None:
    run_id = running(store, max_attempts=1).id
    store.queue.pause(run_id, by="anna")
    assert store.queue.release(run_id, 1, reason=Message("its process died"))
    assert get(store, run_id).status is Status.PAUSED


def test_what_waits_in_a_pause_can_be_cancelled(store: Store) -> None:
    run_id = store.queue.enqueue(CONFIG, owner="mika").id
    store.queue.pause(run_id, by="anna")
    assert store.queue.cancel(run_id, by="anna")
    assert get(store, run_id).status is Status.CANCELLED


def test_a_run_over_its_time_limit_is_stopped_with_a_sentence(store: Store) -> None:
    run = store.queue.enqueue(CONFIG, owner="mika", time_limit=60)
    store.queue.claim(lease=LEASE)
    store.history.append(run.id, 1, [record(1)], lease=LEASE, seconds=59)
    assert get(store, run.id).seconds == 59
    assert store.queue.leave(run.id, 1, step=9, seconds=60.5)
    stopped = get(store, run.id)
    assert (stopped.status, stopped.step) == (Status.STOPPED, 9)
    assert stopped.error == "Its time limit of 60 s was reached."
    last = store.runs.events(run.id)[-1]
    assert (last.kind, str(last.data["error"])) == (EventKind.STOPPED, stopped.error)


def test_more_time_lets_a_stopped_run_go_on(store: Store) -> None:
    run = store.queue.enqueue(CONFIG, owner="mika", time_limit=60)
    store.queue.claim(lease=LEASE)
    store.queue.leave(run.id, 1, step=9, seconds=61)
    for limit in (None, 61):
        with pytest.raises(ConfigError, match="must be more than the 61 s that run 1 has trained"):
            store.queue.retry(run.id, by="anna", time_limit=limit)
    assert store.queue.retry(run.id, by="anna", time_limit=120)
    claim = store.queue.claim(lease=LEASE)
    assert claim is not None
    assert claim.attempt == 2
    assert get(store, run.id).error is None


def test_a_failed_run_gets_fresh_attempts(store: Store) -> None:
    run_id = running(store, max_attempts=1).id
    store.queue.release(run_id, 1, reason=Message("killed"))
    assert get(store, run_id).status is Status.FAILED
    assert store.queue.retry(run_id, by="anna")
    assert not store.queue.retry(run_id, by="anna"), "it is queued already"
    run = get(store, run_id)
    assert (run.status, run.ended_at, run.max_attempts) == (Status.QUEUED, None, 4)
    assert kinds(store, run_id)[-1] is EventKind.RETRIED


def test_a_retried_run_keeps_the_attempts_that_it_was_allowed(store: Store) -> None:
    run_id = running(store, max_attempts=50).id
    assert store.queue.cancel(run_id, by="anna")
    assert store.queue.leave(run_id, 1, step=1)
    assert store.queue.retry(run_id, by="anna")
    assert get(store, run_id).max_attempts == 50


@pytest.mark.parametrize("status", [Status.DONE, Status.DIVERGED])
def test_what_ended_by_itself_is_not_tried_again(store: Store, status: Status) -> None:
    run_id = running(store).id
    store.queue.finish(run_id, 1, status, step=9)
    assert not store.queue.retry(run_id, by="anna")


def test_a_hopeless_run_is_stopped_and_says_why(store: Store) -> None:
    run_id = running(store).id
    assert store.queue.prune(run_id, reason=Message("No hope."))
    assert not store.queue.prune(run_id, reason=Message("No hope."))
    assert store.queue.leave(run_id, 1, step=5)
    run = get(store, run_id)
    assert (run.status, run.error) == (Status.STOPPED, "No hope.")


def test_a_run_that_reached_its_end_all_the_same_is_done_and_bears_no_reproach(
    store: Store,
) -> None:
    run_id = running(store).id
    store.queue.prune(run_id, reason=Message("No hope."))
    assert store.queue.finish(run_id, 1, Status.DONE, step=300)
    run = get(store, run_id)
    assert (run.status, run.error) == (Status.DONE, None)


def test_a_raised_priority_comes_first(store: Store) -> None:
    first, second = (store.queue.enqueue(CONFIG, owner="mika").id for _ in range(2))
    assert store.queue.prioritize(second, 5, by="anna")
    assert [claim.run_id for _ in "ab" if (claim := store.queue.claim(lease=LEASE))] == [
        second,
        first,
    ]
    with pytest.raises(ConfigError, match="`priority` must lie between"):
        store.queue.prioritize(second, 2**40, by="anna")
    store.queue.finish(first, 1, Status.DONE)
    assert not store.queue.prioritize(first, 1, by="anna")


def test_a_held_queue_begins_nothing_and_disturbs_nothing(store: Store) -> None:
    run_id = running(store).id
    store.queue.enqueue(CONFIG, owner="mika")
    store.queue.hold(paused=True)
    assert store.queue.state().paused
    assert store.queue.claim(lease=LEASE) is None
    assert store.history.append(run_id, 1, [record(1)], lease=LEASE).alive
    store.queue.hold(paused=False)
    assert store.queue.claim(lease=LEASE)


def test_an_owner_trains_as_many_at_a_time_as_the_queue_allows(store: Store) -> None:
    for owner in ("anna", "anna", "anna", "ben"):
        store.queue.enqueue(CONFIG, owner=owner)
    store.queue.limit_owners(1)
    claimed = [store.queue.claim(lease=LEASE) for _ in range(3)]
    assert [claim and claim.run_id for claim in claimed] == [1, 4, None]
    store.queue.limit_owners(None)
    assert store.queue.claim(lease=LEASE)
    with pytest.raises(ConfigError, match="`owner_limit` must be at least 1; got 0"):
        store.queue.limit_owners(0)


def test_runs_that_need_a_gpu_are_claimed_for_one(store: Store) -> None:
    gpu = store.queue.enqueue(CONFIG.model_copy(update={"backend": "cupy"}), owner="mika")
    plain = store.queue.enqueue(CONFIG, owner="mika")
    assert gpu.gpu
    assert not plain.gpu
    without = store.queue.claim(lease=LEASE, gpu=False)
    assert without is not None
    assert without.run_id == plain.id
    assert store.queue.claim(lease=LEASE, gpu=False) is None
    assert store.queue.claim(lease=LEASE, gpu=True)


def test_leases_that_a_jump_of_the_clock_ended_are_spared_where_somebody_watches(
    store: Store,
) -> None:
    run_id = running(store).id
    store.queue.renew(run_id, 1, lease=-3600)
    assert store.queue.reap(spare={(run_id, 1)}) == []
    assert store.queue.reap(spare={(run_id, 2)}) == [run_id]


def test_a_forecast_follows_from_what_was_measured(store: Store) -> None:
    assert store.queue.forecast().runs == {}, "nothing has been measured"
    ids = [store.queue.enqueue(CONFIG, owner="mika").id for _ in range(4)]
    store.queue.serve(2)
    store.queue.claim(lease=LEASE)
    store.history.append(ids[0], 1, [record(100)], lease=LEASE, seconds=10)  # 0.1 s a step of 300
    expected = store.queue.forecast()
    begins = [expected.runs[run_id].begins for run_id in ids]
    ends = [expected.runs[run_id].ends for run_id in ids]
    assert begins == pytest.approx([0, 0, 20, 30])
    assert ends == pytest.approx([20, 30, 50, 60])
    assert expected.seconds == pytest.approx(60)


def test_an_ended_run_tells_how_long_others_of_its_size_take(store: Store) -> None:
    done = running(store).id
    store.history.append(done, 1, [record(300)], lease=LEASE, seconds=30)
    store.queue.finish(done, 1, Status.DONE, step=300)
    waiting = store.queue.enqueue(CONFIG, owner="mika").id
    assert store.queue.forecast().runs[waiting].ends == pytest.approx(30)


def test_a_log_keeps_its_newest_lines(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.logs.LINES", 5)
    run_id, other = running(store).id, running(store).id
    store.logs.append(other, 1, ["another run's"])
    store.logs.append(run_id, 1, ["a\x00b", "x" * 3000])
    store.logs.append(run_id, 1, [str(number) for number in range(4)])
    lines = store.logs.lines(run_id)
    assert [line.text[:5] for line in lines] == ["xxxxx", "0", "1", "2", "3"]
    assert store.logs.lines(run_id, after_id=lines[-1].id) == []
    assert [line.text for line in store.logs.lines(other)] == ["another run's"]
