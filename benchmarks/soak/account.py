"""The account: of every run, whether what is written about it can be true."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from threadpoolctl import threadpool_limits

from benchmarks.soak.chaos import DIVERGING
from db.attempt_ends import LOST_TOO_OFTEN
from db.check import check
from db.enqueue import MAX_ATTEMPTS
from db.errors import OF_DRIVERS
from db.records import Event, EventKind, Run, Status
from db.store import Store
from engine.config import RunConfig
from engine.records import MemoryRecorder, Metric
from engine.training import train
from runner.recording import UNWRITTEN

_LAST = {
    Status.DONE: EventKind.DONE,
    Status.DIVERGED: EventKind.DIVERGED,
    Status.CANCELLED: EventKind.CANCELLED,
    Status.STOPPED: EventKind.STOPPED,
    Status.FAILED: EventKind.FAILED,
}
_OF_THE_DATABASE = {meant.template for meant in (UNWRITTEN, *OF_DRIVERS)}
_LET_GO = (
    EventKind.REQUEUED,
    EventKind.PAUSED,
    EventKind.DONE,
    EventKind.DIVERGED,
    EventKind.CANCELLED,
    EventKind.STOPPED,
    EventKind.FAILED,
)


def account(store: Store) -> tuple[dict[str, int], list[str]]:
    """How many runs ended how, and every fault that was found."""
    runs = store.runs.find(shelf=None, limit=10_000).runs
    faults = [f"run {run.id}: {fault}" for run in runs for fault in _faults(store, run)]
    faults += [str(fault) for fault in check(store.url)]
    return dict(Counter(run.status.value for run in runs)), faults


def _faults(store: Store, run: Run) -> Iterator[str]:
    events = store.runs.events(run.id)
    if not run.status.ended:
        yield f"it has not ended: it is {run.status.value}"
        return
    if run.lease_until or run.request:
        yield "it has ended and still holds a lease or a request"
    if not any(event.kind is _LAST[run.status] for event in events[-2:]):
        yield f"it is {run.status.value}, and its log ends with {events[-1].kind.value}"
    yield from _of_attempts(run, events)
    yield from _of_ending(store, run, events)


def _of_attempts(run: Run, events: Sequence[Event]) -> Iterator[str]:
    """Each attempt was begun once, and let go once."""
    claims = Counter(event.attempt for event in events if event.kind is EventKind.CLAIMED)
    if claims != Counter(range(1, run.attempt + 1)):
        yield f"its attempts were begun {dict(claims)} times, and there were {run.attempt}"
    ends = Counter(event.attempt for event in events if event.kind in _LET_GO)
    for attempt in claims:
        if not ends[attempt]:
            yield f"nobody knows how attempt {attempt} ended"


def _of_ending(store: Store, run: Run, events: Sequence[Event]) -> Iterator[str]:
    """Nothing ends so without a cause, and what is done is what training alone would have left."""
    kinds = {event.kind for event in events}
    if run.status is Status.FAILED and not _was_struck_too_often(run, events):
        yield f"it failed: {run.error}"
    if run.status is Status.CANCELLED and EventKind.CANCEL_REQUESTED not in kinds:
        yield "it is cancelled, and nobody asked for it"
    if run.status is Status.STOPPED and EventKind.PRUNE_REQUESTED not in kinds:
        yield f"it is stopped, and no sweep gave it up: {run.error}"
    if run.status is Status.DIVERGED and run.config.optimizer.lr < DIVERGING.optimizer.lr:
        yield "it diverged, which it should not"
    if run.status is Status.DONE and not run.ended_early:
        metrics = store.history.metrics([run.id])[run.id]
        if metrics[-1].step != run.steps:
            yield f"it is done at step {metrics[-1].step} of {run.steps}"
        if run.parent_id is None and metrics != _curve(run.config):
            yield "its curve is not that of a run left in peace"


def _was_struck_too_often(run: Run, events: Sequence[Event]) -> bool:
    """Whether kills used up the attempts of a run that had no more than usual: a sweep's."""
    gone = [event for event in events if event.kind in (EventKind.LOST, EventKind.KILLED)]
    struck = sum(event.data["reason"].template not in _OF_THE_DATABASE for event in gone)
    why = next(event.data["error"] for event in events if event.kind is EventKind.FAILED)
    too_often = why.template == LOST_TOO_OFTEN.template and why.values["n"] == run.max_attempts
    return struck >= MAX_ATTEMPTS and too_often


@cache
def _curve(config: RunConfig) -> list[Metric]:
    recorder = MemoryRecorder()
    with threadpool_limits(1):
        train(config, recorder)
    metrics = [metric for record in recorder.records for metric in record.metrics]
    return sorted(metrics, key=lambda metric: (metric.step, metric.split))
