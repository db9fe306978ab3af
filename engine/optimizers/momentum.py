"""Gradient descent with momentum (Polyak, 1964).

Traditions differ in where the learning rate stands. The textbooks and Keras scale the gradient as
it enters the velocity, v ← μ v - η g; PyTorch scales the velocity as it moves the weights,
v ← μ v + g and w ← w - η v. At a constant learning rate both take the same steps; when it changes,
the first remembers the old one for a while, the second changes at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

from engine.backend import Array
from engine.loops import elements, loop
from engine.optimizers.base import Optimizer
from engine.spec import hyper


@loop
def _momentum(w: Array, g: Array, v: Array, mu: float, into_v: float, of_v: float) -> None:
    for i in elements(w):
        v[i] = mu * v[i] + into_v * g[i]
        w[i] += of_v * v[i]


class Velocity(Optimizer):
    """What Momentum and Nesterov share: a velocity v."""

    slots: ClassVar[tuple[str, ...]] = ("v",)

    momentum: float = hyper(
        0.9, description="Share of the velocity that is kept.", symbol="μ", ge=0, lt=1
    )
    velocity: Literal["scaled", "raw"] = hyper(
        "scaled",
        description="Whether the velocity holds η g (Keras, textbooks) or g alone (PyTorch).",
    )

    def shares(self, eta: float) -> tuple[float, float]:
        """How much of g enters v, and of v the weights."""
        return (-eta, 1.0) if self.velocity == "scaled" else (1.0, -eta)


class Momentum(Velocity):
    """Momentum: v ← μ v - η g; w ← w + v."""

    kind: Literal["momentum"] = "momentum"

    def update(self, w: Array, g: Array, slots: Mapping[str, Array], *, t: int, eta: float) -> None:
        into_v, of_v = self.shares(eta)
        _momentum(w, g, slots["v"], self.momentum, into_v, of_v)
