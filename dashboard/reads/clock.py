"""When each step was trained: seconds of training, known where something happened, and taken to
pass evenly in between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from db.records import Event, EventKind, Run

Clock = tuple[Sequence[float], Sequence[float]]
"""Steps, and when they were through."""

JUST_AFTER = 1e-6
"""Steps after its checkpoint at which a later attempt begins."""

_PASSES = (EventKind.CHECKPOINT, EventKind.DONE, EventKind.DIVERGED, EventKind.STOPPED)


def known(run: Run, events: Sequence[Event]) -> tuple[list[int], list[float]]:
    """Steps and the seconds of training at which they were through, both ascending.

    Time between attempts does not count. A later attempt's steps take the place of those that an
    earlier one lost.
    """
    steps, seconds = [run.parent_step or 0], [0.0]
    resumed = {e.attempt: e.data.get("step") for e in events if e.kind is EventKind.RESUMED}
    at, done = None, 0.0
    for event in events:
        step = event.data.get("step")
        if event.kind is EventKind.STARTED:
            begun = resumed.get(event.attempt) or steps[0]
            kept = sum(step <= begun for step in steps)
            del steps[kept:], seconds[kept:]
            done, at = seconds[-1], event.at
        elif event.kind in _PASSES and at is not None and isinstance(step, int):
            passed = done + (event.at - at).total_seconds()
            if step > steps[-1] and passed >= seconds[-1]:
                steps.append(step)
                seconds.append(passed)
    if run.step > steps[-1] and run.seconds > seconds[-1]:
        steps.append(run.step)
        seconds.append(run.seconds)
    return steps, seconds


def moments(run: Run, events: Sequence[Event]) -> tuple[list[float], list[float]]:
    """Steps and the moments at which they were through, in seconds since 1970, both ascending. The
    time between attempts counts; steps that a lost attempt took are those of a later one."""
    steps: list[float] = []
    at: list[float] = []
    resumed = {e.attempt: e.data.get("step") for e in events if e.kind is EventKind.RESUMED}
    for event in events:
        step = event.data.get("step")
        if event.kind is EventKind.STARTED:
            begun = resumed.get(event.attempt) or run.parent_step or 0
            kept = sum(step <= begun for step in steps)
            del steps[kept:], at[kept:]
            step = begun + JUST_AFTER if steps else begun
        elif event.kind not in _PASSES or not isinstance(step, int) or not steps:
            continue
        if not steps or step > steps[-1]:
            steps.append(step)
            at.append(event.at.timestamp())
    return (steps, at) if steps else ([0.0], [run.created_at.timestamp()])


def seconds_at(
    steps: ArrayLike, known_steps: Sequence[float], known_seconds: Sequence[float]
) -> NDArray[np.float64]:
    """The seconds of training at steps; beyond the last known one, at the last known speed."""
    at = np.asarray(steps, np.float64)
    found: NDArray[np.float64] = np.interp(at, known_steps, known_seconds)
    if len(known_steps) > 1:
        speed = (known_seconds[-1] - known_seconds[-2]) / (known_steps[-1] - known_steps[-2])
        found += np.maximum(0, at - known_steps[-1]) * speed
    return found
