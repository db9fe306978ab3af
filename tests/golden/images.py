"""Layers that slide windows over images: most `same` padding from Keras, the rest from PyTorch.

The arrays are those of the family `layers`. Images and weights are channels last, as in Keras; what
PyTorch computes is turned round.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import keras
import numpy as np
import torch
from torch.nn import functional

from tests.golden.case import Case
from tests.golden.layers import tensor
from tests.golden.passes import batches, passes

IMAGES = (1, 2, 5, 6, 2)
"""A batch of two images of 5 x 6 cells with two channels."""

Forward = Callable[[torch.Tensor], torch.Tensor]


def cases() -> dict[str, Case]:
    sizes = list(product((1, 2, 3, 4), (1, 2, 3)))
    found = {f"conv2d {k} stride {s}": conv_torch(k, s) for k, s in sizes}
    found |= {f"conv2d {k} stride {s} same": conv_keras(k, s) for k, s in sizes}
    found["conv2d without bias"] = conv_torch(3, 1, bias=False)
    for k, s in sizes:
        found[f"max_pool2d {k} stride {s}"] = pool(
            "max_pool2d",
            k,
            s,
            "valid",
            channels_first(lambda x, k=k, s=s: functional.max_pool2d(x, k, s)),
        )
        found[f"average_pool2d {k} stride {s}"] = pool(
            "average_pool2d",
            k,
            s,
            "valid",
            channels_first(lambda x, k=k, s=s: functional.avg_pool2d(x, k, s)),
        )
        found[f"max_pool2d {k} stride {s} same"] = pool(
            "max_pool2d", k, s, "same", keras.layers.MaxPooling2D(k, s, "same", dtype="float64")
        )
        found[f"average_pool2d {k} stride {s} same"] = pool(
            "average_pool2d", k, s, "same", channels_first(average_of_real_cells(k, s))
        )
    found["flatten"] = case({"kind": "flatten"}, keras.layers.Flatten(dtype="float64"))
    return found


def conv_torch(kernel: int, stride: int, *, bias: bool = True) -> Case:
    parameters = weights(kernel, bias=bias)

    def convolve(x: torch.Tensor) -> torch.Tensor:
        W = parameters["W"].permute(3, 2, 0, 1)  # (k, k, C, M) -> (M, C, k, k)
        return functional.conv2d(x, W, parameters.get("b"), stride)

    spec = conv_spec(kernel, stride, "valid") | {"bias": bias}
    return case(spec, channels_first(convolve), parameters)


def conv_keras(kernel: int, stride: int) -> Case:
    layer = keras.layers.Conv2D(3, kernel, stride, "same", dtype="float64")
    layer.build((None, *IMAGES[2:]))
    parameters = {"W": layer.kernel.value, "b": layer.bias.value}
    with torch.no_grad():
        for name, value in weights(kernel, bias=True).items():
            parameters[name].copy_(value)
    return case(conv_spec(kernel, stride, "same"), layer, parameters)


def weights(kernel: int, *, bias: bool) -> dict[str, torch.Tensor]:
    generator = np.random.default_rng(40)
    drawn = {"W": tensor(generator.standard_normal((kernel, kernel, IMAGES[-1], 3)))}
    return drawn | ({"b": tensor(generator.standard_normal(3))} if bias else {})


def conv_spec(kernel: int, stride: int, padding: str) -> dict[str, Any]:
    return {"kind": "conv2d", "filters": 3, "kernel": kernel, "stride": stride, "padding": padding}


def pool(kind: str, size: int, stride: int, padding: str, forward: Forward) -> Case:
    return case({"kind": kind, "size": size, "stride": stride, "padding": padding}, forward)


def average_of_real_cells(size: int, stride: int) -> Forward:
    """What Keras computes on TensorFlow and JAX: the padding is not counted.

    Keras on PyTorch repeats the border instead where it pads one side only.
    """

    def padded(x: torch.Tensor) -> torch.Tensor:
        pads: list[int] = []
        for cells in reversed(x.shape[2:]):
            total = max((-(-cells // stride) - 1) * stride + size - cells, 0)
            pads += [total // 2, total - total // 2]
        return functional.avg_pool2d(functional.pad(x, pads), size, stride)

    return lambda x: padded(x) / padded(torch.ones_like(x))


def case(
    spec: dict[str, Any], forward: Forward, parameters: dict[str, torch.Tensor] | None = None
) -> Case:
    x = batches(41, *IMAGES)
    outputs = forward(torch.tensor(x[0])).shape
    arrays = passes(forward, x, batches(42, len(x), *outputs), parameters=parameters)
    return Case(spec, arrays | {"y_inference": arrays["y"][0]})


def channels_first(forward: Forward) -> Forward:
    return lambda x: forward(x.movedim(-1, 1)).movedim(1, -1)
