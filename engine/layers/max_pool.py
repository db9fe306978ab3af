"""Max pooling: of every window the largest value, each feature map by itself."""

from __future__ import annotations

from typing import Literal

from engine.backend import Array
from engine.layers.base import Arrays, Layer, Mode
from engine.layers.pool import Pool


class MaxPool2D(Pool):
    """MaxPool2D: the largest value of each window."""

    kind: Literal["max_pool2d"] = "max_pool2d"

    def build(self, arrays: Arrays) -> Layer[MaxPool2D]:
        return MaxPool2DLayer(self, arrays)


class MaxPool2DLayer(Layer[MaxPool2D]):
    """Padding never wins. Of equal values in a window the first, row by row, gets the gradient."""

    def forward(self, x: Array, mode: Mode) -> Array:
        xp, spec = self.xp, self.spec
        self.x, self.taps = x, spec.taps(x.shape[1:])
        self.out = self.scratch("out", (len(x), *spec.output_shape(x.shape[1:])))

        def pool(i: slice) -> None:
            xi, out = x[i], self.out[i]
            out.fill(-xp.inf)
            for outputs, inputs in self.taps:
                xp.maximum(out[outputs], xi[inputs], out=out[outputs])

        self.each_block(pool, x)
        return self.out

    def backward(self, dout: Array) -> Array:
        xp, dx = self.xp, self.scratch("dx", self.x.shape)
        apart = self.spec.stride >= self.spec.size  # then no input lies in two windows

        def spread(i: slice) -> None:
            xi, out, dxi = self.x[i], self.out[i], dx[i]
            dxi.fill(0)
            waiting = xp.ones(out.shape, bool)  # windows whose largest value is yet to come
            for outputs, inputs in self.taps:
                largest = xi[inputs] == out[outputs]
                largest &= waiting[outputs]
                waiting[outputs] ^= largest
                if apart:
                    xp.multiply(dout[i][outputs], largest, out=dxi[inputs])
                else:
                    dxi[inputs] += dout[i][outputs] * largest

        self.each_block(spread, dx)
        return dx
