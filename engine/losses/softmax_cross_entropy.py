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

    def score(self, xp: Any, z: Array, t: Array, w: Array, sums: Array, dz: Array) -> None:
        _softmax(dz, sums, z, t, w, xp.arange(len(z)), 1 / len(z))


def _on_arrays(
    p: Array, sums: Array, z: Array, t: Array, w: Array, rows: Array, share: float
) -> None:
    answers = z.argmax(axis=1)
    shifted = z - z[rows, answers, None]  # by each row's largest
    np.exp(shifted, out=p)
    total = p.sum(axis=1, keepdims=True)
    sums[0] = (w * np.log(total[:, 0])).sum() - (w * shifted[rows, t]).sum()
    sums[1] = (answers == t).sum()
    p /= total
    p[rows, t] -= 1.0
    p *= share * w[:, None]


@loop_beside(_on_arrays)
def _softmax(
    p: Array, sums: Array, z: Array, t: Array, w: Array, rows: Array, share: float
) -> None:
    """dz into p; the summed loss and the hits into `sums`."""
    sums[0] = sums[1] = 0
    for i in range(len(z)):
        answer, top = 0, z[i, 0]
        for j in range(1, z.shape[1]):
            if top == top and not z[i, j] <= top:  # the first NaN is the largest, as in NumPy
                answer, top = j, z[i, j]
        total = 0.0
        for j in range(z.shape[1]):
            p[i, j] = np.exp(z[i, j] - top)
            total += p[i, j]
        sums[0] += w[i] * (np.log(total) - (z[i, t[i]] - top))
        sums[1] += answer == t[i]
        for j in range(z.shape[1]):
            p[i, j] *= w[i] * share / total
        p[i, t[i]] -= w[i] * share
