"""The parametric rectifier (He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015): the
slope below zero is learned, one per channel."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.initializers import He, Initializer
from engine.layers.activation import Activation
from engine.layers.base import Draw, Layer, LayerPass, Mode, Shape
from engine.layers.trainable import Trainable
from engine.layers.written import Code, Site, code
from engine.loops import columns, down, elements, exact_loop, rows
from engine.plan import Planner
from engine.spec import hyper


class PReLU(Activation, Trainable):
    """PReLU: θ(z) = max(z, 0) + α min(z, 0), α learned."""

    kind: Literal["prelu"] = "prelu"
    weight: ClassVar[str | None] = "alpha"
    initializer: ClassVar[type[Initializer]] = He

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

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return PReLUPass(layer, planner)

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code(f"x = np.maximum(x, 0) + {name}_alpha * np.minimum(x, 0)")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("PRelu", x, site.weight("alpha"))


class PReLUPass(LayerPass[PReLU]):
    """`alpha` is that of the pass: when the slope is recorded, the step has moved the parameter."""

    def forward(self, x: Array, mode: Mode) -> Array:
        self.z, a = self._flat(x), self.scratch("a", x.shape)
        self.alpha = self.scratch("alpha", self.parameters["alpha"].shape)
        self.do(self.xp.copyto, self.alpha, self.parameters["alpha"])
        self.do(_theta, self._flat(a), self.z, self.alpha)
        return a

    def backward(self, dout: Array) -> Array:
        dz = self.scratch("dz", dout.shape)
        dalpha = self.gradients["alpha"]
        self.do(_pull, self._flat(dz), dalpha, self.z, self._flat(dout), self.alpha)
        return dz

    def slope(self) -> Array:
        s = self.scratch("slope", self.z.shape)
        self.do(_slope, s, self.z, self.alpha)
        return s

    def _flat(self, x: Array) -> Array:
        return x.reshape(-1, x.shape[-1])  # (m, C)


@exact_loop
def _theta(a: Array, z: Array, alpha: Array) -> None:
    for i in rows(a):
        for j in columns(a):
            a[i, j] = np.maximum(z[i, j], 0.0) + alpha[j] * np.minimum(z[i, j], 0.0)


@exact_loop
def _slope(s: Array, z: Array, alpha: Array) -> None:
    for i in rows(s):
        for j in columns(s):
            s[i, j] = np.where(z[i, j] > 0.0, 1.0, alpha[j])


@exact_loop
def _pull(dz: Array, dalpha: Array, z: Array, dout: Array, alpha: Array) -> None:
    """dz = dout θ'(z), and dα = Σ dout min(z, 0)."""
    for j in elements(alpha):
        dalpha[j] = 0.0
    for i in rows(dz):
        for j in columns(dz):
            dz[i, j] = dout[i, j] * np.where(z[i, j] > 0.0, 1.0, alpha[j])
            dalpha[j] += down(dout[i, j] * np.minimum(z[i, j], 0.0))
