"""The path an optimizer takes over two parameters, by the very equations that train networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analyses.surfaces import Landscape, Point
from engine.learning_rates import ConstantRate, LearningRate, Progress
from engine.optimizers import Optimizer

FAR = 1e6
"""A path that comes this far from the origin has diverged."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Points (T + 1, 2), the start first, and the values there (T + 1,). A path that diverges ends
    at its last point within reach."""

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    diverged: bool


@np.errstate(all="ignore")
def optimizer_path(
    landscape: Landscape,
    optimizer: Optimizer,
    *,
    start: Point,
    steps: int,
    learning_rate: LearningRate | None = None,
) -> Path:
    """Where an optimizer goes from `start` in so many steps, in float64; `learning_rate` is the
    schedule, constant where None; a step sees the whole surface, so it counts as an epoch."""
    schedule = learning_rate or ConstantRate()
    w = np.array(start, np.float64)
    slots = {name: np.full(2, optimizer.start(name)) for name in optimizer.slots}
    points, values = [w.copy()], [landscape.value(*start)]
    for done in range(steps):
        g = np.array(landscape.gradient(float(w[0]), float(w[1])))
        eta = optimizer.lr * schedule.factor(Progress(done, steps, steps_per_epoch=1))
        optimizer.update(w, g, slots, t=done + 1, eta=eta)
        if not (np.abs(w) < FAR).all():  # NaN, too
            return Path(np.array(points), np.array(values), diverged=True)
        points.append(w.copy())
        values.append(landscape.value(float(w[0]), float(w[1])))
    return Path(np.array(points), np.array(values), diverged=False)
