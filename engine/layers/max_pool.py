"""Max pooling: of every window the largest value, each feature map by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

import numpy as np

from engine.backend import Array
from engine.layers.base import Layer, LayerPass, Mode, Shape
from engine.layers.numpy_helpers import windows
from engine.layers.pool import Pool
from engine.layers.windows import Axis, Placement
from engine.layers.written import Code, Site, code
from engine.loops import loop_beside
from engine.plan import Planner


class MaxPool2D(Pool):
    """MaxPool2D: the largest value of each window."""

    kind: Literal["max_pool2d"] = "max_pool2d"

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return MaxPool2DPass(layer, planner)

    def as_numpy(self, name: str, shape: Shape) -> Code:
        window = self.placement(shape).as_numpy()
        return code(f"x = windows({window}, fill=-np.inf).max(axis=(4, 5))", helpers=(windows,))

    def as_onnx(self, site: Site, x: str) -> str:
        window = self.placement(site.input_shape).as_onnx()
        return site.channels_first("MaxPool", x, **window)


class MaxPool2DPass(LayerPass[MaxPool2D]):
    """Padding never wins. Of equal values in a window the first, row by row, gets the gradient."""

    def forward(self, x: Array, mode: Mode) -> Array:
        spec = self.spec
        placement = spec.placement(x.shape[1:])
        self.x, self.windows = (
            x,
            (spec.size, spec.stride, placement.rows.before, placement.columns.before),
        )
        self.out = self.scratch("out", (len(x), *placement.outputs, x.shape[-1]))
        self.in_blocks(_pool, (self.out, x), *self.windows)
        return self.out

    def backward(self, dout: Array) -> Array:
        dx = self.scratch("dx", self.x.shape)
        self.in_blocks(self._spread, (dx, self.x, self.out, dout))
        return dx

    def _spread(self, dx: Array, x: Array, out: Array, dout: Array) -> None:
        waiting = self.xp.empty(out.shape, bool)  # windows whose largest is yet to come
        _spread(dx, x, out, dout, waiting, *self.windows)


def _taps(out: Array, x: Array, size: int, stride: int, top: int, left: int) -> Iterator[Any]:
    """For each cell of a window, the outputs that see an input there, and these inputs."""
    rows, columns = (
        Axis(inputs, outputs, size, stride, before, after=0)
        for inputs, outputs, before in zip(x.shape[1:3], out.shape[1:3], (top, left), strict=True)
    )
    return Placement(rows, columns, x.shape[3]).taps()


def _pool_arrays(out: Array, x: Array, *windows: int) -> None:
    out.fill(-np.inf)
    for outputs, inputs in _taps(out, x, *windows):
        np.maximum(out[outputs], x[inputs], out=out[outputs])


@loop_beside(_pool_arrays)
def _pool(out: Array, x: Array, size: int, stride: int, top: int, left: int) -> None:
    height, width, channels = x.shape[1:]
    for n, r, c in np.ndindex(out.shape[:3]):
        for k in range(channels):
            out[n, r, c, k] = -np.inf
        for i in range(max(0, r * stride - top), min(height, r * stride - top + size)):
            for j in range(max(0, c * stride - left), min(width, c * stride - left + size)):
                for k in range(channels):
                    out[n, r, c, k] = np.maximum(out[n, r, c, k], x[n, i, j, k])


def _spread_arrays(
    dx: Array, x: Array, out: Array, dout: Array, waiting: Array, *windows: int
) -> None:
    dx.fill(0)
    waiting.fill(True)
    for outputs, inputs in _taps(out, x, *windows):
        largest = x[inputs] == out[outputs]
        largest &= waiting[outputs]
        waiting[outputs] ^= largest
        dx[inputs] += dout[outputs] * largest


@loop_beside(_spread_arrays)
def _spread(
    dx: Array,
    x: Array,
    out: Array,
    dout: Array,
    waiting: Array,
    size: int,
    stride: int,
    top: int,
    left: int,
) -> None:
    height, width, channels = x.shape[1:]
    dx[...] = 0
    waiting[...] = True
    for n, r, c in np.ndindex(out.shape[:3]):
        for i in range(max(0, r * stride - top), min(height, r * stride - top + size)):
            for j in range(max(0, c * stride - left), min(width, c * stride - left + size)):
                for k in range(channels):
                    largest = waiting[n, r, c, k] & (x[n, i, j, k] == out[n, r, c, k])
                    waiting[n, r, c, k] ^= largest
                    dx[n, i, j, k] += dout[n, r, c, k] * largest
