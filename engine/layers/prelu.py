"""The parametric rectifier (He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015): the
slope below zero is learned, one a channel."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from engine.backend import Array
from engine.layers.activation import Activation
from engine.layers.base import Arrays, Draw, Layer, Mode, Shape
from engine.layers.trainable import Trainable
from engine.spec import hyper
from engine.tape import Tape


class PReLU(Activation, Trainable):
    """PReLU: θ(z) = max(z, 0) + α min(z, 0), α learned."""

    kind: Literal["prelu"] = "prelu"
    weight: ClassVar[str | None] = "alpha"

    initial_alpha: float = hyper(
        0.25,
        label="Initial negative slope",
        description="Slope below zero before the first step: 0.25 (the paper, PyTorch) or 0"
        " (Keras).",
        symbol="α",
        ge=-1,
        le=1,
    )

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        return {"alpha": shape[-1:]}

    def initial(self, shape: Shape, draw: Draw) -> dict[str, Any]:
        return {"alpha": self.initial_alpha}

    def build(self, arrays: Arrays) -> Layer[Any]:
        return PReLULayer(self, arrays)


class PReLULayer(Layer[PReLU]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.z, a = x, self.scratch("a", x.shape)  # (N, ..., C)
        self.do(self._bend, x, a)
        return a

    def _bend(self, z: Array, a: Array) -> None:
        a[...] = self.xp.maximum(z, 0) + self.parameters["alpha"] * self.xp.minimum(z, 0)

    def backward(self, dout: Array) -> Array:
        dz = self.scratch("dz", dout.shape)
        self.do(self._pull, dout, dz)
        return dz

    def _pull(self, dout: Array, dz: Array) -> None:
        dalpha = dout * self.xp.minimum(self.z, 0)
        self.gradients["alpha"][...] = dalpha.reshape(-1, dalpha.shape[-1]).sum(axis=0)  # (C,)
        self._step(self.z, dz)
        dz *= dout

    def slope(self, tape: Tape) -> Array:
        out = self.scratch("slope", self.z.shape)
        tape.do(self._step, self.z, out)
        return out

    def _step(self, z: Array, slope: Array) -> None:
        slope[...] = self.xp.where(z > 0, self.dtype.type(1), self.parameters["alpha"])
