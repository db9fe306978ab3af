"""The Gaussian, a radial basis function: active around zero only (Broomhead and Lowe, 1988)."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.activation import Saturating


class Gaussian(Saturating):
    """Gaussian (RBF): θ(z) = exp(-z²)."""

    kind: Literal["gaussian"] = "gaussian"

    @property
    def largest_slope(self) -> float:
        return 0.8577638849607068 * self.scale  # sqrt(2/e), at z² = 1/2

    def theta(self, xp: Any, z: Array, out: Array) -> None:
        xp.multiply(z, z, out=out)
        xp.negative(out, out=out)
        xp.exp(out, out=out)
        if self.scale != 1:
            out *= self.scale

    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        # -2 z a
        xp.multiply(z, a, out=out)
        out *= -2
