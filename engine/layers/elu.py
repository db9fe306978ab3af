"""The exponential linear unit (Clevert, Unterthiner and Hochreiter, ICLR 2016)."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from engine.initializers import He, Initializer
from engine.layers.activation import Elements, Elementwise, Numbers, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code
from engine.spec import hyper


def theta(z: Any, alpha: float) -> Any:
    return alpha * np.expm1(np.minimum(z, 0.0)) + np.maximum(z, 0.0)


def slope(z: Any, a: Any, alpha: float) -> Any:
    return np.where(z > 0.0, 1.0, a + alpha)  # α exp(z) = a + α


ELEMENTS = elementwise(theta, slope, compiles=False)


class ELU(Elementwise):
    """ELU: θ(z) = z above zero, α (exp(z) - 1) below."""

    kind: Literal["elu"] = "elu"
    initializer: ClassVar[type[Initializer]] = He
    alpha: float = hyper(
        1.0, description="Where it levels off: -α.", label="Lower limit", symbol="α", gt=0, le=10
    )

    @property
    def largest_slope(self) -> float:
        return max(1.0, self.alpha)

    @property
    def numbers(self) -> Numbers:
        return (self.alpha,)

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code(f"x = np.where(x > 0, x, {self.alpha!r} * np.expm1(np.minimum(x, 0)))")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("Elu", x, alpha=self.alpha)
