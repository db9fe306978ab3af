"""Training mode beside inference mode, sample by sample.

In training mode the answer to a sample depends on the company it keeps: Batch Normalization takes
the batch's own mean and variance (Ioffe and Szegedy 2015, Algorithm 1), and a batch of one is
normalized to zero. In inference mode the statistics are fixed, so the answer is the sample's alone,
but inputs that have shifted since training meet statistics that have not. Nothing is dropped out:
what differs between the modes is Batch Normalization alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.layers import Mode
from engine.losses import Loss
from engine.model import trained_network
from engine.network import Network
from engine.records import Checkpoint
from engine.samples import load_samples


@dataclass(frozen=True, slots=True)
class Shift:
    """A change of the network's inputs since training: x ↦ scale · x + offset."""

    offset: float = 0.0
    scale: float = 1.0

    def __call__(self, x: NDArray[Any]) -> NDArray[Any]:
        """Shifted inputs, in the same precision."""
        return (self.scale * x + self.offset).astype(x.dtype)


@dataclass(frozen=True, slots=True, eq=False)
class Answers:
    """What the network gives each of N samples: its outputs (N, K), their losses (N,) and, where
    the targets are labels, whether the answer is right (N,)."""

    outputs: NDArray[np.float64]
    losses: NDArray[np.float64]
    hits: NDArray[np.bool_] | None

    @property
    def loss(self) -> float:
        return float(self.losses.mean())

    @property
    def accuracy(self) -> float | None:
        return None if self.hits is None else float(self.hits.mean())

    @property
    def predictions(self) -> NDArray[np.int64]:
        """The output that is largest, each sample's class (N,)."""
        classes: NDArray[np.int64] = self.outputs.argmax(axis=1)
        return classes


@dataclass(frozen=True, slots=True, eq=False)
class ModeComparison:
    """The same samples in both modes, and their targets t."""

    batch_size: int
    shift: Shift
    t: NDArray[Any]
    modes: Mapping[Mode, Answers]

    @property
    def agreement(self) -> float:
        """Share of the samples that both modes answer alike."""
        training, inference = self.modes["training"], self.modes["inference"]
        return float((training.predictions == inference.predictions).mean())


def compare_modes(
    config: RunConfig,
    checkpoint: Checkpoint,
    *,
    batch_size: int,
    shift: Shift | None = None,
    split: Literal["train", "validation"] = "validation",
    samples: int | None = None,
) -> ModeComparison:
    """The first `samples` of a split, all where None, in batches of `batch_size`, in both modes.

    The last batch may be smaller. Raises DataError where the data or the checkpoint cannot be read.
    """
    shift = shift or Shift()
    x, t = load_samples(config, checkpoint.data).split(split)
    x, t = shift(x[:samples]), t[:samples]
    modes: dict[Mode, Answers] = {}
    for mode in get_args(Mode):
        network = trained_network(config, checkpoint, x.shape[1:])  # training moves its buffers
        modes[mode] = _answers(config.loss, _outputs(network, x, mode, batch_size), t)
    return ModeComparison(batch_size, shift, t, modes)


def _outputs(network: Network, x: NDArray[Any], mode: Mode, batch_size: int) -> NDArray[Any]:
    starts = range(0, len(x), batch_size)
    return np.concatenate([network.forward(x[i : i + batch_size], mode).copy() for i in starts])


def _answers(loss: Loss, outputs: NDArray[Any], t: NDArray[Any]) -> Answers:
    """Scored one by one: a loss sums over whatever batch it is given."""
    singles = [slice(i, i + 1) for i in range(len(outputs))]
    scores = np.array([loss.sum(np, outputs[i], t[i])[:2] for i in singles], np.float64)
    hits = scores[:, 1] > 0 if t.ndim == 1 else None
    return Answers(outputs.astype(np.float64), scores[:, 0], hits)
