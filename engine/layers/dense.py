"""Dense (fully connected) layer: every unit sees every input."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

import numpy as np

from engine import blocks
from engine.backend import Array
from engine.initializers import He, InitializerSpec
from engine.layers.base import Arrays, Draw, Layer, Mode, Shape
from engine.layers.trainable import Trainable
from engine.spec import hyper

PART = 2**25
"""Multiplications worth a thread's while: about half a millisecond."""


class Dense(Trainable):
    """Dense: z = x W + b."""

    kind: Literal["dense"] = "dense"
    weight: ClassVar[str | None] = "W"
    draws: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("units",)

    units: int = hyper(100, description="Number of units (outputs).", ge=1, le=100_000)
    init: InitializerSpec = hyper(
        He(), label="Initialization", description="Initialization of the weights W."
    )
    bias: bool = hyper(
        True,
        description="Whether b is learned; redundant before Batch Normalization, which has β.",
        symbol="b",
    )

    def output_shape(self, shape: Shape) -> Shape:
        if len(shape) != 1:
            raise ValueError(f"needs flat samples; got samples of shape {shape}")
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        weights: dict[str, Shape] = {"W": (shape[0], self.units)}
        return weights | ({"b": (self.units,)} if self.bias else {})

    def initial(self, shape: Shape, draw: Draw) -> dict[str, Any]:
        fan_in, fan_out = shape[0], self.units
        weights = self.init.weights(draw((fan_in, fan_out)), fan_in, fan_out)
        return {"W": weights} | ({"b": 0.0} if self.bias else {})

    def build(self, arrays: Arrays) -> Layer[Dense]:
        return DenseLayer(self, arrays)


class DenseLayer(Layer[Dense]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.x, W = x, self.parameters["W"]  # (N, D), (D, M)
        z = self.scratch("z", (len(x), self.spec.units))

        def multiply(i: slice) -> None:
            zi = self.xp.matmul(x[i], W, out=z[i])  # (N, M)
            if self.spec.bias:
                zi += self.parameters["b"]

        self._each_part(multiply, len(x))
        return z

    def backward(self, dout: Array) -> Array | None:
        xp, x, W, dW = self.xp, self.x, self.parameters["W"], self.gradients["W"]
        self._each_part(lambda i: xp.matmul(x.T[i], dout, out=dW[i]), len(dW))  # (D, M)
        if self.spec.bias:
            xp.matmul(self.summing(len(x)), dout, out=self.gradients["b"])  # (M,)
        if not self.needs_dx:
            return None
        dx = self.scratch("dx", x.shape)
        self._each_part(lambda i: xp.matmul(dout[i], W.T, out=dx[i]), len(x))  # (N, D)
        return dx

    def _each_part(self, multiply: Callable[[slice], object], rows: int) -> None:
        """A product in parts of some rows, where it is so large that threads pay."""
        multiplications = len(self.x) * self.parameters["W"].size
        if self.xp is not np or multiplications <= PART:
            multiply(slice(None))
        else:
            parts = blocks.cut(np, rows, multiplications // rows, most=PART)
            blocks.each(np, multiply, parts)
