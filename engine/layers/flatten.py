"""Flatten: from feature maps to the vector that a dense layer takes."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

from engine.backend import Array
from engine.layers.base import Layer, LayerPass, LayerSpec, Mode, Shape
from engine.layers.written import Code, Site, code
from engine.plan import Planner


class Flatten(LayerSpec):
    """Flatten: every sample as one vector, row by row, the channels of a cell side by side."""

    kind: Literal["flatten"] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return FlattenPass(layer, planner)

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code("x = x.reshape(len(x), -1)")

    def as_onnx(self, site: Site, x: str) -> str:
        return site.add("Flatten", x, axis=1)


class FlattenPass(LayerPass[Flatten]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.shape = x.shape
        return x.reshape(len(x), prod(x.shape[1:]))

    def backward(self, dout: Array) -> Array:
        return dout.reshape(self.shape)
