"""Softmax with cross-entropy, fused so that its gradient is p - t."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from engine.backend import Array
from engine.loops import loop_beside
from engine.losses.base import Loss


class SoftmaxCrossEntropy(Loss):
    """Softmax cross-entropy: L = -mean log p[t], p = softmax(z)."""

    kind: Literal["softmax_cross_entropy"] = "softmax_cross_entropy"

    def score(self, xp: Any, z: Array, t: Array, sums: Array, dz: Array) -> None:
        _softmax(dz, sums, z, t, xp.arange(len(z)), 1 / len(z))


def _on_arrays(p: Array, sums: Array, z: Array, t: Array, rows: Array, share: float) -> None:
    answers = z.argmax(axis=1)
    shifted = z - z[rows, answers, None]  # by each row's largest
    np.exp(shifted, out=p)
    total = p.sum(axis=1, keepdims=True)
    sums[0] = np.log(total).sum() - shifted[rows, t].sum()
    sums[1] = (answers == t).sum()
    p /= total
    p[rows, t] -= 1.0
    p *= share


@loop_beside(_on_arrays)
def _softmax(p: Array, sums: Array, z: Array, t: Array, rows: Array, share: float) -> None:
    """dz into p; the summed loss and the hits into `sums`."""
    sums[:] = 0
    for i in range(len(z)):
        answer = z[i].argmax()
        top = z[i, answer]
        total = 0.0
        for j in range(z.shape[1]):
            p[i, j] = np.exp(z[i, j] - top)
            total += p[i, j]
        sums[0] += np.log(total) - (z[i, t[i]] - top)
        sums[1] += answer == t[i]
        for j in range(z.shape[1]):
            p[i, j] *= share / total
        p[i, t[i]] -= share
