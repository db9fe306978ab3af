"""The engine's analyses as pages ask for them: of what never changes, and cached.

Those of a checkpoint take its record as the key, and the configuration that belongs to it; those of
an untrained network, its configuration.
"""

from __future__ import annotations

import numpy as np
import streamlit as st

from dashboard.reads.opened import shared_store
from dashboard.reads.store import trained_on
from db.records import CheckpointInfo
from engine.analyses.answers import Answers, Split
from engine.analyses.answers import answers as answers_at
from engine.analyses.causes import GapCauses, gap_causes
from engine.analyses.folding import Folding, compare_folded
from engine.analyses.learned import Curve, Regions
from engine.analyses.learned import learned as learned_at
from engine.analyses.loss_slice import LossSlice, loss_slice
from engine.analyses.mode_comparison import ModeComparison, Shift, compare_modes
from engine.analyses.momenta import MomentumOutcome, other_momenta
from engine.analyses.normalization import Normalization, normalization
from engine.analyses.paths import Path, optimizer_path
from engine.analyses.replay import joined
from engine.analyses.signals import LayerSignals, untrained_signals
from engine.analyses.surfaces import Point, Values
from engine.config import RunConfig
from engine.datasets import Dataset
from engine.optimizers import Optimizer
from engine.records import Checkpoint, StepRecord
from engine.samples import load_same
from engine.trained_on import TrainedOn

SAMPLES = 1_000
"""Samples that a comparison of the modes, or an untrained network, takes at most."""

SLICE_SAMPLES = 200
SLICE_POINTS = 21
"""Losses along each direction of a slice; what is drawn between them is interpolated."""


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


@st.cache_data(max_entries=40, show_spinner=False)
def folding(checkpoint: CheckpointInfo, _config: RunConfig) -> Folding:
    """The network with its BN layers folded, held against the network as it is."""
    return compare_folded(_config, _loaded(checkpoint))


@st.cache_data(max_entries=40, show_spinner=False)
def momenta(
    checkpoint: CheckpointInfo, _config: RunConfig, values: tuple[float, ...]
) -> tuple[MomentumOutcome, ...]:
    """What other momenta would have given, from every batch that the run recorded."""
    recorded = shared_store().history.batch_statistics(checkpoint.run_id)
    batches = joined(StepRecord(part.first_step, batch_statistics=(part,)) for part in recorded)
    return other_momenta(_config, _loaded(checkpoint), batches, momenta=values)


@st.cache_data(max_entries=100, show_spinner=False)
def _untrained(_config: RunConfig, json: str) -> tuple[LayerSignals, ...]:
    return untrained_signals(_config, samples=SAMPLES)


def untrained(config: RunConfig) -> tuple[LayerSignals, ...]:
    """What reaches each layer of a configuration's network before its first step."""
    return _untrained(config, config.to_json())


@st.cache_data(max_entries=10, show_spinner=False)
def _data(
    _config: RunConfig, _kept: TrainedOn | None, dataset: str, fingerprint: str | None
) -> Dataset:
    return load_same(_config, _kept)


def data_of(run_id: int, config: RunConfig) -> Dataset:
    """The samples of a run, as stored; raises DataError where they are gone or are others now."""
    kept = trained_on(run_id)
    fingerprint = kept.fingerprint if kept else None
    return _data(config, kept, config.dataset.model_dump_json(), fingerprint)


@st.cache_data(max_entries=200, show_spinner=False)
def learned(checkpoint: CheckpointInfo, _config: RunConfig) -> Regions | Curve | None:
    """What a network of one or two inputs has learned, over all of its inputs; None for others."""
    samples = data_of(checkpoint.run_id, _config)
    return learned_at(_config, _loaded(checkpoint), samples)


@st.cache_data(max_entries=40, show_spinner=False)
def answers(checkpoint: CheckpointInfo, _config: RunConfig, split: Split) -> Answers:
    """What a run's network answers to a split, class by class."""
    samples = data_of(checkpoint.run_id, _config)
    return answers_at(_config, _loaded(checkpoint), samples, split=split)


@st.cache_data(max_entries=40, show_spinner=False)
def slice_losses(checkpoint: CheckpointInfo, _config: RunConfig) -> tuple[Values, Values]:
    """A run's loss over a grid, in two random directions of as many points from -1 to 1 as the
    first array holds; the losses (b, a) are the second."""
    places = np.linspace(-1, 1, SLICE_POINTS)
    return places, _slice(checkpoint, _config).grid(places, places)


@st.cache_data(max_entries=100, show_spinner=False)
def slice_gradient(checkpoint: CheckpointInfo, _config: RunConfig, at: Point) -> Point:
    """The gradient of a run's loss at a point of its slice."""
    return _slice(checkpoint, _config).gradient(*at)


@st.cache_data(max_entries=200, show_spinner=False)
def slice_path(
    checkpoint: CheckpointInfo,
    _config: RunConfig,
    optimizer: Optimizer,
    *,
    start: Point,
    steps: int,
) -> Path:
    """The path that an optimizer takes over a run's slice, by the loss's own gradients."""
    return optimizer_path(_slice(checkpoint, _config), optimizer, start=start, steps=steps)


def _slice(checkpoint: CheckpointInfo, config: RunConfig) -> LossSlice:
    return loss_slice(config, _loaded(checkpoint), samples=SLICE_SAMPLES)


def _loaded(checkpoint: CheckpointInfo) -> Checkpoint:
    return shared_store().checkpoints.load(checkpoint.id)
