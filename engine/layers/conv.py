"""Convolution over images (LeCun et al., "Gradient-Based Learning Applied to Document Recognition",
1998): every window of the input meets the same weights.

As in every framework the kernel is not flipped (a cross-correlation). Images and weights are
channels last, Keras's order: W (k, k, C, M) for M filters over C channels; PyTorch keeps
(M, C, k, k). `engine.layers.windows` says what `same` pads.

A window as a row of a matrix turns the layer into a dense one, row by row:

    z = windows(x) W + b        (N H' W', k k C) (k k C, M)
    dW = windows(x)ᵀ dz
    dx = windows(dz) W*         the full convolution, W* flipped, its channels exchanged
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from engine import blocks
from engine.backend import Array
from engine.initializers import He, InitializerSpec
from engine.layers.base import Arrays, Draw, Layer, Mode, Shape
from engine.layers.trainable import Trainable
from engine.layers.windows import Frame, Padding, Plan, Windows
from engine.spec import hyper


class Conv2D(Trainable):
    """Conv2D: z = x * W + b, W slid over the image."""

    kind: Literal["conv2d"] = "conv2d"
    weight: ClassVar[str | None] = "W"
    draws: ClassVar[bool] = True
    positional: ClassVar[tuple[str, ...]] = ("filters", "kernel")

    filters: int = hyper(
        32, description="Number of filters: feature maps of the output.", symbol="M", ge=1, le=4096
    )
    kernel: int = hyper(
        3, description="Height and width of a filter.", symbol="k", unit="cells", ge=1, le=64
    )
    stride: int = hyper(
        1, description="How far a filter moves each time.", unit="cells", ge=1, le=64
    )
    padding: Padding = hyper(
        "valid",
        description="`valid` pads nothing; `same` pads zeros so that stride 1 keeps height and"
        " width, as Keras does.",
    )
    init: InitializerSpec = hyper(
        He(), label="Initialization", description="Initialization of the weights W."
    )
    bias: bool = hyper(
        True,
        description="Whether b is learned; redundant before Batch Normalization, which has β.",
        symbol="b",
    )

    def plan(self, shape: Shape) -> Plan:
        return Plan.fit(shape, self.kernel, self.stride, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.plan(shape).outputs, self.filters)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        weights: dict[str, Shape] = {"W": (self.kernel, self.kernel, shape[-1], self.filters)}
        return weights | ({"b": (self.filters,)} if self.bias else {})

    def initial(self, shape: Shape, draw: Draw) -> dict[str, Any]:
        cells = self.kernel**2
        fan_in, fan_out = cells * shape[-1], cells * self.filters
        weights = self.init.weights(draw(self.parameter_shapes(shape)["W"]), fan_in, fan_out)
        return {"W": weights} | ({"b": 0.0} if self.bias else {})

    def build(self, arrays: Arrays) -> Layer[Conv2D]:
        return Conv2DLayer(self, arrays)


class Conv2DLayer(Layer[Conv2D]):
    def forward(self, x: Array, mode: Mode) -> Array:
        self.x, plan = x, self.spec.plan(x.shape[1:])
        self.x_frame = Frame.forward(plan)
        self.dz_frame = Frame.backward(plan, self.spec.filters)
        W = _rows(self.parameters["W"])  # (k k C, M)
        z = self.scratch("z", (len(x), *plan.outputs, self.spec.filters))
        if self.spec.bias:
            b = self.xp.tile(self.parameters["b"], (plan.columns.outputs, 1))  # (W', M)

        def convolve(i: slice) -> None:
            self.xp.matmul(self._windows(self.x_frame, x[i]), W, out=_rows(z[i]))
            if self.spec.bias:
                z[i] += b  # a whole row of the image at a time: one pixel alone is a short loop

        blocks.each(self.xp, convolve, self._blocks(self.x_frame, z))
        return z

    def backward(self, dout: Array) -> Array | None:
        self._weight_gradients(dout)
        return self._input_gradient(dout) if self.needs_dx else None

    def _weight_gradients(self, dout: Array) -> None:
        W = _rows(self.parameters["W"])

        def correlate(share: Sequence[slice]) -> tuple[Array, Array]:
            dW, db = self.xp.zeros_like(W), self.xp.zeros_like(W[0])
            for i in share:
                dz = _rows(dout[i])  # (n H' W', M)
                dW += self._windows(self.x_frame, self.x[i]).T @ dz
                db += self.summing(len(dz)) @ dz
            return dW, db

        sums = blocks.each(self.xp, correlate, blocks.shares(self._blocks(self.x_frame, dout)))
        _rows(self.gradients["W"])[...] = sum(dW for dW, _ in sums)
        if self.spec.bias:
            self.gradients["b"][...] = sum(db for _, db in sums)

    def _input_gradient(self, dout: Array) -> Array:
        xp, dx = self.xp, self.scratch("dx", self.x.shape)
        flipped = self.parameters["W"][::-1, ::-1].swapaxes(2, 3)  # (k, k, M, C)
        W = _rows(xp.ascontiguousarray(flipped))

        def convolve(i: slice) -> None:
            xp.matmul(self._windows(self.dz_frame, dout[i]), W, out=_rows(dx[i]))

        blocks.each(xp, convolve, self._blocks(self.dz_frame, dx))
        return dx

    def _blocks(self, frame: Frame, images: Array) -> list[slice]:
        """So few samples that their windows stay in the cache, a larger one than a layer's own
        values: they are copied once and read once."""
        return blocks.cut(self.xp, len(images), max(frame.values // 4, images[:1].size))

    def _windows(self, frame: Frame, images: Array) -> Array:
        """The windows of a block, in working arrays of the calling thread."""
        held: dict[Frame, Windows] = self._own.__dict__.setdefault("windows", {})
        if frame not in held or held[frame].samples < len(images):
            held[frame] = Windows(self.xp, self.dtype, frame, len(images))
        return held[frame].of(images)


def _rows(array: Array) -> Array:
    """The last axis as columns, all others as rows."""
    return array.reshape(-1, array.shape[-1])
