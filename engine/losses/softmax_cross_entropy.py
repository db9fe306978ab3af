"""Softmax with cross-entropy, fused so that its gradient is p - t."""

from __future__ import annotations

from typing import Any, Literal

from engine.backend import Array
from engine.losses.base import Loss


class SoftmaxCrossEntropy(Loss):
    """Softmax cross-entropy: L = -mean log p[t], p = softmax(z)."""

    kind: Literal["softmax_cross_entropy"] = "softmax_cross_entropy"

    def sum(self, xp: Any, z: Array, t: Array) -> tuple[Array, Array, Array]:
        rows = xp.arange(len(z))
        answers = z.argmax(axis=1)
        hits = (answers == t).sum()
        shifted = z - z[rows, answers, None]  # by each row's largest
        p = xp.exp(shifted)
        total = p.sum(axis=1, keepdims=True)
        loss = xp.log(total).sum() - shifted[rows, t].sum()
        p /= total
        p[rows, t] -= 1
        p /= len(z)
        return loss, hits, p
