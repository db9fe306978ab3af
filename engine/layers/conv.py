"""Convolution over images (LeCun et al., "Gradient-Based Learning Applied to Document Recognition",
1998): every window of the input meets the same weights.

As in every framework the kernel is not flipped (a cross-correlation). Images and weights are
channels last, Keras's order: W (k, k, C, M) for M filters over C channels; PyTorch keeps
(M, C, k, k). `engine.layers.windows` says what `same` pads.

A window as a row of a matrix turns the layer into a dense one, row by row:

    z = windows(x) W + b        (N H' W', k k C) (k k C, M)
    dW = windows(x)ᵀ dz
    dx = windows(dz) W*         the full convolution: W* rotated by half a turn, channels exchanged
    dW* = windows(dz)ᵀ x        at stride 1 the same dW, rotated and exchanged likewise
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
        z = self.scratch("z", (len(x), *plan.outputs, self.spec.filters))
        self.do(self._convolve, x, z)
        return z

    def _convolve(self, x: Array, z: Array) -> None:
        W = _rows(self.parameters["W"])  # (k k C, M)
        if self.spec.bias:
            b = self.xp.tile(self.parameters["b"], (z.shape[2], 1))  # (W', M)

        def convolve(i: slice) -> None:
            self.xp.matmul(self._windows(self.x_frame, x[i]), W, out=_rows(z[i]))
            if self.spec.bias:
                z[i] += b  # a whole row of the image at a time: one pixel alone is a short loop

        blocks.each(self.xp, convolve, self._blocks(self.x_frame, z))

    def backward(self, dout: Array) -> Array | None:
        self.do(self._bias_gradient, dout)
        if not self.needs_dx:
            self.do(self._weight_gradient, dout)
            return None
        dx = self.scratch("dx", self.x.shape)
        self.do(self._gradients, dout, dx)
        return dx

    def _gradients(self, dout: Array, dx: Array) -> None:
        """dW and dx."""
        W = _rows(_transposed(self.parameters["W"]))

        def convolve(i: slice) -> Array:
            windows = self._windows(self.dz_frame, dout[i])  # (n H W, k k M)
            self.xp.matmul(windows, W, out=_rows(dx[i]))
            return windows

        parts = self._blocks(self.dz_frame, dx)
        if self.spec.stride == 1:  # the same windows serve both: an eighth of the time saved
            dW = self._sum(lambda i: convolve(i).T @ _rows(self.x[i]), W, parts)  # (k k M, C)
            k = self.spec.kernel
            self.gradients["W"][...] = _transposed(dW.reshape(k, k, -1, dW.shape[-1]))
        else:
            self._weight_gradient(dout)
            blocks.each(self.xp, convolve, parts)

    def _bias_gradient(self, dout: Array) -> None:
        def add_up(i: slice) -> Array:
            dz = _rows(dout[i])  # (n H' W', M)
            return self.summing(len(dz)) @ dz

        if self.spec.bias:
            db, parts = self.gradients["b"], blocks.cut(self.xp, len(dout), dout[:1].size)
            db[...] = self._sum(add_up, db, parts)

    def _weight_gradient(self, dout: Array) -> None:
        dW = _rows(self.gradients["W"])  # (k k C, M)
        dW[...] = self._sum(
            lambda i: self._windows(self.x_frame, self.x[i]).T @ _rows(dout[i]),
            dW,
            self._blocks(self.x_frame, dout),
        )

    def _sum(self, term: Callable[[slice], Array], like: Array, parts: list[slice]) -> Array:
        """The sum of a term over all blocks, of few enough sums that they need little memory."""

        def add(share: Sequence[slice]) -> Array:
            total = self.xp.zeros_like(like)
            for i in share:
                total += term(i)
            return total

        return sum(blocks.each(self.xp, add, blocks.shares(parts)), self.xp.zeros_like(like))

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


def _transposed(W: Array) -> Array:
    """W* from W and W from W*: rotated by half a turn, inputs and outputs exchanged."""
    return W[::-1, ::-1].swapaxes(2, 3)


def _rows(array: Array) -> Array:
    """The last axis as columns, all others as rows."""
    return array.reshape(-1, array.shape[-1])
