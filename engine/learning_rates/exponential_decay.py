"""Exponential decay: the learning rate falls by the same factor every epoch."""

from __future__ import annotations

from typing import Literal

from engine.learning_rates.base import LearningRate, Progress
from engine.spec import hyper


class ExponentialDecay(LearningRate):
    """Exponential decay: η γ^epoch."""

    kind: Literal["exponential"] = "exponential"
    gamma: float = hyper(
        0.95, description="Factor an epoch.", label="factor", symbol="γ", gt=0, le=1
    )
    staircase: bool = hyper(
        False,
        description="Whether it falls at the end of each epoch (PyTorch) or with every step"
        " (Keras).",
    )

    def factor(self, at: Progress) -> float:
        return float(self.gamma ** (int(at.epochs) if self.staircase else at.epochs))
