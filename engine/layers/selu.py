"""The scaled exponential linear unit (Klambauer, Unterthiner, Mayr and Hochreiter,
"Self-Normalizing Neural Networks", NIPS 2017): scaled so that mean zero and variance one are a
fixed point of a layer with LeCun initialization."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from engine.initializers import Initializer, LeCun
from engine.layers import elu
from engine.layers.activation import Elements, Elementwise, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code

ALPHA = 1.6732632423543772848170429916717
LAMBDA = 1.0507009873554804934193349852946


def theta(z: Any) -> Any:
    return LAMBDA * elu.theta(z, ALPHA)


def slope(z: Any, a: Any) -> Any:
    return LAMBDA * elu.slope(z, a / LAMBDA, ALPHA)


ELEMENTS = elementwise(theta, slope, compiles=False)


class SELU(Elementwise):
    """SELU: θ(z) = λ z above zero, λ α (exp(z) - 1) below."""

    kind: Literal["selu"] = "selu"
    initializer: ClassVar[type[Initializer]] = LeCun

    @property
    def largest_slope(self) -> float:
        return LAMBDA * ALPHA

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code(f"x = {LAMBDA!r} * np.where(x > 0, x, {ALPHA!r} * np.expm1(np.minimum(x, 0)))")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("Selu", x)
