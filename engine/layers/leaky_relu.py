"""The leaky rectifier (Maas, Hannun and Ng, ICML 2013): a little slope below zero, so that no unit
dies."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from engine.initializers import He, Initializer
from engine.layers.activation import Elements, Elementwise, Numbers, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code
from engine.loops import part
from engine.spec import hyper


@part
def theta(z: Any, alpha: float) -> Any:
    return np.maximum(z, alpha * z)  # for 0 ≤ α < 1


@part
def slope(z: Any, a: Any, alpha: float) -> Any:
    return np.where(z > 0.0, 1.0, alpha)


ELEMENTS = elementwise(theta, slope)


class LeakyReLU(Elementwise):
    """Leaky ReLU: θ(z) = max(z, 0) + α min(z, 0)."""

    kind: Literal["leaky_relu"] = "leaky_relu"
    initializer: ClassVar[type[Initializer]] = He
    alpha: float = hyper(
        0.01,
        description="Slope below zero: 0.01 (the paper, PyTorch) or 0.3 (Keras).",
        label="Negative slope",
        symbol="α",
        ge=0,
        lt=1,
    )

    @property
    def numbers(self) -> Numbers:
        return (self.alpha,)

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code(f"x = np.maximum(x, {self.alpha!r} * x)")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("LeakyRelu", x, alpha=self.alpha)
