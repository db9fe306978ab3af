"""Xavier (Glorot) initialization.

Var(W) = 1/fan keeps the variance of a linear layer's signal. Forward that asks for the fan-in,
backward for the fan-out; Glorot and Bengio, "Understanding the difficulty of training deep
feedforward neural networks" (AISTATS 2010), take their average: 2/(fan_in + fan_out). Textbooks,
*Deep Learning from Scratch* among them, keep the fan-in alone: std = 1/sqrt(n).
"""

from __future__ import annotations

from typing import Literal

from engine.initializers.base import Fan, VarianceScaling
from engine.spec import hyper


class Xavier(VarianceScaling):
    """Xavier (Glorot): Var(W) = 1/fan, for tanh and sigmoid."""

    kind: Literal["xavier"] = "xavier"
    fan: Fan = hyper(
        "average",
        description="`average` is Glorot's 2/(fan_in + fan_out); `in` the textbook's 1/sqrt(n).",
    )

    @property
    def gain(self) -> float:
        return 1.0
