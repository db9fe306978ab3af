"""What each layer contributes to an exported NumPy script: the lines that turn `x` into the next
`x`, as its equation reads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch
from typing import Any

from engine.architecture import LayerInfo
from engine.exports.numpy_helpers import erf, windows
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
from engine.layers.selu import ALPHA, LAMBDA
from engine.layers.windows import Placement


@dataclass(frozen=True, slots=True)
class Code:
    """Lines of the script, and the helper functions that they call."""

    lines: tuple[str, ...]
    helpers: tuple[Callable[..., Any], ...] = ()


def code(*lines: str, helpers: tuple[Callable[..., Any], ...] = ()) -> Code:
    return Code(lines, helpers)


@singledispatch
def write(spec: LayerSpec, layer: LayerInfo) -> Code:
    """The layer in inference mode. Its arrays are called `LAYER_NAME`: `dense1_W`."""
    raise NotImplementedError(f"no NumPy lines for {type(spec).__name__}: register them here")


@write.register
def _(spec: Dense, layer: LayerInfo) -> Code:
    bias = f" + {layer.name}_b" if spec.bias else ""
    return code(f"x = x @ {layer.name}_W{bias}")


@write.register
def _(spec: Conv2D, layer: LayerInfo) -> Code:
    bias = f" + {layer.name}_b" if spec.bias else ""
    return code(
        f"x = windows({_window(spec.placement(layer.input_shape))})  # (N, H, W, C, k, k)",
        f"x = np.tensordot(x, {layer.name}_W, axes=((4, 5, 3), (0, 1, 2))){bias}",
        helpers=(windows,),
    )


@write.register
def _(spec: MaxPool2D, layer: LayerInfo) -> Code:
    window = _window(spec.placement(layer.input_shape))
    return code(f"x = windows({window}, fill=-np.inf).max(axis=(4, 5))", helpers=(windows,))


@write.register
def _(spec: AveragePool2D, layer: LayerInfo) -> Code:
    window = _window(spec.placement(layer.input_shape))
    return code(f"x = np.nanmean(windows({window}, fill=np.nan), axis=(4, 5))", helpers=(windows,))


def _window(placement: Placement) -> str:
    rows, columns = placement.rows, placement.columns
    padding = (rows.before, rows.after), (columns.before, columns.after)
    return f"x, size={rows.size}, stride={rows.stride}, padding={padding}"


@write.register
def _(spec: Flatten, layer: LayerInfo) -> Code:
    return code("x = x.reshape(len(x), -1)")


@write.register
def _(spec: Dropout, layer: LayerInfo) -> Code:
    return code("# in inference nothing is dropped")


@write.register
def _(spec: BatchNorm, layer: LayerInfo) -> Code:
    name = layer.name
    return code(
        f"x = (x - {name}_running_mean) / np.sqrt({name}_running_var + {spec.epsilon!r})",
        f"x = {name}_gamma * x + {name}_beta",
    )


@write.register
def _(spec: ReLU, layer: LayerInfo) -> Code:
    return code("x = np.maximum(x, 0)")


@write.register
def _(spec: LeakyReLU, layer: LayerInfo) -> Code:
    return code(f"x = np.maximum(x, {spec.alpha!r} * x)")


@write.register
def _(spec: PReLU, layer: LayerInfo) -> Code:
    return code(f"x = np.maximum(x, 0) + {layer.name}_alpha * np.minimum(x, 0)")


@write.register
def _(spec: ELU, layer: LayerInfo) -> Code:
    return code(f"x = np.where(x > 0, x, {spec.alpha!r} * np.expm1(np.minimum(x, 0)))")


@write.register
def _(spec: SELU, layer: LayerInfo) -> Code:
    return code(
        f"x = {LAMBDA!r} * np.where(x > 0, x, {ALPHA!r} * np.expm1(np.minimum(x, 0)))",
    )


@write.register
def _(spec: GELU, layer: LayerInfo) -> Code:
    if spec.approximation == "none":
        return code("x = 0.5 * x * (1 + erf(x / 2**0.5))", helpers=(erf,))
    return code("x = 0.5 * x * (1 + np.tanh((2 / np.pi) ** 0.5 * (x + 0.044715 * x**3)))")


@write.register
def _(spec: Softplus, layer: LayerInfo) -> Code:
    return code("x = np.logaddexp(x, 0)")


@write.register
def _(spec: Sigmoid, layer: LayerInfo) -> Code:
    return code(f"x = {spec.scale!r} / (1 + np.exp(-x))")


@write.register
def _(spec: Tanh, layer: LayerInfo) -> Code:
    return code(f"x = {_times(spec)}np.tanh(x)")


@write.register
def _(spec: Gaussian, layer: LayerInfo) -> Code:
    return code(f"x = {_times(spec)}np.exp(-(x**2))")


def _times(spec: Saturating) -> str:
    return "" if spec.scale == 1 else f"{spec.scale!r} * "


@write.register
def _(spec: Identity, layer: LayerInfo) -> Code:
    return code()
