"""Dense (fully connected) layer: every unit sees every input."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from engine import blocks
from engine.backend import Array
from engine.errors import Need, RuleError
from engine.initializers import He, InitializerSpec
from engine.layers.base import Draw, Layer, LayerPass, Mode, Shape
from engine.layers.trainable import Trainable
from engine.layers.written import Code, Site, code
from engine.loops import columns, loop, rows
from engine.messages import Message
from engine.plan import Planner
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
            raise RuleError(
                Message("needs flat samples; got samples of shape {shape}", shape=str(shape)),
                need=Need.FLAT_SAMPLES,
            )
        return (self.units,)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        weights: dict[str, Shape] = {"W": (shape[0], self.units)}
        return weights | ({"b": (self.units,)} if self.bias else {})

    def initial(self, shape: Shape, draw: Draw) -> dict[str, Any]:
        fan_in, fan_out = shape[0], self.units
        weights = self.init.weights(draw((fan_in, fan_out)), fan_in, fan_out)
        return {"W": weights} | ({"b": 0.0} if self.bias else {})

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return DensePass(layer, planner)

    def as_numpy(self, name: str, shape: Shape) -> Code:
        bias = f" + {name}_b" if self.bias else ""
        return code(f"x = x @ {name}_W{bias}")

    def as_onnx(self, site: Site, x: str) -> str:
        b = [site.weight("b")] if self.bias else []
        return site.add("Gemm", x, site.weight("W"), *b)


class DensePass(LayerPass[Dense]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.x = x  # (N, D)
        z = self.scratch("z", (len(x), self.spec.units))
        self._multiply(x, self.parameters["W"], z)  # (N, M)
        if self.spec.bias:
            self.do(_add, z, self.parameters["b"])
        return z

    def backward(self, dout: Array) -> Array | None:
        self._multiply(self.x.T, dout, self.gradients["W"])  # (D, M)
        if self.spec.bias:
            self.do(
                _product, self.xp, self.layer.ones(len(dout)), dout, self.gradients["b"]
            )  # (M,)
        if not self.needs_dx:
            return None
        dx = self.scratch("dx", self.x.shape)
        self._multiply(dout, self.parameters["W"].T, dx)  # (N, D)
        return dx

    def _multiply(self, a: Array, b: Array, out: Array) -> None:
        """A product, in parts of some rows where it is so large that threads pay."""
        multiplications = a.size * b.shape[1]
        if self.xp is not np or multiplications <= PART:
            self.do(_product, self.xp, a, b, out)
        else:
            parts = blocks.cut(np, len(a), multiplications // len(a), most=PART)
            self.do(blocks.each, np, lambda i: _product(np, a[i], b, out[i]), parts)


def _product(xp: Any, a: Array, b: Array, out: Array) -> None:
    xp.matmul(a, b, out=out)


@loop
def _add(z: Array, b: Array) -> None:
    for i in rows(z):
        for j in columns(z):
            z[i, j] += b[j]
