"""What an activation is: a function θ applied to every element, and its slope θ'."""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import Any

from engine.backend import Array
from engine.layers.base import Arrays, Layer, LayerSpec, Mode, Shape
from engine.spec import hyper
from engine.tape import Tape


class Activation(LayerSpec):
    """An activation function: it leaves shapes as they are."""

    @property
    def largest_slope(self) -> float:
        """The maximum of |θ'|, against which saturation is judged."""
        return 1.0

    def output_shape(self, shape: Shape) -> Shape:
        return shape


class Elementwise(Activation):
    """An activation without parameters, which sees its values as vectors."""

    @abstractmethod
    def theta(self, xp: Any, z: Array, out: Array) -> None:
        """a = θ(z) into `out`."""

    @abstractmethod
    def slope(self, xp: Any, z: Array, a: Array, out: Array) -> None:
        """θ'(z), from z and a = θ(z), into `out`."""

    def pull(self, xp: Any, z: Array, a: Array, dout: Array, out: Array) -> None:
        """dz = dout θ'(z) into `out`."""
        self.slope(xp, z, a, out)
        out *= dout

    def build(self, arrays: Arrays) -> Layer[Any]:
        return ActivationLayer(self, arrays)


class Saturating(Elementwise):
    """An activation that levels off, stretched to a θ(z)."""

    scale: float = hyper(
        1.0, description="Stretches the outputs: a θ(z).", symbol="a", gt=0, le=100
    )


class ActivationLayer(Layer[Elementwise]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.z, self.a = x, self.scratch("a", x.shape)
        self.in_blocks(partial(self.spec.theta, self.xp), _flat(self.z, self.a))
        return self.a

    def backward(self, dout: Array) -> Array:
        dz = self.scratch("dz", dout.shape)
        self.in_blocks(partial(self.spec.pull, self.xp), _flat(self.z, self.a, dout, dz))
        return dz

    def slope(self, tape: Tape) -> Array:
        out = self.scratch("slope", self.z.shape)
        self.in_blocks(partial(self.spec.slope, self.xp), _flat(self.z, self.a, out), tape=tape)
        return out


def _flat(*arrays: Array) -> tuple[Array, ...]:
    return tuple(array.reshape(-1) for array in arrays)
