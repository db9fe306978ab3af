"""The learning rate as it is."""

from __future__ import annotations

from typing import Literal

from engine.learning_rates.base import LearningRate, Progress


class ConstantRate(LearningRate):
    """Constant: η."""

    kind: Literal["constant"] = "constant"

    def factor(self, at: Progress) -> float:
        return 1.0
