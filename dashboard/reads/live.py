"""A run's history as this session knows it.

What has ended is read once for everybody. What is under way grows in the session: each look asks
only for what came after the last one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from statistics import median

import streamlit as st

from dashboard.reads import store as data
from dashboard.reads.columns import Columns, length, stacked
from db.records import Run

EVERY = 2.0
"""Seconds between two looks at a run that is under way."""

SOON = 0.25
"""Seconds between two looks at one that has recorded nothing yet: somebody waits for it."""

SILENCE = 10.0
"""Seconds without a step that are taken for an interruption, if steps came faster before."""

WINDOW = 20
"""Looks over which the speed is averaged."""


def pause(run: Run) -> float | None:
    """Seconds until the next look at a run; None where it has ended."""
    if run.status.ended:
        return None
    return EVERY if run.step else SOON


def metrics(run: Run) -> Columns:
    """All losses and accuracies of a run so far."""
    if run.status.ended:
        return data.ended_metrics(run.id)
    return _grown(f"metrics {run.id}", lambda step: data.metrics_after(run.id, step))


def layers(run: Run) -> Columns:
    """All layer statistics of a run so far."""
    if run.status.ended:
        return data.ended_layers(run.id)
    return _grown(f"layers {run.id}", lambda step: data.layers_after(run.id, step))


def heard_of(run: Run) -> bool:
    """Whether a run that is under way gives signs of life: a dispatcher is at work, and the run's
    lease has not passed."""
    held = run.lease_until is None or run.lease_until > datetime.now(UTC)
    return held and data.queue_state().served


def seconds_left(run: Run) -> float | None:
    """How long the run will still take at the speed seen lately in this attempt, at first at that
    since it began; None as long as neither is known."""
    looks = st.session_state.setdefault(f"looks {run.id} {run.attempt}", deque(maxlen=WINDOW))
    now = time.monotonic()
    if not looks and run.attempt == 1 and run.started_at is not None:
        looks.append((now - (datetime.now(UTC) - run.started_at).total_seconds(), 0))
    looks.append((now, run.step))
    return remaining(looks, run.steps)


def remaining(looks: Sequence[tuple[float, int]], steps: int) -> float | None:
    """Seconds until `steps`, from looks (seconds, step), the oldest first.

    The speed is that between looks at which there were new steps, so that a silence does not swell
    the estimate; after a long one, speed is measured anew.
    """
    risen = [looks[0], *(new for old, new in pairwise(looks) if new[1] > old[1])]
    pauses = [new[0] - old[0] for old, new in pairwise(risen)]
    for i in range(len(pauses) - 1, 0, -1):
        if pauses[i] > max(SILENCE, 5 * median(pauses[:i])):
            risen = risen[i + 1 :]
            break
    if len(risen) < 2:
        return None
    (begin, first), (end, last) = risen[0], risen[-1]
    return (steps - last) * (end - begin) / (last - first) if end > begin else None


def _grown(key: str, read: Callable[[int], Columns]) -> Columns:
    """What the session holds, and whatever is newer."""
    held: Columns | None = st.session_state.get(key)
    if held is None or not length(held):
        held = read(-1)
    elif length(new := read(int(held["step"].max()))):
        held = stacked([held, new])
    st.session_state[key] = held
    return held
