"""The logistic sigmoid, whose slope never exceeds 1/4: deep stacks of it lose their gradient."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.layers.activation import Activation


class Sigmoid(Activation):
    """Sigmoid: θ(z) = 1 / (1 + exp(-z))."""

    kind: Literal["sigmoid"] = "sigmoid"
    largest_slope: ClassVar[float] = 0.25

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        xp.negative(z, out=out)
        xp.exp(out, out=out)
        out += 1
        xp.reciprocal(out, out=out)

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        # a (1 - a)
        xp.subtract(1, a, out=out)
        out *= a
