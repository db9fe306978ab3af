"""The logistic sigmoid, whose slope never exceeds 1/4: deep stacks of it lose their gradient."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.layers.activation import Elements, Saturating, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code


def theta(z: Any, scale: float) -> Any:
    return scale / (1.0 + np.exp(-z))


def slope(z: Any, a: Any, scale: float) -> Any:
    return a * (1.0 - a * (1.0 / scale))


ELEMENTS = elementwise(theta, slope, compiles=False)


class Sigmoid(Saturating):
    """Sigmoid: θ(z) = 1 / (1 + exp(-z))."""

    kind: Literal["sigmoid"] = "sigmoid"

    @property
    def largest_slope(self) -> float:
        return 0.25 * self.scale

    @property
    def bounds(self) -> tuple[float, float]:
        return 0.0, self.scale

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code(f"x = {self.scale!r} / (1 + np.exp(-x))")

    def as_onnx(self, site: Site, x: str) -> str:
        return self.stretched(site, site.add("Sigmoid", x))
