"""Activations, from PyTorch. The arrays are those of the family `layers`, with one batch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from tests.golden.case import Case
from tests.golden.passes import batches, passes

Z = np.concatenate([np.linspace(-6, 6, 48), [-40.0, -1e-9, 1e-9, 40.0]]).reshape(1, 4, 13)
DOUT = batches(1, *Z.shape)


def cases() -> dict[str, Case]:
    return {
        "relu": activation({"kind": "relu"}, torch.relu),
        "sigmoid": activation({"kind": "sigmoid"}, torch.sigmoid),
        "tanh": activation({"kind": "tanh"}, torch.tanh),
    }


def activation(spec: dict[str, Any], theta: Callable[[torch.Tensor], torch.Tensor]) -> Case:
    arrays = passes(theta, Z, DOUT)
    return Case(spec, arrays | {"y_inference": arrays["y"][0]})
