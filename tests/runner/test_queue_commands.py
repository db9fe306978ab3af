"""The queue from a terminal: every command does as it says, or says why it does not apply."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import text

from db.records import Request, Status
from db.store import Store
from engine.records import Metric, StepRecord
from tests.runner.processes import SHORT, enqueue, get
from tests.runner.test_cli import Layerlab, assert_refused, layerlab, store, url

__all__ = ["layerlab", "store", "url"]


def test_a_queued_run_is_paused_resumed_and_retried(layerlab: Layerlab, store: Store) -> None:
    run = str(enqueue(store, SHORT))
    assert layerlab("pause", run).out == f"run {run} is paused\n"
    assert_refused(layerlab("pause", run), "is paused already")
    assert layerlab("resume", run).out == f"run {run} is queued again\n"
    assert_refused(layerlab("resume", run), "is not paused: it is queued")
    assert_refused(layerlab("retry", run), "is queued; only runs that failed")
    layerlab("cancel", run)
    assert_refused(layerlab("pause", run), "has ended already: cancelled")
    assert layerlab("retry", run).out == f"run {run} is queued again\n"
    assert get(store, int(run)).status is Status.QUEUED


def test_a_running_run_is_asked_to_pause_until_that_is_taken_back(
    layerlab: Layerlab, store: Store
) -> None:
    run = str(enqueue(store, SHORT))
    store.queue.claim(lease=60)
    assert "pauses at its next step" in layerlab("pause", run).out
    assert get(store, int(run)).request is Request.PAUSE
    assert_refused(layerlab("pause", run), "has been asked to stop already")
    assert layerlab("resume", run).out == f"run {run} goes on\n"
    assert get(store, int(run)).request is None


def test_one_run_that_cannot_be_changed_does_not_keep_others_from_it(
    layerlab: Layerlab, store: Store
) -> None:
    first, last = enqueue(store, SHORT), enqueue(store, SHORT)
    result = layerlab("pause", str(first), "77", str(last))
    assert result.status == 1
    assert result.err == "layerlab: there is no run 77\n"
    assert get(store, first).status is get(store, last).status is Status.PAUSED


@pytest.mark.parametrize("command", ["pause", "resume", "retry", "log"])
def test_an_unknown_run_is_named(layerlab: Layerlab, command: str) -> None:
    assert_refused(layerlab(command, "77"), "there is no run 77")


def test_a_run_past_its_time_limit_needs_another(layerlab: Layerlab, store: Store) -> None:
    run = store.queue.enqueue(SHORT, owner="mika", time_limit=5).id
    store.queue.claim(lease=60)
    store.queue.leave(run, 1, step=1, seconds=6)
    assert_refused(layerlab("retry", str(run)), "`time_limit` must be more than the 6 s")
    assert layerlab("retry", str(run), "--time-limit", "60").status == 0


def test_priorities_may_be_negative(layerlab: Layerlab, store: Store) -> None:
    run = str(enqueue(store, SHORT))
    assert layerlab("priority", run, "-1").out == f"run {run} has priority -1\n"
    assert get(store, int(run)).priority == -1
    assert_refused(layerlab("priority", run, "99999999999"), "`priority`")
    assert_refused(layerlab("priority", "77", "1"), "there is no run 77")


def test_the_log_of_a_run_is_printed_with_its_attempts(layerlab: Layerlab, store: Store) -> None:
    run = enqueue(store, SHORT)
    empty = layerlab("log", str(run))
    assert (empty.status, empty.out) == (0, "")
    assert "has logged nothing yet" in empty.err
    store.logs.append(run, 2, ["the first [red]line", "the second"])
    lines = layerlab("log", str(run)).out.splitlines()
    assert [line.partition(" [2] ")[2] for line in lines] == ["the first [red]line", "the second"]


def test_the_queue_is_shown_held_and_released(layerlab: Layerlab, store: Store) -> None:
    assert "nothing waits" in layerlab("queue").out
    enqueue(store, SHORT)
    shown = layerlab("queue").out
    for words in ("is open", "no dispatcher", "1 queued", "no forecast"):
        assert words in shown
    layerlab("queue", "hold")
    assert store.queue.claim(lease=60) is None
    assert "is held" in layerlab("queue").out
    layerlab("queue", "release")
    store.queue.serve(3)
    store.queue.claim(lease=60)
    store.history.append(1, 1, [StepRecord(1, (Metric(1, 1, "batch", 0.5, 0.5),))], lease=60)
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE run SET seconds = 3 WHERE id = 1"))
    shown = layerlab("queue").out
    for words in ("serves it, 3 at a time", "1 running", "of training until it is empty"):
        assert words in shown
    printed = json.loads(layerlab("queue", "--json").out)
    assert (printed["held"], printed["slots"], printed["served"]) == (False, 3, True)
    assert printed["runs"]["running"] == 1
    assert printed["forecast"]["1"]["begins"] == 0
    with store.engine.begin() as connection:  # the dispatcher has been silent for two hours
        connection.execute(text("UPDATE queue SET seen_at = datetime(seen_at, '-2 hours')"))
    assert "no dispatcher serves it, the last was seen 2 h ago" in layerlab("queue").out
