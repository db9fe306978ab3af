"""The engine's analyses as pages ask for them: of a checkpoint, which never changes, and cached.

Each takes its checkpoint's record as the key, and the configuration that belongs to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from dashboard.data import get_store
from db.records import CheckpointInfo
from engine.analyses.causes import GapCauses, gap_causes
from engine.analyses.folding import fold_batch_norms
from engine.analyses.modes import ModeComparison, Shift, compare_modes
from engine.analyses.normalization import Normalization, normalization
from engine.config import RunConfig
from engine.layers import BatchNorm
from engine.model import trained_network
from engine.records import Checkpoint
from engine.samples import load_samples

SAMPLES = 1_000
"""Validation samples that a comparison of the modes takes at most."""


@st.cache_data(max_entries=40, show_spinner=False)
def causes(checkpoint: CheckpointInfo, _config: RunConfig) -> dict[int, GapCauses]:
    """Why the running statistics miss the population's, by layer."""
    return gap_causes(_config, _loaded(checkpoint))


@st.cache_data(max_entries=60, show_spinner=False)
def modes(
    checkpoint: CheckpointInfo, _config: RunConfig, *, batch_size: int, shift: Shift
) -> ModeComparison:
    """The validation samples in training mode, in batches of a size, beside inference mode."""
    return compare_modes(
        _config, _loaded(checkpoint), batch_size=batch_size, shift=shift, samples=SAMPLES
    )


@st.cache_data(max_entries=100, show_spinner=False)
def normalized(checkpoint: CheckpointInfo, _config: RunConfig, layer: int) -> Normalization:
    """What a BN layer makes of its inputs."""
    return normalization(_config, _loaded(checkpoint), layer)


@dataclass(frozen=True, slots=True, eq=False)
class FoldedLayer:
    """The layer before a BN layer: the norm of each channel's weights and its bias, before and
    after the BN layer is folded into it."""

    name: str
    norms: NDArray[np.float64]
    folded_norms: NDArray[np.float64]
    biases: NDArray[np.float64]
    folded_biases: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Folding:
    """Every BN layer that folds, by its index; how far the outputs differ at most; sizes."""

    layers: dict[int, FoldedLayer]
    largest_difference: float
    samples: int
    parameters: int
    folded_parameters: int


@st.cache_data(max_entries=40, show_spinner=False)
def folding(checkpoint: CheckpointInfo, _config: RunConfig) -> Folding:
    """The network with its BN layers folded, held against the network as it is."""
    kept, x = _loaded(checkpoint), load_samples(_config).x_train[:SAMPLES].astype(np.float64)
    network = trained_network(_config, kept, x.shape[1:], dtype="float64")
    folded = fold_batch_norms(_config, kept, x.shape[1:]).network()
    apart = np.abs(network.forward(x, "inference") - folded.forward(x, "inference"))
    layers, place = {}, 0
    for i, layer in enumerate(network.layers):
        if isinstance(layer.spec, BatchNorm) and not isinstance(_at(folded, place), BatchNorm):
            before, after = network.layers[i - 1], folded.layers[place - 1]
            layers[i] = FoldedLayer(
                network.info[i - 1].name, *_norms(before, after), *_biases(before, after)
            )
        else:
            place += 1
    return Folding(layers, float(apart.max()), len(x), network.w.size, folded.w.size)


def _at(network: Any, place: int) -> Any:
    return network.layers[place].spec if place < len(network.layers) else None


def _norms(*layers: Any) -> list[NDArray[np.float64]]:
    weights = [layer.parameters["W"] for layer in layers]
    return [np.sqrt(np.square(W.reshape(-1, W.shape[-1])).sum(axis=0)) for W in weights]


def _biases(*layers: Any) -> list[NDArray[np.float64]]:
    return [
        np.array(layer.parameters.get("b", np.zeros(layer.parameters["W"].shape[-1])))
        for layer in layers
    ]


def _loaded(checkpoint: CheckpointInfo) -> Checkpoint:
    return get_store().checkpoints.load(checkpoint.id)
