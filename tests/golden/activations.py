"""Activations, from PyTorch. The arrays are those of the family `layers`, with one batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from tests.golden.case import Case
from tests.golden.passes import batches, passes

Z = np.concatenate([np.linspace(-6, 6, 48), [-40.0, -1e-9, 1e-9, 40.0]]).reshape(1, 4, 13)
DOUT = batches(1, *Z.shape)


def cases() -> dict[str, Case]:
    return {
        "relu": activation({"kind": "relu"}, torch.relu),
        "sigmoid": activation({"kind": "sigmoid"}, torch.sigmoid),
        "tanh": activation({"kind": "tanh"}, torch.tanh),
        "sigmoid, scaled": activation(
            {"kind": "sigmoid", "scale": 1.5}, lambda z: 1.5 * torch.sigmoid(z)
        ),
        "tanh, scaled": activation(
            {"kind": "tanh", "scale": 1.7159}, lambda z: 1.7159 * torch.tanh(z)
        ),
        "gaussian": activation({"kind": "gaussian"}, lambda z: torch.exp(-z * z)),
        "gaussian, scaled": activation(
            {"kind": "gaussian", "scale": 0.5}, lambda z: 0.5 * torch.exp(-z * z)
        ),
        "identity": activation({"kind": "identity"}, lambda z: 1.0 * z),
        "leaky_relu": activation({"kind": "leaky_relu"}, functional.leaky_relu),
        "leaky_relu of Keras": activation(
            {"kind": "leaky_relu", "alpha": 0.3}, lambda z: functional.leaky_relu(z, 0.3)
        ),
        "elu": activation({"kind": "elu"}, functional.elu),
        "elu, lower": activation({"kind": "elu", "alpha": 2.0}, lambda z: functional.elu(z, 2.0)),
        "selu": activation({"kind": "selu"}, functional.selu),
        "gelu": activation({"kind": "gelu"}, functional.gelu),
        "gelu by tanh": activation(
            {"kind": "gelu", "approximation": "tanh"},
            lambda z: functional.gelu(z, approximate="tanh"),
        ),
        # PyTorch's softplus turns linear above a threshold: out of reach here
        "softplus": activation(
            {"kind": "softplus"}, lambda z: functional.softplus(z, threshold=1000)
        ),
    }


def activation(spec: dict[str, Any], theta: Callable[[torch.Tensor], torch.Tensor]) -> Case:
    arrays = passes(theta, Z, DOUT)
    return Case(spec, arrays | {"y_inference": arrays["y"][0]})
