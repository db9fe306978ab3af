"""A checkpoint that was not kept, made again: training is the same to the last bit each time.

How far a moment of training reaches follows from the configuration alone, so that two runs of one
configuration keep the same: from the multiplications and additions of its steps, and from what
Python does between them, whatever their size.
"""

from __future__ import annotations

from typing import Any

from engine.architecture import Architecture
from engine.backend import Backend
from engine.blocks import in_threads
from engine.config import RunConfig
from engine.loops import compiled
from engine.records import Checkpoint, Metric
from engine.trained_on import TrainedOn
from engine.training import Trainer

MOMENT = 12_000_000_000
"""Multiplications and additions forward that a processor trains by in a second or two."""
CALLS = 1_500_000
"""As many would take as long as Python's part of a step."""
BACK = 2
"""Times as many that the way back takes."""

_BARELY: dict[str, Any] = {
    "every": 1_000_000,
    "dense": 0,
    "histograms": False,
    "batch_statistics": False,
}


def within_a_moment(plan: Architecture) -> int:
    """The last step that training from scratch reaches in a moment."""
    info = plan.dataset
    epoch = plan.work_per_sample * (info.train_samples + info.validation_samples / (1 + BACK))
    return int(MOMENT / (epoch / plan.steps_per_epoch + CALLS))


def trained_again(
    config: RunConfig,
    step: int,
    backend: Backend | None = None,
    data: TrainedOn | None = None,
) -> tuple[Checkpoint, tuple[Metric, ...]]:
    """The state after `step` of a run from scratch, and what was measured there: its metrics, where
    an epoch ends; on the very `data` that it trained on, where these were kept. Raises ConfigError,
    DataError or BackendError before the first step."""
    barely = config.record.model_copy(update=_BARELY)
    trainer = Trainer(config.model_copy(update={"record": barely}), backend, data=data)
    record = None
    with in_threads(), compiled(trainer.backend.compiles):
        while trainer.step < step:
            record = trainer.advance()
    return trainer.snapshot(), record.metrics if record else ()
