"""The rectified linear unit (Nair and Hinton, ICML 2010): no saturation above zero, zero below."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from engine.initializers import He, Initializer
from engine.layers.activation import Elements, Elementwise, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code
from engine.loops import part


@part
def theta(z: Any) -> Any:
    return np.maximum(z, 0.0)


@part
def slope(z: Any, a: Any) -> Any:
    return z > 0.0


ELEMENTS = elementwise(theta, slope)


class ReLU(Elementwise):
    """ReLU: θ(z) = max(z, 0)."""

    kind: Literal["relu"] = "relu"
    initializer: ClassVar[type[Initializer]] = He

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code("x = np.maximum(x, 0)")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("Relu", x)
