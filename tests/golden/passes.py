"""Forward and backward passes of a PyTorch or Keras layer over several batches, as arrays."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch

Tensors = Mapping[str, torch.Tensor]


def batches(seed: int, *shape: int, scale: float = 1.0, shift: float = 0.0) -> np.ndarray:
    """Normal draws (B, N, ...): the inputs, or the gradients that come back, of B batches."""
    return scale * np.random.default_rng(seed).standard_normal(shape) + shift


def passes(
    forward: Callable[[torch.Tensor], torch.Tensor],
    x: np.ndarray,
    dout: np.ndarray,
    *,
    parameters: Tensors | None = None,
    buffers: Callable[[], dict[str, np.ndarray]] = dict,
) -> dict[str, np.ndarray]:
    """The arrays of a case of the family `layers`, without its inference: see there."""
    parameters = parameters or {}
    seen: dict[str, list[np.ndarray]] = {}
    for x_batch, dout_batch in zip(x, dout, strict=True):
        inputs = torch.tensor(x_batch, requires_grad=True)
        y = forward(inputs)
        dx, *gradients = torch.autograd.grad(
            y, [inputs, *parameters.values()], torch.tensor(dout_batch)
        )
        batch = {"y": y, "dx": dx}
        batch |= {f"gradients.{k}": g for k, g in zip(parameters, gradients, strict=True)}
        arrays = {name: tensor.detach().numpy().copy() for name, tensor in batch.items()}
        arrays |= {f"buffers.{name}": array.copy() for name, array in buffers().items()}
        for name, array in arrays.items():
            seen.setdefault(name, []).append(array)
    given = {f"parameters.{k}": p.detach().numpy().copy() for k, p in parameters.items()}
    return {"x": x, "dout": dout, **given, **{k: np.stack(a) for k, a in seen.items()}}
