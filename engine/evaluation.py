"""Loss and accuracy of a network over a whole set of samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.backend import Array
from engine.layers import Mode
from engine.losses import Loss
from engine.network import Network

CHUNK = 1_000
"""Samples a pass in inference mode, where the size of a batch changes nothing but memory."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Mean loss, and the share of correct answers where the targets are labels."""

    loss: float
    accuracy: float | None


def evaluate(
    network: Network,
    loss: Loss,
    x: Array,
    t: Array,
    *,
    mode: Mode = "inference",
    batch_size: int = CHUNK,
) -> Evaluation:
    """The network's loss and accuracy on samples x with labels t, a batch at a time.

    In training mode each batch is normalized with its own statistics and the running ones move:
    evaluate on a network of one's own.
    """
    total, hits = 0.0, 0
    for start in range(0, len(x), batch_size):
        batch = slice(start, start + batch_size)
        z = network.forward(x[batch], mode)
        batch_loss, batch_hits, _ = loss.sum(network.xp, z, t[batch])
        total, hits = total + float(batch_loss), hits + int(batch_hits)
    return Evaluation(total / len(x), hits / len(x) if t.ndim == 1 else None)


def loss_of_mean(loss: Loss, t: NDArray[Any], mean: NDArray[Any] | None = None) -> float:
    """The mean loss of predicting one number for all of t (N, K): `mean` (K,), or their own."""
    mean = t.mean(axis=0) if mean is None else mean
    total, _, _ = loss.sum(np, np.broadcast_to(mean, t.shape), t)
    return float(total) / len(t)
