"""Gradient descent with momentum (Polyak, 1964), as the textbooks and Keras write it.

PyTorch keeps the learning rate outside the velocity, v ← μ v + g and w ← w - η v; at a constant
learning rate both take the same steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.optimizers.base import Optimizer
from engine.spec import hyper


class Momentum(Optimizer):
    """Momentum: v ← μ v - η g; w ← w + v."""

    kind: Literal["momentum"] = "momentum"
    slots: ClassVar[tuple[str, ...]] = ("v",)

    momentum: float = hyper(
        0.9, description="Share of the velocity that is kept.", symbol="μ", ge=0, lt=1
    )

    def update(
        self, xp: Any, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float
    ) -> None:
        v = slots["v"]
        v *= self.momentum
        v -= eta * g
        w += v
