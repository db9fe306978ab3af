"""Windows that slide over images: where they lie, and how they become the rows of a matrix.

Images are channels last, (N, H, W, C). Along each axis output i sees the `size` input cells from
i · stride - before on. `valid` pads nothing and leaves out what no whole window covers:

    outputs = floor((inputs - size) / stride) + 1

`same` pads as Keras and TensorFlow do, as little as gives

    outputs = ceil(inputs / stride)

and where that is an odd number of cells, the one more after the input. PyTorch's `padding=p` puts p
cells on both sides instead: at stride 1 with an odd size, p = (size - 1) / 2 is the same thing; at
stride 2, size 3 and an even input, `same` pads (0, 1) and PyTorch's p = 1 pads (1, 1) and shifts
every window by one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

from engine.backend import Array
from engine.layers.base import Shape

Padding = Literal["valid", "same"]
Cells = tuple[slice, slice, slice]
"""Some rows and columns of every sample."""


@dataclass(frozen=True)
class Axis:
    """The windows along one axis."""

    inputs: int
    outputs: int
    size: int
    stride: int
    before: int
    after: int

    @classmethod
    def fit(cls, inputs: int, size: int, stride: int, padding: Padding) -> Axis:
        if padding == "same":
            outputs = -(-inputs // stride)
            pad = max((outputs - 1) * stride + size - inputs, 0)
            return cls(inputs, outputs, size, stride, pad // 2, pad - pad // 2)
        return cls(inputs, (inputs - size) // stride + 1, size, stride, 0, 0)

    def tap(self, offset: int) -> tuple[slice, slice]:
        """The outputs whose window has a real input cell at `offset`, and these cells."""
        shift = offset - self.before  # output i sees input i · stride + shift there
        first = max(0, -(shift // self.stride))
        end = max(first, min(self.outputs, (self.inputs - 1 - shift) // self.stride + 1))
        start = first * self.stride + shift
        return slice(first, end), slice(start, start + (end - first) * self.stride, self.stride)


@dataclass(frozen=True)
class Plan:
    """The windows over an image: its rows and its columns."""

    rows: Axis
    columns: Axis
    channels: int

    @classmethod
    def fit(cls, shape: Shape, size: int, stride: int, padding: Padding) -> Plan:
        """Raises ValueError where samples of this shape are no images or hold no window."""
        if len(shape) != 3:
            raise ValueError(
                f"needs images (height, width, channels); got samples of shape {shape}"
            )
        height, width, channels = shape
        if padding == "valid" and size > min(height, width):
            raise ValueError(
                f"needs images of at least {size} x {size} cells, or `padding` same;"
                f" got {height} x {width}"
            )
        return cls(
            Axis.fit(height, size, stride, padding),
            Axis.fit(width, size, stride, padding),
            channels,
        )

    @property
    def outputs(self) -> tuple[int, int]:
        return self.rows.outputs, self.columns.outputs

    def taps(self) -> Iterator[tuple[Cells, Cells]]:
        """For each cell of a window, row by row: the outputs that see a real input there, and these
        inputs."""
        every = slice(None)
        for row, column in product(range(self.rows.size), range(self.columns.size)):
            (out_rows, in_rows), (out_columns, in_columns) = (
                self.rows.tap(row),
                self.columns.tap(column),
            )
            yield (every, out_rows, out_columns), (every, in_rows, in_columns)


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
    def forward(cls, plan: Plan) -> Frame:
        """The inputs, padded."""
        axes = plan.rows, plan.columns
        height, width = (axis.before + axis.inputs + axis.after for axis in axes)
        return cls(
            canvas=(height, width, plan.channels),
            before=(plan.rows.before, plan.columns.before),
            cells=(plan.rows.inputs, plan.columns.inputs),
            step=1,
            size=plan.rows.size,
            stride=plan.rows.stride,
        )

    @classmethod
    def backward(cls, plan: Plan, channels: int) -> Frame:
        """The outputs' gradients, `stride` apart and so far from the border that the window at each
        input cell holds the outputs that saw it, the last first."""
        axes = plan.rows, plan.columns
        height, width = (axis.inputs + axis.size - 1 for axis in axes)
        return cls(
            canvas=(height, width, channels),
            before=(axes[0].size - 1 - axes[0].before, axes[1].size - 1 - axes[1].before),
            cells=plan.outputs,
            step=plan.rows.stride,
            size=plan.rows.size,
            stride=1,
        )


class Windows:
    """The windows of a few samples as the rows of a matrix, "im2col": one thread's working arrays.

    The canvas keeps its zeros, so each call writes only the samples and copies their windows out.
    """

    def __init__(self, xp: Any, dtype: Any, frame: Frame, samples: int) -> None:
        canvas = xp.zeros((samples, *frame.canvas), dtype)
        self.samples = samples
        self._inside = canvas[:, *map(_every(frame.step), frame.before, frame.cells)]
        size = (frame.size, frame.size)
        windows = xp.lib.stride_tricks.sliding_window_view(canvas, size, axis=(1, 2))
        windows = windows[:, :: frame.stride, :: frame.stride]  # (n, H, W, C, k, k)
        self._windows = windows.transpose(0, 1, 2, 4, 5, 3)
        self._rows = xp.empty(self._windows.shape, dtype)

    def of(self, x: Array) -> Array:
        """(n H W, k k C) from samples x; good until the next call."""
        n = len(x)
        self._inside[:n] = x
        self._rows[:n] = self._windows[:n]
        rows = self._rows[:n]
        return rows.reshape(-1, rows[0, 0, 0].size)


def _every(step: int) -> Any:
    return lambda start, cells: slice(start, start + (cells - 1) * step + 1, step)
