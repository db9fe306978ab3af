"""The Gaussian, a radial basis function: active around zero only (Broomhead and Lowe, 1988)."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.layers.activation import Elements, Saturating, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code


def theta(z: Any, scale: float) -> Any:
    return scale * np.exp(-(z * z))


def slope(z: Any, a: Any, scale: float) -> Any:
    return -2.0 * (z * a)


ELEMENTS = elementwise(theta, slope, compiles=False)


class Gaussian(Saturating):
    """Gaussian (RBF): θ(z) = exp(-z²)."""

    kind: Literal["gaussian"] = "gaussian"

    @property
    def largest_slope(self) -> float:
        return 0.8577638849607068 * self.scale  # sqrt(2/e), at z² = 1/2

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, self.scale

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code(f"x = {self.factor}np.exp(-(x**2))")

    def as_onnx(self, site: Site, x: str) -> str:
        minus_square = site.add("Neg", site.add("Mul", x, x))
        return self.stretched(site, site.add("Exp", minus_square))
