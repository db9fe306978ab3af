"""Windows that slide over images: where they lie.

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
from typing import Literal

from engine.errors import Need, RuleError
from engine.layers.base import Shape
from engine.messages import Message

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
class Placement:
    """The windows over an image: its rows and its columns."""

    rows: Axis
    columns: Axis
    channels: int

    @classmethod
    def fit(cls, shape: Shape, size: int, stride: int, padding: Padding) -> Placement:
        """Raises RuleError where samples of this shape are no images or hold no window."""
        if len(shape) != 3:
            raise RuleError(
                Message(
                    "needs images (height, width, channels); got samples of shape {shape}",
                    shape=str(shape),
                ),
                need=Need.IMAGES,
            )
        height, width, channels = shape
        if padding == "valid" and size > min(height, width):
            raise RuleError(
                Message(
                    "needs images of at least {least} cells, or `padding` same; got {found}",
                    least=f"{size} x {size}",
                    found=f"{height} x {width}",
                )
            )
        return cls(
            Axis.fit(height, size, stride, padding),
            Axis.fit(width, size, stride, padding),
            channels,
        )

    @property
    def outputs(self) -> tuple[int, int]:
        return self.rows.outputs, self.columns.outputs

    def as_numpy(self) -> str:
        """How the windows slide, as arguments of the helper `windows`."""
        rows, columns = self.rows, self.columns
        padding = (rows.before, rows.after), (columns.before, columns.after)
        return f"x, size={rows.size}, stride={rows.stride}, padding={padding}"

    def as_onnx(self) -> dict[str, list[int]]:
        """How the windows slide, as ONNX says it."""
        axes = self.rows, self.columns
        return {
            "kernel_shape": [axis.size for axis in axes],
            "strides": [axis.stride for axis in axes],
            "pads": [*(axis.before for axis in axes), *(axis.after for axis in axes)],
        }

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
