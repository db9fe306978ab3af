"""Flatten: from feature maps to the vector that a dense layer takes."""

from __future__ import annotations

from math import prod
from typing import Literal

from engine.backend import Array
from engine.layers.base import Arrays, Layer, LayerSpec, Mode, Shape


class Flatten(LayerSpec):
    """Flatten: every sample as one vector, row by row, the channels of a cell side by side."""

    kind: Literal["flatten"] = "flatten"

    def output_shape(self, shape: Shape) -> Shape:
        return (prod(shape),)

    def build(self, arrays: Arrays) -> Layer[Flatten]:
        return FlattenLayer(self, arrays)


class FlattenLayer(Layer[Flatten]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.shape = x.shape
        return x.reshape(len(x), prod(x.shape[1:]))

    def backward(self, dout: Array) -> Array:
        return dout.reshape(self.shape)
