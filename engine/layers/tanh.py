"""The hyperbolic tangent: a sigmoid centred on zero with slope one there."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Saturating


class Tanh(Saturating):
    """Tanh: θ(z) = tanh(z)."""

    kind: Literal["tanh"] = "tanh"

    @property
    def largest_slope(self) -> float:
        return self.scale

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        xp.tanh(z, out=out)
        if self.scale != 1:
            out *= self.scale

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        # scale - a²/scale
        xp.multiply(a, a, out=out)
        out *= -1 / self.scale
        out += self.scale
