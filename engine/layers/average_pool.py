"""Average pooling (LeCun et al. 1998 called it subsampling): of every window the mean, each feature
map by itself.

Where `same` pads, the mean is over the real cells alone, as in Keras and TensorFlow; PyTorch counts
the padding's zeros unless told `count_include_pad=False`.
"""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.layers.base import Layer, LayerPass, Mode, Shape
from engine.layers.numpy_helpers import windows
from engine.layers.pool import Pool
from engine.layers.written import Code, Site, code
from engine.plan import Planner


class AveragePool2D(Pool):
    """AveragePool2D: the mean of each window's real cells."""

    kind: Literal["average_pool2d"] = "average_pool2d"

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return AveragePool2DPass(layer, planner)

    def as_numpy(self, name: str, shape: Shape) -> Code:
        window = self.placement(shape).as_numpy()
        return code(
            f"x = np.nanmean(windows({window}, fill=np.nan), axis=(4, 5))", helpers=(windows,)
        )

    def as_onnx(self, site: Site, x: str) -> str:
        window = self.placement(site.input_shape).as_onnx()
        return site.channels_first("AveragePool", x, **window)  # padding is not counted, as here


class AveragePool2DPass(LayerPass[AveragePool2D]):
    def forward(self, x: Array, mode: Mode) -> Array:
        shape = x.shape[1:]
        self.taps, self.shape = self.spec.taps(shape), x.shape
        self.share = 1 / self._cells(self.spec.output_shape(shape))
        out = self.scratch("out", (len(x), *self.spec.output_shape(shape)))
        self.in_blocks(self._pool, (x, out))
        return out

    def _pool(self, x: Array, out: Array) -> None:
        out.fill(0)
        for outputs, inputs in self.taps:
            out[outputs] += x[inputs]
        out *= self.share

    def backward(self, dout: Array) -> Array:
        dx = self.scratch("dx", self.shape)
        self.in_blocks(self._spread, (dout, dx))
        return dx

    def _spread(self, dout: Array, dx: Array) -> None:
        each = dout * self.share
        dx.fill(0)
        for outputs, inputs in self.taps:
            dx[inputs] += each[outputs]

    def _cells(self, shape: tuple[int, ...]) -> Array:
        """How many real cells the window of each output holds (1, H', W', 1)."""
        cells = self.xp.zeros((1, *shape[:2], 1), self.dtype)
        for outputs, _ in self.taps:
            cells[outputs] += 1
        return cells
