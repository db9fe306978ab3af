"""The engine's analyses as pages ask for them: of what never changes, and cached.

Those of a checkpoint take its record as the key, and the configuration that belongs to it; those of
an untrained network, its configuration.
"""

from __future__ import annotations

import streamlit as st

from dashboard.data import get_store
from db.records import CheckpointInfo
from engine.analyses.causes import GapCauses, gap_causes
from engine.analyses.folding import Folding, compare_folded
from engine.analyses.modes import ModeComparison, Shift, compare_modes
from engine.analyses.momenta import MomentumOutcome, other_momenta
from engine.analyses.normalization import Normalization, normalization
from engine.analyses.replay import joined
from engine.analyses.signals import LayerSignals, untrained_signals
from engine.config import RunConfig
from engine.records import Checkpoint, StepRecord

SAMPLES = 1_000
"""Samples that a comparison of the modes, or an untrained network, takes at most."""


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
    recorded = get_store().history.batch_statistics(checkpoint.run_id)
    batches = joined(StepRecord(part.first_step, batch_statistics=(part,)) for part in recorded)
    return other_momenta(_config, _loaded(checkpoint), batches, momenta=values)


@st.cache_data(max_entries=100, show_spinner=False)
def _untrained(_config: RunConfig, json: str) -> tuple[LayerSignals, ...]:
    return untrained_signals(_config, samples=SAMPLES)


def untrained(config: RunConfig) -> tuple[LayerSignals, ...]:
    """What reaches each layer of a configuration's network before its first step."""
    return _untrained(config, config.to_json())


def _loaded(checkpoint: CheckpointInfo) -> Checkpoint:
    return get_store().checkpoints.load(checkpoint.id)
