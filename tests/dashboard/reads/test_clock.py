"""When steps were trained, by the events of a run."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dashboard.reads.clock import known, moments, seconds_at
from db.records import Event, EventKind
from tests.dashboard.records import run


def event(kind: EventKind, second: float, attempt: int = 1, **data: int) -> Event:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    return Event(id=1, run_id=1, attempt=attempt, at=at, kind=kind, data=data)


def test_time_between_attempts_does_not_count_and_lost_steps_are_replaced() -> None:
    events = [
        event(EventKind.STARTED, 100),
        event(EventKind.CHECKPOINT, 110, step=50),
        event(EventKind.CHECKPOINT, 120, step=100),
        event(EventKind.STARTED, 900, attempt=2),
        event(EventKind.RESUMED, 900, attempt=2, step=50),
        event(EventKind.CHECKPOINT, 930, attempt=2, step=100),
    ]
    clock = known(run(1), events)
    assert clock == ([0, 50, 100], [0.0, 10.0, 40.0])
    assert seconds_at([25, 75, 150], *clock).tolist() == [5.0, 25.0, 70.0]


def test_without_events_no_time_is_made_up() -> None:
    assert seconds_at([5], *known(run(1), [])).tolist() == [0.0]


def test_on_the_clock_the_time_between_attempts_counts() -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
    events = [
        event(EventKind.STARTED, 100),
        event(EventKind.CHECKPOINT, 110, step=50),
        event(EventKind.CHECKPOINT, 120, step=100),
        event(EventKind.STARTED, 900, attempt=2),
        event(EventKind.RESUMED, 900, attempt=2, step=50),
        event(EventKind.CHECKPOINT, 950, attempt=2, step=100),
    ]
    at = seconds_at([0, 25, 50, 75, 100], *moments(run(1), events)) - begin
    assert at.round().tolist() == [100, 105, 110, 925, 950]
    waiting = run(1)
    assert moments(waiting, []) == ([0.0], [waiting.created_at.timestamp()])
