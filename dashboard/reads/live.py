"""A run's history as this session knows it.

What has ended is read once for everybody. What is under way grows in the session: each look asks
only for what came after the last one.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.reads import store as data
from dashboard.reads.columns import Columns, length, stacked
from db.records import Run

EVERY = 2.0
"""Seconds between two looks at a run that is under way."""

SOON = 0.5
"""Seconds between two looks at one that has recorded nothing yet: somebody waits for it."""

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


def seconds_left(run: Run) -> float | None:
    """How long the run will still take at the speed seen lately; None until two looks differ."""
    looks = st.session_state.setdefault(f"looks {run.id}", deque(maxlen=WINDOW))
    looks.append((time.monotonic(), run.step))
    return remaining(looks, run.steps)


def remaining(looks: Sequence[tuple[float, int]], steps: int) -> float | None:
    """Seconds until `steps`, from looks (seconds, step), the oldest first."""
    (begin, first), (end, last) = looks[0], looks[-1]
    if last <= first or end <= begin:
        return None
    return (steps - last) * (end - begin) / (last - first)


def _grown(key: str, read: Callable[[int], Columns]) -> Columns:
    """What the session holds, and whatever is newer."""
    held: Columns | None = st.session_state.get(key)
    if held is None or not length(held):
        held = read(-1)
    elif length(new := read(int(held["step"].max()))):
        held = stacked([held, new])
    st.session_state[key] = held
    return held
