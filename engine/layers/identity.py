"""No activation: a stack of linear layers stays linear, however deep."""

from __future__ import annotations

from typing import Any, Literal

from engine.layers.activation import Elements, Elementwise, elementwise
from engine.layers.base import Shape
from engine.layers.written import Code, Site, code
from engine.loops import part


@part
def theta(z: Any) -> Any:
    return z


@part
def slope(z: Any, a: Any) -> Any:
    return 1.0


ELEMENTS = elementwise(theta, slope)


class Identity(Elementwise):
    """Identity: θ(z) = z."""

    kind: Literal["identity"] = "identity"

    @property
    def elements(self) -> Elements:
        return ELEMENTS

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code()

    def as_onnx(self, site: Site, x: str) -> str:
        return x
