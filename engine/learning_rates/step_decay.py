"""Steps down: the learning rate falls by a factor every so many epochs."""

from __future__ import annotations

from typing import Literal

from engine.learning_rates.base import LearningRate, Progress
from engine.spec import hyper


class StepDecay(LearningRate):
    """Step decay: η γ^⌊epoch / every⌋."""

    kind: Literal["step"] = "step"
    gamma: float = hyper(
        0.1, description="Factor at each step down.", label="factor", symbol="γ", gt=0, le=1
    )
    every: int = hyper(
        10, description="Epochs between two steps down.", unit="epochs", ge=1, le=100_000
    )

    def factor(self, at: Progress) -> float:
        return float(self.gamma ** (int(at.epochs) // self.every))
