"""The hyperbolic tangent: a sigmoid centred on zero with slope one there."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.layers.activation import Elements, Saturating, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code


def theta(z: Any, scale: float) -> Any:
    return scale * np.tanh(z)


def slope(z: Any, a: Any, scale: float) -> Any:
    return scale - a * a * (1.0 / scale)


ELEMENTS = elementwise(theta, slope, compiles=False)


class Tanh(Saturating):
    """Tanh: θ(z) = tanh(z)."""

    kind: Literal["tanh"] = "tanh"

    @property
    def largest_slope(self) -> float:
        return self.scale

    @property
    def bounds(self) -> tuple[float, float]:
        return -self.scale, self.scale

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code(f"x = {self.factor}np.tanh(x)")

    def as_onnx(self, site: Site, x: str) -> str:
        return self.stretched(site, site.add("Tanh", x))
