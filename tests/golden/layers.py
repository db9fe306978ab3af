"""Layers with parameters or buffers, from PyTorch and Keras.

A case's arrays, B batches of N samples one after the other:

    x, dout (B, N, ...)      the inputs, and the gradients that come back
    parameters.NAME          the parameters, the same for every batch
    y, dx (B, N, ...)        outputs in training mode, and the gradients of the inputs
    gradients.NAME (B, ...)  the gradients of the parameters
    buffers.NAME (B, ...)    the buffers after each batch
    y_inference (N, ...)     the outputs for the first batch in inference mode, after all of them

Keras normalizes in float32 whatever its inputs are, so its cases are float32 throughout.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import torch

from tests.golden.case import Case
from tests.golden.passes import batches, passes


def cases() -> dict[str, Case]:
    return {
        "dense": dense(bias=True),
        "dense without bias": dense(bias=False),
        "prelu": prelu(),
        "batch_norm of PyTorch": batch_norm_torch(momentum=0.1, epsilon=1e-5),
        "batch_norm of PyTorch, other options": batch_norm_torch(momentum=0.01, epsilon=0.02),
        "batch_norm of PyTorch, channels last": batch_norm_torch_2d(),
        "batch_norm of Keras": batch_norm_keras(momentum=0.99, epsilon=1e-3),
        "batch_norm of Keras, other options": batch_norm_keras(momentum=0.9, epsilon=1e-7),
    }


def dense(*, bias: bool) -> Case:
    generator = np.random.default_rng(2)
    parameters = {"W": tensor(generator.standard_normal((6, 4)))}
    if bias:
        parameters["b"] = tensor(generator.standard_normal(4))

    def forward(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.linear(x, parameters["W"].T, parameters.get("b"))

    arrays = passes(forward, batches(3, 2, 7, 6), batches(4, 2, 7, 4), parameters=parameters)
    spec = {"kind": "dense", "units": 4, "bias": bias}
    return Case(spec, arrays | {"y_inference": arrays["y"][0]})


def prelu() -> Case:
    parameters = {"alpha": tensor(np.linspace(-0.2, 0.8, 5))}

    def forward(x: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.prelu(x.movedim(-1, 1), parameters["alpha"]).movedim(1, -1)

    arrays = passes(
        forward, batches(14, 2, 7, 3, 5), batches(15, 2, 7, 3, 5), parameters=parameters
    )
    return Case({"kind": "prelu"}, arrays | {"y_inference": arrays["y"][0]})


def batch_norm_torch(*, momentum: float, epsilon: float) -> Case:
    layer = torch.nn.BatchNorm1d(5, eps=epsilon, momentum=momentum, dtype=torch.float64)
    x, dout = batches(5, 6, 8, 5, scale=3.0, shift=1.5), batches(6, 6, 8, 5)
    return _torch_case(layer, x, dout, momentum, epsilon)


def batch_norm_torch_2d() -> Case:
    layer = torch.nn.BatchNorm2d(3, dtype=torch.float64)
    x, dout = batches(7, 4, 3, 4, 5, 3, scale=2.0, shift=-1.0), batches(8, 4, 3, 4, 5, 3)
    return _torch_case(layer, x, dout, layer.momentum, layer.eps)


def _torch_case(
    layer: Any, x: np.ndarray, dout: np.ndarray, momentum: float, epsilon: float
) -> Case:
    parameters = {"gamma": layer.weight, "beta": layer.bias}
    _set_affine(parameters)

    def forward(x: torch.Tensor) -> torch.Tensor:
        return layer(x.movedim(-1, 1)).movedim(1, -1)  # PyTorch keeps the channels second

    def buffers() -> dict[str, np.ndarray]:
        means, variances = layer.running_mean, layer.running_var
        return {"running_mean": means.numpy(), "running_var": variances.numpy()}

    arrays = passes(forward, x, dout, parameters=parameters, buffers=buffers)
    layer.eval()
    arrays["y_inference"] = forward(tensor(x[0])).detach().numpy()
    return Case(
        {
            "kind": "batch_norm",
            "momentum": 1 - momentum,
            "epsilon": epsilon,
            "variance": "unbiased",
            "initial_variance": 1.0,
        },
        arrays,
    )


def batch_norm_keras(*, momentum: float, epsilon: float) -> Case:
    layer = keras.layers.BatchNormalization(momentum=momentum, epsilon=epsilon, dtype="float32")
    x = batches(9, 6, 8, 5, scale=3.0, shift=1.5).astype(np.float32)
    dout = batches(10, 6, 8, 5).astype(np.float32)
    layer.build((None, 5))
    parameters = {"gamma": layer.gamma.value, "beta": layer.beta.value}
    _set_affine(parameters)

    def buffers() -> dict[str, np.ndarray]:
        means, variances = layer.moving_mean, layer.moving_variance
        return {
            "running_mean": keras.ops.convert_to_numpy(means),
            "running_var": keras.ops.convert_to_numpy(variances),
        }

    arrays = passes(
        lambda x: layer(x, training=True), x, dout, parameters=parameters, buffers=buffers
    )
    arrays["y_inference"] = layer(torch.tensor(x[0]), training=False).detach().numpy()
    return Case(
        {
            "kind": "batch_norm",
            "momentum": momentum,
            "epsilon": epsilon,
            "variance": "biased",
            "initial_variance": 1.0,
        },
        arrays,
    )


def tensor(array: np.ndarray) -> torch.Tensor:
    return torch.tensor(array, dtype=torch.float64, requires_grad=True)


def _set_affine(parameters: dict[str, torch.Tensor]) -> None:
    with torch.no_grad():
        channels = len(parameters["gamma"])
        parameters["gamma"].copy_(torch.linspace(0.5, 1.5, channels, dtype=torch.float64))
        parameters["beta"].copy_(torch.linspace(-1.0, 1.0, channels, dtype=torch.float64))
