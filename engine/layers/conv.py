"""Convolution over images (LeCun et al., "Gradient-Based Learning Applied to Document Recognition",
1998): every window of the input meets the same weights.

As in every framework the kernel is not flipped (a cross-correlation). Images and weights are
channels last, Keras's order: W (k, k, C, M) for M filters over C channels; PyTorch keeps
(M, C, k, k). `engine.layers.windows` says what `same` pads.

    z = x * W + b

`engine.layers.im2col` has the products for any kernel and stride, `engine.layers.winograd` fewer of
them for the commonest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from engine import blocks
from engine.backend import Array
from engine.initializers import He, InitializerSpec
from engine.layers.base import Draw, Layer, LayerPass, Mode, Shape
from engine.layers.convolution import Convolution
from engine.layers.im2col import Im2col
from engine.layers.numpy_helpers import windows
from engine.layers.trainable import Trainable
from engine.layers.windows import Padding, Placement
from engine.layers.winograd import Winograd, suits
from engine.layers.written import Code, Site, code
from engine.plan import Planner
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

    def placement(self, shape: Shape) -> Placement:
        return Placement.fit(shape, self.kernel, self.stride, self.padding)

    def output_shape(self, shape: Shape) -> Shape:
        return (*self.placement(shape).outputs, self.filters)

    def parameter_shapes(self, shape: Shape) -> dict[str, Shape]:
        weights: dict[str, Shape] = {"W": (self.kernel, self.kernel, shape[-1], self.filters)}
        return weights | ({"b": (self.filters,)} if self.bias else {})

    def initial(self, shape: Shape, draw: Draw) -> dict[str, Any]:
        cells = self.kernel**2
        fan_in, fan_out = cells * shape[-1], cells * self.filters
        weights = self.init.weights(draw(self.parameter_shapes(shape)["W"]), fan_in, fan_out)
        return {"W": weights} | ({"b": 0.0} if self.bias else {})

    def build(self, layer: Layer[Any], planner: Planner) -> LayerPass[Any]:
        return Conv2DPass(layer, planner)

    def as_numpy(self, name: str, shape: Shape) -> Code:
        bias = f" + {name}_b" if self.bias else ""
        return code(
            f"x = windows({self.placement(shape).as_numpy()})  # (N, H, W, C, k, k)",
            f"x = np.tensordot(x, {name}_W, axes=((4, 5, 3), (0, 1, 2))){bias}",
            helpers=(windows,),
        )

    def as_onnx(self, site: Site, x: str) -> str:
        W = site.constant("W", site.weights["W"].transpose(3, 2, 0, 1))  # (M, C, k, k)
        b = [site.weight("b")] if self.bias else []
        window = self.placement(site.input_shape).as_onnx()
        return site.channels_first("Conv", x, W, *b, **window)


class Conv2DPass(LayerPass[Conv2D]):
    def forward(self, x: Array, mode: Mode) -> Array:
        placement = self.spec.placement(x.shape[1:])
        kind = Winograd if suits(placement, self.spec.filters) else Im2col
        self.x, self.convolution = x, self._as(kind, placement)
        z = self.scratch("z", (len(x), *placement.outputs, self.spec.filters))
        self.do(self._convolve, x, z)
        return z

    def _convolve(self, x: Array, z: Array) -> None:
        U, b = self.convolution.transform(self.parameters["W"]), None
        if self.spec.bias:  # for a whole row of the image at a time: one pixel is a short loop
            b = self.xp.tile(self.parameters["b"], (z.shape[2], 1))  # (W', M)
        parts = blocks.cut(self.xp, len(x), self.convolution.values(dx=False))
        blocks.each(self.xp, lambda i: self.convolution.forward(z[i], x[i], U, b), parts)

    def backward(self, dout: Array) -> Array | None:
        dx = self.scratch("dx", self.x.shape) if self.needs_dx else None
        self.do(self._propagate, self.x, dout, dx)
        return dx

    def _propagate(self, x: Array, dz: Array, dx: Array | None) -> None:
        """dx, and the sums over the blocks that dW and db are."""
        U = self.convolution.transform_back(self.parameters["W"])

        def add_up(share: Sequence[slice]) -> tuple[Array, Array]:
            dU, db = self.convolution.zero_gradients()
            for i in share:
                self.convolution.backward(None if dx is None else dx[i], dU, db, x[i], dz[i], U)
            return self.convolution.inverse(dU), db

        parts = blocks.cut(self.xp, len(x), self.convolution.values(dx=dx is not None))
        sums = blocks.each(self.xp, add_up, blocks.shares(parts))
        self.gradients["W"][...] = sum(dW for dW, _ in sums)
        if self.spec.bias:
            self.gradients["b"][...] = sum(db for _, db in sums)

    def _as(self, kind: type[Im2col] | type[Winograd], placement: Placement) -> Convolution:
        return kind(self.xp, self.dtype, placement, self.spec.filters, self.layer.own)
