"""Mean squared error, for numbers to be predicted, and for labels as one-hot vectors.

Traditions differ in a factor: Keras and PyTorch average over samples and outputs, textbooks halve
the sum over the outputs, which makes the gradient z - t.
"""

from __future__ import annotations

from math import sqrt
from typing import Any, Literal

from engine.backend import Array
from engine.losses.base import Loss
from engine.spec import hyper


class MeanSquaredError(Loss):
    """Mean squared error: L = mean (z - t)²."""

    kind: Literal["mean_squared_error"] = "mean_squared_error"
    reduction: Literal["mean", "half_sum"] = hyper(
        "mean",
        description="Over the outputs of a sample: their mean (Keras, PyTorch) or half their sum"
        " (textbooks).",
    )

    def error(self, loss: float, outputs: int) -> float:
        """The root mean square of z - t that a loss over so many outputs comes to."""
        return sqrt(loss if self.reduction == "mean" else 2 * loss / outputs)

    def score(self, xp: Any, z: Array, t: Array, w: Array, sums: Array, dz: Array) -> None:
        sums[1] = 0
        if t.ndim == 1:
            sums[1] = (z.argmax(axis=1) == t).sum()
            t = xp.arange(z.shape[1]) == t[:, None]
        factor = 1 / z.shape[1] if self.reduction == "mean" else 0.5
        dz[...] = z - t.astype(z.dtype)
        sums[0] = factor * (w[:, None] * dz * dz).sum()
        dz *= 2 * factor / len(z) * w[:, None]
