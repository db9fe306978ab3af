"""Flatten: from feature maps to the vector that a dense layer takes."""

from __future__ import annotations

from math import prod
from typing import Any, Literal

from engine.backend import Array
from engine.layers.base import Layer, LayerPass, LayerSpec, Mode, Shape
from engine.plan import Planner


class Flatten(LayerSpec):
    """Flatten: every sample as one vector, row by row, the channels of a cell side by side."""

    kind: Literal["flatten"] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return FlattenPass(layer, planner)


class FlattenPass(LayerPass[Flatten]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.shape = x.shape
        return x.reshape(len(x), prod(x.shape[1:]))

    def backward(self, dout: Array) -> Array:
        return dout.reshape(self.shape)
