"""What the paths lie on: a textbook's surface, or a slice through the loss of a run."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import RectBivariateSpline

from dashboard.app_pages.optimizers.rates import suggested, textbook_rate
from dashboard.reads import analyses
from dashboard.words.i18n import _
from db.records import CheckpointInfo, Run
from engine.analyses.paths import Path, optimizer_path
from engine.analyses.surfaces import Point, Surface
from engine.errors import DataError
from engine.messages import Message
from engine.optimizers import Optimizer

RUN = "run"
"""What the address calls the slice of a run."""

WINDOW = (-1.0, 1.0, -1.0, 1.0)
START: Point = (-0.6, 0.5)
FIRST_STEP = 0.04
"""How long plain gradient descent's first step on a slice is, as a share of the window."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A surface to draw, and how an optimizer walks on it; `rate` is what plain gradient descent
    begins with on the slice of a run."""

    surface: Surface
    rate: float = 0.0
    axes: tuple[str, str] = ("x", "y")
    run: Run | None = None
    checkpoint: CheckpointInfo | None = None

    def suggestion(self, kind: str) -> float:
        """The rate that an optimizer begins with."""
        if self.run is None:
            return textbook_rate(kind, self.surface.name)
        left, right, _low, _high = self.surface.window
        return suggested(kind, by_gradient=self.rate, width=right - left)

    def path(self, optimizer: Optimizer, *, start: Point, steps: int) -> Path:
        """By the surface's own gradient; on a slice, that of the loss it was taken from."""
        if self.run is None or self.checkpoint is None:
            return optimizer_path(self.surface, optimizer, start=start, steps=steps)
        return analyses.slice_path(
            self.checkpoint, self.run.config, optimizer, start=start, steps=steps
        )


def textbook(surface: Surface) -> Ground:
    """A surface from the textbooks."""
    return Ground(surface)


def slice_of(run: Run, checkpoint: CheckpointInfo) -> Ground:
    """A slice through a run's loss at a checkpoint; raises DataError where it is nowhere finite."""
    places, losses = analyses.slice_losses(checkpoint, run.config)
    finite = losses[np.isfinite(losses)]
    if not finite.size:
        raise DataError(
            Message("The loss is not finite anywhere around this checkpoint; try an earlier one.")
        )
    logarithm = np.log(np.where(np.isfinite(losses), losses, finite.max()) + 1e-12)
    spline = RectBivariateSpline(places, places, logarithm.T)
    surface = Surface(
        name=RUN,
        title="Loss of a run",
        formula="",
        window=WINDOW,
        start=START,
        minima=((0.0, 0.0),),
        f=lambda a, b: np.exp(spline(a, b, grid=False)),
        df=lambda a, b: analyses.slice_gradient(checkpoint, run.config, (a, b)),
    )
    steepness = math.hypot(*surface.gradient(*START))
    rate = FIRST_STEP * 2 / steepness if math.isfinite(steepness) and steepness else 0.1
    axes = (_("a, along direction 1"), _("b, along direction 2"))
    return Ground(surface, min(max(float(f"{rate:.1g}"), 1e-6), 1000.0), axes, run, checkpoint)
