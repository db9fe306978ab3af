"""The logistic sigmoid, whose slope never exceeds 1/4: deep stacks of it lose their gradient."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Saturating


class Sigmoid(Saturating):
    """Sigmoid: θ(z) = 1 / (1 + exp(-z))."""

    kind: Literal["sigmoid"] = "sigmoid"

    @property
    def largest_slope(self) -> float:
        return 0.25 * self.scale

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        xp.negative(z, out=out)
        xp.exp(out, out=out)
        out += 1
        xp.divide(self.scale, out, out=out)

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        # a (1 - a/scale)
        xp.multiply(a, -1 / self.scale, out=out)
        out += 1
        out *= a
