"""Softplus (Dugas et al., NIPS 2000): a smooth rectifier whose slope is the logistic sigmoid."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from engine.initializers import He, Initializer
from engine.layers.activation import Elements, Elementwise, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code


def theta(z: Any) -> Any:
    return np.log1p(np.exp(-np.abs(z))) + np.maximum(z, 0.0)  # so that nothing overflows


def slope(z: Any, a: Any) -> Any:
    return -np.expm1(-a)  # 1 - exp(-a)


ELEMENTS = elementwise(theta, slope, compiles=False)


class Softplus(Elementwise):
    """Softplus: θ(z) = log(1 + exp(z))."""

    kind: Literal["softplus"] = "softplus"
    initializer: ClassVar[type[Initializer]] = He

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code("x = np.logaddexp(x, 0)")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("Softplus", x)
