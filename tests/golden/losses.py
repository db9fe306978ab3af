"""Losses, from PyTorch.

A case's arrays: logits `z` (N, K) and labels `t` (N,) are given; expected are the mean loss `loss`,
the gradient `dz` (N, K) of the mean loss and the number of right answers `hits`.
"""

from __future__ import annotations

import numpy as np
import torch

from tests.golden.case import Case


def cases() -> dict[str, Case]:
    generator = np.random.default_rng(11)
    z, t = generator.standard_normal((9, 5)), generator.integers(0, 5, 9)
    return {
        "softmax_cross_entropy": cross_entropy(z, t),
        "softmax_cross_entropy of one sample": cross_entropy(z[:1], t[:1]),
        "softmax_cross_entropy of huge logits": cross_entropy(300 * z, t),
        "mean_squared_error": squared_error("mean", z, generator.standard_normal((9, 5))),
        "mean_squared_error of labels": squared_error("mean", z, t),
        "mean_squared_error of the textbook": squared_error("half_sum", z, t),
    }


def squared_error(reduction: str, z: np.ndarray, t: np.ndarray) -> Case:
    outputs, targets = torch.tensor(z, requires_grad=True), torch.tensor(t)
    hits = torch.tensor(0)
    if t.ndim == 1:
        hits = (outputs.argmax(dim=1) == targets).sum()
        targets = torch.nn.functional.one_hot(targets, z.shape[1]).double()
    if reduction == "mean":
        loss = torch.nn.functional.mse_loss(outputs, targets)
    else:
        loss = 0.5 * ((outputs - targets) ** 2).sum() / len(z)
    (dz,) = torch.autograd.grad(loss, outputs)
    arrays = {"loss": loss.detach().numpy(), "dz": dz.numpy(), "hits": hits.numpy()}
    spec = {"kind": "mean_squared_error", "reduction": reduction}
    return Case(spec, {"z": z, "t": t, **arrays})


def cross_entropy(z: np.ndarray, t: np.ndarray) -> Case:
    logits, labels = torch.tensor(z, requires_grad=True), torch.tensor(t)
    loss = torch.nn.functional.cross_entropy(logits, labels)
    (dz,) = torch.autograd.grad(loss, logits)
    hits = (logits.argmax(dim=1) == labels).sum()
    arrays = {"loss": loss.detach().numpy(), "dz": dz.numpy(), "hits": hits.numpy()}
    return Case({"kind": "softmax_cross_entropy"}, {"z": z, "t": t, **arrays})
