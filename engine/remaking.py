"""A checkpoint that was not kept, made again: training is the same to the last bit each time."""

from __future__ import annotations

from typing import Any

from engine.backend import Backend
from engine.blocks import in_threads
from engine.config import RunConfig
from engine.loops import compiled
from engine.records import Checkpoint, Metric
from engine.training import Trainer

_BARELY: dict[str, Any] = {
    "every": 1_000_000,
    "dense": 0,
    "histograms": False,
    "batch_statistics": False,
}


def trained_again(
    config: RunConfig, step: int, backend: Backend | None = None
) -> tuple[Checkpoint, tuple[Metric, ...]]:
    """The state after `step` of a run from scratch, and what was measured there: its metrics, where
    an epoch ends. Raises ConfigError, DataError or BackendError before the first step."""
    barely = config.record.model_copy(update=_BARELY)
    trainer = Trainer(config.model_copy(update={"record": barely}), backend)
    record = None
    with in_threads(), compiled(trainer.backend.compiles):
        while trainer.step < step:
            record = trainer.advance()
    return trainer.snapshot(), record.metrics if record else ()
