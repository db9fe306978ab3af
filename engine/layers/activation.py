"""What an activation is: a function θ applied to every element, and its slope θ'."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from engine.backend import Array
from engine.layers.base import Arrays, Layer, LayerSpec, Mode, Shape


class Activation(LayerSpec):
    """An activation function."""

    largest_slope: ClassVar[float] = 1.0
    """The maximum of |θ'|, against which saturation is judged."""

    @abstractmethod
    def theta(self, xp: Any, z: Array, out: Array) -> None:
        """a = θ(z) into `out`."""

    @abstractmethod
    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        """θ'(z), from z and a = θ(z), into `out`."""

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def build(self, arrays: Arrays) -> Layer[Activation]:
        return ActivationLayer(self, arrays)


class ActivationLayer(Layer[Activation]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.z = x
        self.a = self.scratch("a", x.shape)
        self.spec.theta(self.xp, x, out=self.a)
        return self.a

    def backward(self, dout: Array) -> Array:
        dz = self.scratch("dz", dout.shape)
        self.spec.slope(self.xp, self.z, self.a, out=dz)
        dz *= dout
        return dz

    def slope(self) -> Array:
        out = self.scratch("slope", self.z.shape)
        self.spec.slope(self.xp, self.z, self.a, out=out)
        return out
