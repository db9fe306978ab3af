"""The one-cycle policy (Smith and Topin, "Super-Convergence", 2018), as PyTorch anneals it: up to
the learning rate along a cosine, then down along another to almost nothing."""

from __future__ import annotations

from math import cos, pi
from typing import Literal

from engine.learning_rates.base import LearningRate, Progress
from engine.spec import hyper


class OneCycle(LearningRate):
    """One cycle: from η/25 up to η and down to η/250000, along cosines."""

    kind: Literal["one_cycle"] = "one_cycle"
    rising: float = hyper(0.3, description="Share of the steps that climb.", gt=0, lt=1)
    start_divisor: float = hyper(
        25.0, description="The learning rate over the one at the start.", ge=1, le=1e6
    )
    end_divisor: float = hyper(
        1e4, description="The learning rate at the start over the one at the end.", ge=1, le=1e9
    )

    def factor(self, at: Progress) -> float:
        start = 1 / self.start_divisor
        peak = self.rising * at.steps - 1
        last = at.steps - 1
        if at.step <= peak:
            return _cosine(start, 1.0, at.step / peak if peak > 0 else 1.0)
        end = start / self.end_divisor
        return _cosine(1.0, end, (at.step - peak) / (last - peak) if last > peak else 1.0)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + cos(pi * share)) / 2
