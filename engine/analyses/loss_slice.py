"""A plane through the loss of a real run: the parameters of a checkpoint, and two directions.

    w(a, b) = w₀ + a d₁ + b d₂

Random directions are filter-normalized (Li et al., "Visualizing the Loss Landscape of Neural Nets",
NeurIPS 2018): each filter, the weights into one unit, is drawn from a normal distribution and
scaled to the norm of the filter it is added to, since only changes in proportion to the weights
compare; b, γ, β and learned slopes stay. A direction may as well lead to another checkpoint.

Batch Normalization normalizes with the samples' own statistics, as in a step of training on them
all, so that loss and gradient belong together; nothing is dropped out. In float64, on the host.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.analyses.surfaces import Point, Values
from engine.config import RunConfig
from engine.errors import DataError
from engine.losses import Loss
from engine.messages import Message
from engine.model import trained_network
from engine.network import Network
from engine.randomness import Use, stream
from engine.records import Checkpoint
from engine.samples import load_samples


@dataclass(frozen=True, slots=True, eq=False)
class LossSlice:
    """The mean loss over some samples, as a surface over (a, b); optimizers can walk on it."""

    network: Network
    loss: Loss
    x: Values
    t: NDArray[np.float64] | NDArray[np.int64]
    origin: Values
    directions: Values  # (2, parameters)

    def value(self, a: float, b: float) -> float:
        return self._at(a, b)[0]

    def gradient(self, a: float, b: float) -> Point:
        """The true gradient of the loss, projected: (dL/dw · d₁, dL/dw · d₂)."""
        _, dout = self._at(a, b)
        self.network.backward(dout)
        da, db = self.directions @ self.network.dw
        return float(da), float(db)

    def grid(self, a: Values, b: Values) -> Values:
        """The losses (len(b), len(a)) over a grid."""
        return np.array([[self.value(ai, bi) for ai in a] for bi in b])

    def coordinates(self, w: NDArray[np.floating]) -> Point:
        """The point of the plane that is nearest to some parameters, another checkpoint's say."""
        solution, *_ = np.linalg.lstsq(self.directions.T, w - self.origin, rcond=None)
        return float(solution[0]), float(solution[1])

    @np.errstate(all="ignore")
    def _at(self, a: float, b: float) -> tuple[float, Values]:
        """The mean loss and its gradient at the outputs."""
        self.network.w[...] = self.origin + a * self.directions[0] + b * self.directions[1]
        z = self.network.forward(self.x, "training")
        loss, _, dout = self.loss.sum(np, z, self.t)
        return float(loss) / len(self.x), dout


def loss_slice(
    config: RunConfig,
    checkpoint: Checkpoint,
    *,
    towards: tuple[Checkpoint | None, Checkpoint | None] = (None, None),
    samples: int = 500,
    seed: int = 0,
) -> LossSlice:
    """The slice through a checkpoint, over the first training samples.

    Each direction leads to the checkpoint given, at a distance of 1, or where None is random and
    filter-normalized. Raises DataError where the data or a checkpoint does not fit.
    """
    data = load_samples(config, checkpoint.data)
    x, t = data.x_train[:samples].astype(np.float64), data.t_train[:samples]
    network = trained_network(config, checkpoint, x.shape[1:], dtype="float64")
    origin = network.w.copy()
    directions = [
        _random(network, seed, k) if other is None else _to(other, origin)
        for k, other in enumerate(towards)
    ]
    return LossSlice(network, config.loss, x, t, origin, np.array(directions))


def _to(other: Checkpoint, origin: Values) -> Values:
    if other.w.shape != origin.shape:
        raise DataError(
            Message(
                "a direction must lead to a checkpoint of the same network, {size:,} parameters;"
                " got one of {found:,}",
                size=origin.size,
                found=other.w.size,
            )
        )
    return other.w - origin


def _random(network: Network, seed: int, index: int) -> Values:
    """A filter-normalized direction."""
    generator = stream(seed, Use.ANALYSIS, index)
    parts = []
    for layer in network.layers:
        for w in layer.parameters.values():
            drawn = generator.standard_normal(w.shape)
            parts.append(_normalized(drawn, w).ravel() if w.ndim > 1 else np.zeros(w.size))
    return np.concatenate(parts)


def _normalized(direction: Values, w: Values) -> Values:
    """Each filter, all axes but the last, scaled to the norm of the weights' own."""
    axes = tuple(range(w.ndim - 1))
    norms = [np.sqrt(np.square(array).sum(axis=axes)) for array in (w, direction)]
    scaled: Values = direction * (norms[0] / norms[1])
    return scaled
