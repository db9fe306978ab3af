"""Dropout (Srivastava et al., "Dropout: A Simple Way to Prevent Neural Networks from Overfitting",
JMLR 2014): training silences each unit with probability `rate`.

Inverted, as in Keras and PyTorch: what is left is divided by 1 - rate, so outputs keep their mean
and inference changes nothing.

A mask follows from the run's seed, the step and the layer's number among the Dropout layers: a
resumed run drops what an uninterrupted one would have, and runs with one seed share their masks.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import numpy as np

from engine.backend import Array
from engine.layers.base import Layer, LayerPass, LayerSpec, Mode, Shape
from engine.layers.written import Code, Site, code
from engine.plan import Planner
from engine.spec import hyper


class Dropout(LayerSpec):
    """Dropout: y = x · mask / (1 - rate), in training only."""

    kind: Literal["dropout"] = "dropout"
    positional: ClassVar[tuple[str, ...]] = ("rate",)

    rate: float = hyper(0.5, description="Share of the units silenced each step.", ge=0, lt=1)

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return DropoutPass(layer, planner)

    def as_numpy(self, name: str, shape: Shape) -> Code:
        return code("# in inference nothing is dropped")

    def as_onnx(self, site: Site, x: str) -> str:
        return x


class DropoutPass(LayerPass[Dropout]):
    """`drops` says whether passes drop at all; `generator` draws the next one's mask."""

    drops = False
    generator: np.random.Generator | None = None

    def forward(self, x: Array, mode: Mode) -> Array:
        self.mask = None if not self.drops else self.scratch("mask", x.shape)
        if self.mask is None:
            return x
        self.do(self._draw, self.mask)
        return self._masked(x, self.scratch("out", x.shape))

    def backward(self, dout: Array) -> Array:
        if self.mask is None:
            return dout
        return self._masked(dout, self.scratch("dx", dout.shape))

    def _draw(self, mask: Array) -> None:
        """0 and 1/(1 - rate), drawn on the host: the same in any precision, anywhere."""
        assert self.generator is not None
        kept = self.generator.random(mask.shape, dtype=np.float32) >= self.spec.rate
        scale = self.dtype.type(1 / (1 - self.spec.rate))
        self.xp.multiply(self.xp.asarray(kept), scale, out=mask)

    def _masked(self, values: Array, out: Array) -> Array:
        self.do(self.xp.multiply, values, self.mask, out)
        return out
