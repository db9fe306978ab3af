"""Whole records, for the files that downloads hand over: Streamlit has those made when they are
asked for, in nobody's session."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from dashboard.reads.opened import shared_store
from db.records import CheckpointInfo
from engine.config import RunConfig
from engine.model import Model, model_of


def table(name: str, run_ids: Sequence[int]) -> pa.Table:
    """One of the tables of what runs recorded, or `runs`: what they are and came to."""
    return shared_store().frames.table(name, run_ids)


def export(run_ids: Sequence[int], file: Path) -> None:
    """Everything that was recorded of runs, as another database reads it."""
    shared_store().portable.export(run_ids, file)


def model_at(config: RunConfig, checkpoint: CheckpointInfo) -> Model:
    """The network of a run as it was at a checkpoint."""
    return model_of(config, shared_store().checkpoints.load(checkpoint.id))
