"""When each step was trained: seconds of training, known where something happened, and taken to
pass evenly in between."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from db.records import Event, EventKind, Run

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


def seconds_at(
    steps: ArrayLike, known_steps: Sequence[int], known_seconds: Sequence[float]
) -> NDArray[np.float64]:
    """The seconds of training at steps; beyond the last known one, at the last known speed."""
    at = np.asarray(steps, np.float64)
    found: NDArray[np.float64] = np.interp(at, known_steps, known_seconds)
    if len(known_steps) > 1:
        speed = (known_seconds[-1] - known_seconds[-2]) / (known_steps[-1] - known_steps[-2])
        found += np.maximum(0, at - known_steps[-1]) * speed
    return found
