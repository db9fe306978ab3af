"""What a Batch Normalization layer makes of its inputs, over the slope of the activation behind it.

An activation learns where its slope is: outside of that it is saturated, and what BN moves there is
lost. So the values before and after normalization are laid over θ'(z), as a share of its largest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import histogram
from engine.analyses.mean_field import apply
from engine.config import RunConfig
from engine.layer_statistics import FLAT
from engine.layers import Activation
from engine.model import trained_network
from engine.records import Checkpoint, Histogram
from engine.samples import load_samples

Values = NDArray[np.float64]

QUANTILES = (0.05, 0.5, 0.95)


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Values on one side of a BN layer: all together, each channel's quantiles (3, C), and the
    share of them on which the activation is saturated, None where none follows."""

    values: Histogram
    channels: Values
    saturated: float | None


@dataclass(frozen=True, slots=True, eq=False)
class Normalization:
    """One BN layer's inputs and outputs in inference mode, and the activation that follows."""

    layer: int
    activation: Activation | None
    before: Side
    after: Side


def normalization(
    config: RunConfig, checkpoint: Checkpoint, layer: int, *, samples: int = 2_000
) -> Normalization:
    """A BN layer on the first training samples. Raises DataError where they cannot be read."""
    x = load_samples(config, checkpoint.data).x_train[:samples]
    network = trained_network(config, checkpoint, x.shape[1:])
    before = np.array(network.forward(x, "inference", upto=layer), np.float64)
    after = np.array(network.forward(x, "inference", upto=layer + 1), np.float64)
    behind = config.layers[layer + 1] if layer + 1 < len(config.layers) else None
    activation = behind if isinstance(behind, Activation) else None
    return Normalization(
        layer, activation, _side(layer, before, activation), _side(layer, after, activation)
    )


def relative_slope(activation: Activation, z: Values) -> Values:
    """|θ'(z)| as a share of its largest: 1 in the linear region, 0 where nothing is learned."""
    _, slope = apply(activation, z)
    share: Values = np.clip(np.abs(slope) / activation.largest_slope, 0.0, 1.0)
    return share


def flat_share(z: Histogram, activation: Activation) -> float:
    """The share of the sums z at which an activation is flat; within a bin they lie evenly."""
    parts = 16
    places = np.linspace(z.low, z.high, len(z.counts) * parts + 1)
    flat = relative_slope(activation, (places[:-1] + places[1:]) / 2) < FLAT
    shares = flat.reshape(-1, parts).mean(axis=1)
    return float(shares @ z.counts / max(1, int(z.counts.sum())))


def _side(layer: int, values: Values, activation: Activation | None) -> Side:
    ((low, high),), (counts,) = histogram.count(np, [values])
    found = Histogram(0, layer, "activation", float(low), float(high), counts.astype(np.uint32))
    channels = np.quantile(values.reshape(-1, values.shape[-1]), QUANTILES, axis=0)
    saturated = None
    if activation is not None:
        saturated = float((relative_slope(activation, values) < FLAT).mean())
    return Side(found, channels, saturated)
