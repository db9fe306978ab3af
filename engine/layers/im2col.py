"""Convolution by its windows: each one a row of a matrix, "im2col", which W multiplies.

    z = windows(x) W            (N H' W', k k C) (k k C, M)
    dW = windows(x)ᵀ dz
    dx = windows(dz) W*         the full convolution
    dW* = windows(dz)ᵀ x        at stride 1

where W* is W rotated by half a turn, inputs and outputs exchanged, and so is dW*.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from math import prod
from typing import Any

from engine import blocks
from engine.backend import Array
from engine.layers.convolution import Convolution
from engine.layers.windows import Placement

SMALL = 1_000_000
"""Multiplications up to which OpenBLAS takes a product for small, and needs half of the time."""


class Im2col(Convolution):
    """For any kernel and stride: U is W as a matrix (k k C, M)."""

    def __init__(
        self, xp: Any, dtype: Any, placement: Placement, filters: int, own: threading.local
    ) -> None:
        self.xp, self.dtype, self._own = xp, dtype, own
        self._x_frame, self._dz_frame = Frame.forward(placement), Frame.backward(placement, filters)
        self._stride, kernel = placement.rows.stride, (placement.rows.size, placement.columns.size)
        self._outputs = prod(placement.outputs) * filters
        self._multiplications = self._outputs * prod(kernel) * placement.channels
        self._sums = (*kernel, placement.channels, filters), (filters,)

    def values(self, *, dx: bool) -> int:
        """Its windows may fill a larger cache than a layer's own values, since they are copied once
        and read once."""
        windows = max(self._x_frame.values, self._dz_frame.values if dx else 0)
        small = self._multiplications * blocks.CACHED // SMALL
        return max(min(self._outputs, small), windows // 4)

    def transform(self, W: Array) -> Array:
        return _rows(W)  # (k k C, M)

    def forward(self, z: Array, x: Array, U: Array, b: Array | None) -> None:
        self.xp.matmul(self._windows(self._x_frame, x), U, out=_rows(z))
        if b is not None:
            z += b

    def transform_back(self, W: Array) -> Array:
        return _rows(_transposed(W))  # (k k M, C)

    def zero_gradients(self) -> tuple[Array, Array]:
        dU, db = (self.xp.zeros(shape, self.dtype) for shape in self._sums)
        return dU, db

    def backward(
        self, dx: Array | None, dU: Array, db: Array, x: Array, dz: Array, U_back: Array
    ) -> None:
        """Its small sums are by `dot`: `@` would keep the interpreter's lock for so few values."""
        z_rows = _rows(dz)
        db += self.xp.dot(
            self.xp.ones(len(z_rows), self.dtype), z_rows
        )  # faster than any other sum
        if dx is not None:
            windows = self._windows(self._dz_frame, dz)  # (n H W, k k M)
            self.xp.matmul(windows, U_back, out=_rows(dx))
        if dx is not None and self._stride == 1:  # the same windows serve both
            dW_star = self.xp.dot(windows.T, _rows(x))  # (k k M, C)
            dU += _transposed(dW_star.reshape(_transposed(dU).shape))
        else:
            dU += self.xp.dot(self._windows(self._x_frame, x).T, z_rows).reshape(dU.shape)

    def inverse(self, dU: Array) -> Array:
        return dU

    def _windows(self, frame: Frame, images: Array) -> Array:
        """The windows of a block, in working arrays of the calling thread."""
        held: dict[tuple[Frame, int], Windows] = self._own.__dict__.setdefault("windows", {})
        key = frame, len(images)
        if key not in held:
            held[key] = Windows(self.xp, self.dtype, *key)
        return held[key].of(images)


@dataclass(frozen=True)
class Frame:
    """Where samples are laid before their windows are read: a canvas of zeros, the samples from
    `before` on, a cell every `step`; windows start every `stride`."""

    canvas: tuple[int, int, int]
    before: tuple[int, int]
    cells: tuple[int, int]
    step: int
    size: int
    stride: int

    @property
    def values(self) -> int:
        """How many values the windows of a sample have together."""
        height, width, channels = self.canvas
        rows, columns = (1 + (side - self.size) // self.stride for side in (height, width))
        return rows * columns * self.size**2 * channels

    @classmethod
    def forward(cls, placement: Placement) -> Frame:
        """The inputs, padded."""
        axes = placement.rows, placement.columns
        height, width = (axis.before + axis.inputs + axis.after for axis in axes)
        return cls(
            canvas=(height, width, placement.channels),
            before=(placement.rows.before, placement.columns.before),
            cells=(placement.rows.inputs, placement.columns.inputs),
            step=1,
            size=placement.rows.size,
            stride=placement.rows.stride,
        )

    @classmethod
    def backward(cls, placement: Placement, channels: int) -> Frame:
        """The outputs' gradients, `stride` apart and so far from the border that the window at each
        input cell holds the outputs that saw it, the last first."""
        axes = placement.rows, placement.columns
        height, width = (axis.inputs + axis.size - 1 for axis in axes)
        return cls(
            canvas=(height, width, channels),
            before=(axes[0].size - 1 - axes[0].before, axes[1].size - 1 - axes[1].before),
            cells=placement.outputs,
            step=placement.rows.stride,
            size=placement.rows.size,
            stride=1,
        )


class Windows:
    """The windows of a few samples as the rows of a matrix, "im2col": one thread's working arrays.

    The canvas keeps its zeros, so each call writes only the samples and copies their windows out:
    of images with one channel transposed, (k k, n H W), which copies rows of an image in one go.
    """

    def __init__(self, xp: Any, dtype: Any, frame: Frame, samples: int) -> None:
        canvas = xp.zeros((samples, *frame.canvas), dtype)
        self._inside = canvas[:, *map(_every(frame.step), frame.before, frame.cells)]
        size = (frame.size, frame.size)
        windows = xp.lib.stride_tricks.sliding_window_view(canvas, size, axis=(1, 2))
        windows = windows[:, :: frame.stride, :: frame.stride]  # (n, H, W, C, k, k)
        transposed = frame.canvas[-1] == 1
        order = (4, 5, 3, 0, 1, 2) if transposed else (0, 1, 2, 4, 5, 3)
        self._windows = windows.transpose(order)
        self._copied = xp.empty(self._windows.shape, dtype)
        values = frame.size**2 * frame.canvas[-1]
        self._rows = (
            self._copied.reshape(values, -1).T if transposed else self._copied.reshape(-1, values)
        )

    def of(self, x: Array) -> Array:
        """(n H W, k k C) from samples x; good until the next call."""
        self._inside[...] = x
        self._copied[...] = self._windows
        return self._rows


def _every(step: int) -> Any:
    return lambda start, cells: slice(start, start + (cells - 1) * step + 1, step)


def _transposed(W: Array) -> Array:
    """W* from W and W from W*: rotated by half a turn, inputs and outputs exchanged."""
    return W[::-1, ::-1].swapaxes(2, 3)


def _rows(array: Array) -> Array:
    """The last axis as columns, all others as rows."""
    return array.reshape(-1, array.shape[-1])
