"""The records of several runs, by the numbers of those that have any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.reads.clock import Clock, known, moments
from dashboard.reads.columns import Columns, length
from dashboard.reads.downsample import nearest
from db.records import Run
from engine.analyses.inspection import BatchNormInspection
from engine.records import Quantity


def metrics_of(runs: Sequence[Run]) -> dict[int, Columns]:
    """All losses and accuracies so far."""
    return {run.id: found for run in runs if length(found := live.metrics(run))}


def clocks_of(runs: Sequence[Run], *, wall: bool) -> dict[int, Clock]:
    """When each run's steps were through: in seconds of its training, or by the clock."""
    return {run.id: (moments if wall else known)(run, data.events(run.id)) for run in runs}


def statistics_of(runs: Sequence[Run]) -> dict[int, Columns]:
    """All layer statistics so far."""
    return {run.id: found for run in runs if length(found := live.layers(run))}


def recorded_steps(runs: Sequence[Run]) -> dict[int, list[int]]:
    """The steps at which distributions were recorded."""
    return {run.id: steps for run in runs if (steps := data.histogram_steps(run.id))}


def histograms_of(
    steps: Mapping[int, Sequence[int]], quantity: Quantity, step: int
) -> dict[int, Columns]:
    """Each run's distributions at that of its recorded `steps` which is nearest to one."""
    return {
        run_id: data.histograms(run_id, quantity, steps=(nearest(recorded, step),))
        for run_id, recorded in steps.items()
    }


def inspections_of(runs: Sequence[Run]) -> dict[int, BatchNormInspection]:
    """Batch Normalization at each run's newest checkpoint."""
    return {
        run.id: data.inspection(kept[-1], run.config)
        for run in runs
        if run.has_batch_norm and (kept := data.checkpoints(run.id))
    }
