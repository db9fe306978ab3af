"""What each layer contributes to an ONNX graph in inference mode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from numpy.typing import NDArray

from engine.architecture import LayerInfo
from engine.exports.onnx_graph import Graph
from engine.layers import (
    ELU,
    GELU,
    SELU,
    AveragePool2D,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Gaussian,
    Identity,
    LayerSpec,
    LeakyReLU,
    MaxPool2D,
    PReLU,
    ReLU,
    Sigmoid,
    Softplus,
    Tanh,
)
from engine.layers.activation import Saturating
from engine.layers.windows import Placement
from engine.model import Weights


@dataclass(frozen=True, slots=True)
class Site:
    """Where a layer stands: the graph, its place in the stack, its parameters and buffers."""

    graph: Graph
    info: LayerInfo
    weights: Weights

    def weight(self, name: str) -> str:
        """A parameter or buffer as a constant of the graph."""
        return self.constant(name, self.weights[name])

    def constant(self, name: str, values: NDArray[Any] | float) -> str:
        return self.graph.constant(f"{self.info.name}.{name}", values)

    def channels_first(self, x: str, work: Callable[[str], str]) -> str:
        """`work` on images as ONNX has them, (N, C, H, W); flat samples are the same in both."""
        if len(self.info.input_shape) == 1:
            return work(x)
        y = work(self.graph.add("Transpose", x, perm=[0, 3, 1, 2]))
        return self.graph.add("Transpose", y, perm=[0, 2, 3, 1])


@singledispatch
def emit(spec: LayerSpec, site: Site, x: str) -> str:
    """Add the layer's nodes behind the value x; the name of what they give."""
    raise NotImplementedError(f"no ONNX for {type(spec).__name__}: register it here")


@emit.register
def _(spec: Dense, site: Site, x: str) -> str:
    b = [site.weight("b")] if spec.bias else []
    return site.graph.add("Gemm", x, site.weight("W"), *b)


@emit.register
def _(spec: Conv2D, site: Site, x: str) -> str:
    W = site.weights["W"].transpose(3, 2, 0, 1)  # (M, C, k, k)
    inputs = [site.constant("W", W), *([site.weight("b")] if spec.bias else [])]
    window = _window(spec.placement(site.info.input_shape))
    return site.channels_first(x, lambda x: site.graph.add("Conv", x, *inputs, **window))


@emit.register
def _(spec: MaxPool2D, site: Site, x: str) -> str:
    window = _window(spec.placement(site.info.input_shape))
    return site.channels_first(x, lambda x: site.graph.add("MaxPool", x, **window))


@emit.register
def _(spec: AveragePool2D, site: Site, x: str) -> str:
    window = _window(spec.placement(site.info.input_shape))  # padding is not counted, as here
    return site.channels_first(x, lambda x: site.graph.add("AveragePool", x, **window))


def _window(placement: Placement) -> dict[str, list[int]]:
    """How a window slides, as ONNX says it."""
    axes = placement.rows, placement.columns
    return {
        "kernel_shape": [axis.size for axis in axes],
        "strides": [axis.stride for axis in axes],
        "pads": [*(axis.before for axis in axes), *(axis.after for axis in axes)],
    }


@emit.register
def _(spec: Flatten, site: Site, x: str) -> str:
    return site.graph.add("Flatten", x, axis=1)


@emit.register
def _(spec: Dropout, site: Site, x: str) -> str:
    return x  # in inference nothing is dropped


@emit.register
def _(spec: BatchNorm, site: Site, x: str) -> str:
    names = [site.weight(name) for name in ("gamma", "beta", "running_mean", "running_var")]
    return site.channels_first(
        x, lambda x: site.graph.add("BatchNormalization", x, *names, epsilon=spec.epsilon)
    )


@emit.register
def _(spec: ReLU, site: Site, x: str) -> str:
    return site.graph.add("Relu", x)


@emit.register
def _(spec: LeakyReLU, site: Site, x: str) -> str:
    return site.graph.add("LeakyRelu", x, alpha=spec.alpha)


@emit.register
def _(spec: PReLU, site: Site, x: str) -> str:
    return site.graph.add("PRelu", x, site.weight("alpha"))


@emit.register
def _(spec: ELU, site: Site, x: str) -> str:
    return site.graph.add("Elu", x, alpha=spec.alpha)


@emit.register
def _(spec: SELU, site: Site, x: str) -> str:
    return site.graph.add("Selu", x)


@emit.register
def _(spec: GELU, site: Site, x: str) -> str:
    return site.graph.add("Gelu", x, approximate=spec.approximation)


@emit.register
def _(spec: Softplus, site: Site, x: str) -> str:
    return site.graph.add("Softplus", x)


@emit.register
def _(spec: Sigmoid, site: Site, x: str) -> str:
    return _scaled(spec, site, site.graph.add("Sigmoid", x))


@emit.register
def _(spec: Tanh, site: Site, x: str) -> str:
    return _scaled(spec, site, site.graph.add("Tanh", x))


@emit.register
def _(spec: Gaussian, site: Site, x: str) -> str:
    minus_square = site.graph.add("Neg", site.graph.add("Mul", x, x))
    return _scaled(spec, site, site.graph.add("Exp", minus_square))


def _scaled(spec: Saturating, site: Site, a: str) -> str:
    if spec.scale == 1:
        return a
    return site.graph.add("Mul", a, site.constant("scale", spec.scale))


@emit.register
def _(spec: Identity, site: Site, x: str) -> str:
    return x
