"""What an activation is: a function θ applied to every element, and its slope θ'.

Both stand side by side in the activation's file, θ as a function of z and θ' of z and a = θ(z), as
a page of a textbook has them. `elementwise` makes of them the loops that a layer works with.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from engine.backend import Array
from engine.initializers import Initializer, Xavier
from engine.layers.base import Layer, LayerPass, LayerSpec, Mode, Shape
from engine.layers.written import Site
from engine.loops import Loop, elements
from engine.plan import Planner
from engine.spec import hyper

Numbers = tuple[float, ...]
"""The hyperparameters that θ and θ' are given, in their order."""


class Activation(LayerSpec):
    """An activation function: it leaves shapes as they are."""

    initializer: ClassVar[type[Initializer]] = Xavier
    """The initialization that was made for it: a signal keeps its strength from layer to layer."""

    @property
    def largest_slope(self) -> float:
        """The maximum of |θ'|, against which saturation is judged."""
        return 1.0

    def output_shape(self, shape: Shape) -> Shape:
        return shape


@dataclass(frozen=True)
class Elements:
    """An activation's loops over vectors of elements: `theta(a, z, numbers)` leaves a = θ(z),
    `slope(s, z, a, numbers)` s = θ'(z), and `pull(dz, z, a, dout, numbers)` dz = dout θ'(z)."""

    theta: Loop
    slope: Loop
    pull: Loop


def elementwise(
    theta: Callable[..., Any], slope: Callable[..., Any], *, compiles: bool = True
) -> Elements:
    """The loops of θ(z, ...) and θ'(z, a, ...), of which compiled loops need both to be a `part`.

    Without `compiles` they stay whole arrays everywhere: NumPy has exp and its kin for several
    values at once, and a compiled loop takes up to ten times as long for one after another.
    """

    def theta_loop(a: Array, z: Array, numbers: Numbers) -> None:
        for i in elements(a):
            a[i] = theta(z[i], *numbers)

    def slope_loop(s: Array, z: Array, a: Array, numbers: Numbers) -> None:
        for i in elements(s):
            s[i] = slope(z[i], a[i], *numbers)

    def pull_loop(dz: Array, z: Array, a: Array, dout: Array, numbers: Numbers) -> None:
        for i in elements(dz):
            dz[i] = slope(z[i], a[i], *numbers)
            dz[i] *= dout[i]

    return Elements(
        *(Loop(each, compiles=compiles) for each in (theta_loop, slope_loop, pull_loop))
    )


class Elementwise(Activation):
    """An activation without parameters, which sees its values as vectors."""

    @property
    @abstractmethod
    def elements(self) -> Elements:
        """θ and θ'."""

    @property
    def numbers(self) -> Numbers:
        return ()

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return ActivationPass(layer, planner)


class Saturating(Elementwise):
    """An activation that levels off, stretched to a θ(z)."""

    scale: float = hyper(
        1.0, description="Stretches the outputs: a θ(z).", symbol="a", gt=0, le=100
    )

    @property
    def numbers(self) -> Numbers:
        return (self.scale,)

    @property
    @abstractmethod
    def bounds(self) -> tuple[float, float]:
        """Between which values all outputs lie."""

    @property
    def factor(self) -> str:
        """`a * ` before θ in an exported script, where a is not one."""
        return "" if self.scale == 1 else f"{self.scale!r} * "

    def stretched(self, site: Site, a: str) -> str:
        """A value of an exported graph times a, where that is not one."""
        return a if self.scale == 1 else site.add("Mul", a, site.constant("scale", self.scale))


class ActivationPass(LayerPass[Elementwise]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.z, self.a = x, self.scratch("a", x.shape)
        self._in_blocks(self.spec.elements.theta, self.a, self.z)
        return self.a

    def backward(self, dout: Array) -> Array:
        dz = self.scratch("dz", dout.shape)
        self._in_blocks(self.spec.elements.pull, dz, self.z, self.a, dout)
        return dz

    def slope(self) -> Array:
        s = self.scratch("slope", self.z.shape)
        self._in_blocks(self.spec.elements.slope, s, self.z, self.a)
        return s

    def _in_blocks(self, loop: Loop, *arrays: Array) -> None:
        vectors = tuple(array.reshape(-1) for array in arrays)
        self.in_blocks(loop, vectors, self.spec.numbers)
