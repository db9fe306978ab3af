"""Cosine annealing (Loshchilov and Hutter, "SGDR: Stochastic Gradient Descent with Warm Restarts",
ICLR 2017, equation 5), one period without a restart."""

from __future__ import annotations

from math import cos, pi
from typing import Literal

from engine.learning_rates.base import LearningRate, Progress
from engine.spec import hyper


class CosineDecay(LearningRate):
    """Cosine decay: η (f + (1 - f)(1 + cos(π t/T)) / 2)."""

    kind: Literal["cosine"] = "cosine"
    final: float = hyper(
        0.0, description="Share of the learning rate left at the end.", symbol="f", ge=0, le=1
    )

    def factor(self, at: Progress) -> float:
        return self.final + (1 - self.final) * (1 + cos(pi * at.step / at.steps)) / 2
