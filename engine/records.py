"""What a run leaves behind: plain records of a step, the same in memory, in a database, in a chart.

NaN and infinities are values here: a diverging run is data.
"""

from __future__ import annotations

from dataclasses import dataclass, make_dataclass
from math import inf
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.layer_statistics import STATISTICS
from engine.trained_on import TrainedOn

Split = Literal["batch", "train", "validation", "train_sample"]
"""`batch`: the step's own batch, in training mode, before its update. `train`: the mean over an
epoch's batches as they were trained on. `validation`: the validation samples, in inference mode.
`train_sample`: so many training samples, drawn once by the seed, in inference mode, too: what
validation is held against."""

Quantity = Literal["activation", "gradient", "weight"]
"""What a histogram counts: outputs, dL/d(outputs), or the layer's weights."""


@dataclass(frozen=True, slots=True)
class Metric:
    """Loss and accuracy of one split at one step; no accuracy where targets are not labels. Of
    those that are numbers R², the share of their variance that is explained, in inference mode."""

    step: int
    epoch: int
    split: Split
    loss: float
    accuracy: float | None
    r2: float | None = None


_Fields: Any = make_dataclass(
    "_Fields",
    [
        ("step", "int"),
        ("layer", "int"),
        *((s.name, "float" if s.always else "float | None") for s in STATISTICS),
    ],
    slots=True,
)


class LayerStatistics(_Fields):  # type: ignore[misc]
    """What one layer did in one step: `step`, `layer` and every declared statistic, None where it
    does not apply to the layer. Not frozen: such a one takes four times as long to make, and a step
    makes dozens."""

    __slots__ = ()


@dataclass(slots=True, eq=False)  # not frozen, as LayerStatistics
class Histogram:
    """Counts in bins of equal width between `low` and `high`; values that are not finite are not
    counted."""

    step: int
    layer: int
    quantity: Quantity
    low: float
    high: float
    counts: NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class BatchNormState:
    """A BN layer at one step, one value per channel: after the update of the running statistics."""

    step: int
    layer: int
    gamma: NDArray[np.float64]
    beta: NDArray[np.float64]
    running_mean: NDArray[np.float64]
    running_var: NDArray[np.float64]
    batch_mean: NDArray[np.float64]
    batch_var: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BatchStatistics:
    """What a BN layer normalized with in each step from `first_step` on, one row per step: `counts`
    values per channel (samples, times the positions of a feature map), their mean and biased
    variance (steps, C), in the run's own precision."""

    first_step: int
    layer: int
    counts: NDArray[np.uint32]
    mean: NDArray[np.floating]
    var: NDArray[np.floating]

    @property
    def step(self) -> int:
        """The last of the steps."""
        return self.first_step + len(self.counts) - 1


@dataclass(frozen=True, slots=True)
class StepRecord:
    """All that was written down about one step."""

    step: int
    metrics: tuple[Metric, ...] = ()
    layers: tuple[LayerStatistics, ...] = ()
    histograms: tuple[Histogram, ...] = ()
    batch_norms: tuple[BatchNormState, ...] = ()
    batch_statistics: tuple[BatchStatistics, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Checkpoint:
    """A run at the end of a step, whole: from here it goes on bit by bit as if never stopped.

    `slots` are the optimizer's flat vectors; `epoch_loss` and `epoch_hits` the sums over the
    samples `epoch_samples` of the epoch so far. Early stopping remembers the best value of the
    score that it monitors and for how many epochs there was no better one, `checkpoint_best` the
    best validation; of each of them, lower is better. The optimizer counts its steps from
    `slots_begun_at` on. `data` is what the run trains on, None where that was not kept; it is one
    of the run and no part of a checkpoint's bytes.
    """

    step: int
    epoch: int
    w: NDArray[Any]
    buffers: NDArray[Any]
    slots: dict[str, NDArray[Any]]
    epoch_loss: float = 0.0
    epoch_hits: int = 0
    epoch_samples: int = 0
    best_monitored: float = inf
    epochs_without_improvement: int = 0
    best_validation: float = inf
    slots_begun_at: int = 0
    data: TrainedOn | None = None


class Recorder(Protocol):
    """Where a training loop leaves its records, and learns that it should stop."""

    def record(self, record: StepRecord) -> None: ...

    def checkpoint(self, checkpoint: Checkpoint) -> None: ...

    def stop_requested(self) -> bool: ...

    def checkpoint_wanted(self) -> bool:
        """Whether so much time has passed that a checkpoint is due, in mid-epoch too."""


class MemoryRecorder:
    """Keeps everything in lists: for notebooks and tests."""

    def __init__(self) -> None:
        self.records: list[StepRecord] = []
        self.checkpoints: list[Checkpoint] = []

    def record(self, record: StepRecord) -> None:
        self.records.append(record)

    def checkpoint(self, checkpoint: Checkpoint) -> None:
        self.checkpoints.append(checkpoint)

    def stop_requested(self) -> bool:
        return False

    def checkpoint_wanted(self) -> bool:
        return False

    def metrics(self, split: Split) -> list[Metric]:
        return [m for record in self.records for m in record.metrics if m.split == split]
