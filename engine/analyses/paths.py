"""The path an optimizer takes over two parameters, by the very equations that train networks."""

from __future__ import annotations

from collections.abc import Mapping
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
    """Points (T + 1, 2), the start first, and the values there (T + 1,); of the steps between them
    the gradients (T, 2) and what the optimizer remembered after each, by the letter of its slot
    (T, 2). A path that diverges ends at its last point within reach."""

    points: NDArray[np.float64]
    values: NDArray[np.float64]
    diverged: bool
    gradients: NDArray[np.float64]
    memory: Mapping[str, NDArray[np.float64]]

    @property
    def steps(self) -> NDArray[np.float64]:
        """How far each step went along each parameter (T, 2)."""
        steps: NDArray[np.float64] = np.diff(self.points, axis=0)
        return steps

    @property
    def effective_rates(self) -> NDArray[np.float64]:
        """Each step's length as a multiple of the gradient, |Δw| / |g| (T, 2): what the learning
        rate comes to for each parameter. NaN where the gradient is 0."""
        with np.errstate(divide="ignore", invalid="ignore"):
            rates: NDArray[np.float64] = np.abs(self.steps / self.gradients)
        return np.where(self.gradients == 0, np.nan, rates)


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
    points, values, gradients = [w.copy()], [landscape.value(*start)], []
    memory: dict[str, list[NDArray[np.float64]]] = {name: [] for name in slots}
    diverged = False
    for done in range(steps):
        g = np.array(landscape.gradient(float(w[0]), float(w[1])))
        gradients.append(g.copy())
        eta = optimizer.lr * schedule.factor(Progress(done, steps, steps_per_epoch=1))
        optimizer.update(w, g, slots, t=done + 1, eta=eta)
        diverged = not (np.abs(w) < FAR).all()  # NaN, too
        if diverged:
            gradients.pop()
            break
        points.append(w.copy())
        values.append(landscape.value(float(w[0]), float(w[1])))
        for name, slot in slots.items():
            memory[name].append(slot.copy())
    return Path(
        np.array(points),
        np.array(values),
        diverged,
        np.array(gradients).reshape(-1, 2),
        {name: np.array(held).reshape(-1, 2) for name, held in memory.items()},
    )
