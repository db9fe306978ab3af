"""Batch Normalization folded into the layer before it.

In inference BN is an affine map of each channel: y = s z + h with s = γ / sqrt(σ² + ε) and
h = β - s μ. Right behind a layer that is linear in its weights, z = x W + b, it disappears into
them:

    y = x (W s) + (b s + h)

(Jacob et al., "Quantization and Training of Neural Networks for Efficient Integer-Arithmetic-Only
Inference", CVPR 2018, section 3.2). Behind anything else there is nothing to take it: it stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.config import RunConfig
from engine.layers import BatchNorm, Conv2D, Dense, Layer, LayerSpec, Shape
from engine.model import trained_network
from engine.network import Network
from engine.records import Checkpoint

LINEAR = (Dense, Conv2D)
"""The layers that can take a BN layer into their W, whose last axis is the channel, and b."""


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A stack without the BN layers that could be folded, and its flat parameters and buffers.

    `left` says, a sentence each, which BN layers stay and why.
    """

    layers: tuple[LayerSpec, ...]
    shape: Shape
    w: NDArray[np.float64]
    buffers: NDArray[np.float64]
    left: tuple[str, ...]

    def network(self) -> Network:
        """The folded stack at work, in float64."""
        network = Network(self.layers, self.shape, xp=np, dtype="float64")
        network.w[...], network.buffers[...] = self.w, self.buffers
        return network


def fold_batch_norms(config: RunConfig, checkpoint: Checkpoint, shape: Shape) -> Folded:
    """The network of a checkpoint, for samples of `shape`, with BN folded where it can be: equal in
    inference to rounding."""
    network = trained_network(config, checkpoint, shape, dtype="float64")
    folded = {i for i in range(1, len(config.layers)) if _folds(config.layers, i)}
    kept = [i for i in range(len(config.layers)) if i not in folded]
    layers = tuple(_with_bias(config.layers[i], i + 1 in folded) for i in kept)
    result = Network(layers, shape, xp=np, dtype="float64")
    for target, i in zip(result.layers, kept, strict=True):
        values = {**network.layers[i].parameters, **network.layers[i].buffers}
        if i + 1 in folded:
            values = _fold(network.layers[i], network.layers[i + 1])
        for name, array in {**target.parameters, **target.buffers}.items():
            array[...] = values[name]
    left = tuple(_reason(network, i) for i in kept if isinstance(config.layers[i], BatchNorm))
    return Folded(layers, shape, result.w, result.buffers, left)


def _folds(layers: Sequence[LayerSpec], i: int) -> bool:
    return isinstance(layers[i], BatchNorm) and isinstance(layers[i - 1], LINEAR)


def _with_bias(spec: LayerSpec, wanted: bool) -> LayerSpec:
    return spec.model_copy(update={"bias": True}) if wanted else spec


def _fold(linear: Layer[Any], batch_norm: Layer[BatchNorm]) -> dict[str, NDArray[np.float64]]:
    """W s and b s + h."""
    p, running = batch_norm.parameters, batch_norm.buffers
    s = p["gamma"] / np.sqrt(running["running_var"] + batch_norm.spec.epsilon)
    h = p["beta"] - s * running["running_mean"]
    return {"W": linear.parameters["W"] * s, "b": linear.parameters.get("b", 0.0) * s + h}


def _reason(network: Network, i: int) -> str:
    name = network.info[i].name
    before = f"follows {network.info[i - 1].name}" if i else "comes first"
    return (
        f"{name} stays: it {before}, and only the weights of a layer right before it could take it"
    )
