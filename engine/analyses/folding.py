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
from engine.messages import Message
from engine.model import trained_network
from engine.network import Network
from engine.records import Checkpoint
from engine.samples import load_samples

LINEAR = (Dense, Conv2D)
"""The layers that can take a BN layer into their W, whose last axis is the channel, and b."""


@dataclass(frozen=True, slots=True, eq=False)
class Folded:
    """A stack without the BN layers that could be folded, and its flat parameters and buffers.

    `left` says which BN layers stay and why.
    """

    layers: tuple[LayerSpec, ...]
    shape: Shape
    w: NDArray[np.float64]
    buffers: NDArray[np.float64]
    left: tuple[Message, ...]

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


def _reason(network: Network, i: int) -> Message:
    name = network.info[i].name
    if i == 0:
        return Message(
            "{name} stays: it comes first, and only the weights of a layer right before it could"
            " take it",
            name=name,
        )
    return Message(
        "{name} stays: it follows {before}, and only the weights of a layer right before it could"
        " take it",
        name=name,
        before=network.info[i - 1].name,
    )


@dataclass(frozen=True, slots=True, eq=False)
class FoldedLayer:
    """A layer that takes a BN layer in: each channel's weight norm and bias, before and after."""

    name: str
    norms: NDArray[np.float64]
    folded_norms: NDArray[np.float64]
    biases: NDArray[np.float64]
    folded_biases: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Folding:
    """What folding makes of a network: the layers that take a BN layer in, by that layer's index,
    the sizes, and how far the outputs differ at most over so many samples."""

    layers: dict[int, FoldedLayer]
    parameters: int
    folded_parameters: int
    samples: int
    largest_difference: float


def compare_folded(config: RunConfig, checkpoint: Checkpoint, *, samples: int = 1_000) -> Folding:
    """The folded network beside the network as it is, on the first training samples."""
    x = load_samples(config, checkpoint.data).x_train[:samples].astype(np.float64)
    network = trained_network(config, checkpoint, x.shape[1:], dtype="float64")
    folded = fold_batch_norms(config, checkpoint, x.shape[1:]).network()
    apart = np.abs(network.forward(x, "inference") - folded.forward(x, "inference"))
    gone = [i for i in range(1, len(config.layers)) if _folds(config.layers, i)]
    layers = {}
    for number, i in enumerate(gone):
        before, after = network.layers[i - 1], folded.layers[i - 1 - number]
        layers[i] = FoldedLayer(
            network.info[i - 1].name,
            *(_norms(layer.parameters["W"]) for layer in (before, after)),
            *(np.array(_bias(layer)) for layer in (before, after)),
        )
    return Folding(layers, network.w.size, folded.w.size, len(x), float(apart.max()))


def _norms(W: NDArray[np.float64]) -> NDArray[np.float64]:
    norms: NDArray[np.float64] = np.sqrt(np.square(W.reshape(-1, W.shape[-1])).sum(axis=0))
    return norms


def _bias(layer: Layer[Any]) -> NDArray[np.float64]:
    bias: NDArray[np.float64] = layer.parameters.get("b", np.zeros(layer.parameters["W"].shape[-1]))
    return bias
