"""What a run leaves behind: plain records of a step, the same in memory, in a database, in a chart.

NaN and infinities are values here: a diverging run is data.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from math import inf
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Split = Literal["batch", "train", "validation"]
"""`batch`: the step's own batch, in training mode, before its update. `train`: the mean over an
epoch's batches as they were trained on. `validation`: the validation samples, in inference mode."""

Quantity = Literal["activation", "gradient", "weight"]
"""What a histogram counts: outputs, dL/d(outputs), or the layer's weights."""


@dataclass(frozen=True, slots=True)
class Metric:
    """Loss and accuracy of one split at one step; no accuracy where targets are not labels."""

    step: int
    epoch: int
    split: Split
    loss: float
    accuracy: float | None


def statistic(label: str, description: str, *, log: bool = False, share: bool = False) -> Any:
    """Declare a per-layer statistic: its name on an axis, what it is, and how it is best drawn."""
    return field(metadata={"label": label, "description": description, "log": log, "share": share})


@dataclass(slots=True)  # a frozen one takes four times as long to make, and a step makes dozens
class LayerStatistics:
    """What one layer did in one step. None where a statistic does not apply to the layer."""

    step: int
    layer: int
    activation_mean: float = statistic(
        "Activation mean", "Mean of the layer's outputs over the batch."
    )
    activation_std: float = statistic(
        "Activation standard deviation",
        "Standard deviation of the layer's outputs over the batch; it should neither die out nor"
        " grow from layer to layer.",
    )
    saturated: float | None = statistic(
        "Saturated share",
        "Share of an activation's outputs whose slope is below 5% of its largest.",
        share=True,
    )
    dead: float | None = statistic(
        "Dead share",
        "Share of an activation's units that are saturated for every sample of the batch.",
        share=True,
    )
    gradient_std: float = statistic(
        "Backward signal",
        "Standard deviation of dL/d(output) over the batch: the signal that reaches the layer.",
        log=True,
    )
    gradient_norm: float | None = statistic(
        "Gradient norm", "L2 norm of the gradient of the layer's parameters.", log=True
    )
    weight_norm: float | None = statistic(
        "Weight norm", "L2 norm of the layer's parameters, before the update.", log=True
    )
    update_ratio: float | None = statistic(
        "Update-to-weight ratio",
        "L2 norm of the step's update over that of the parameters; about 0.001 is healthy.",
        log=True,
    )


@dataclass(frozen=True, slots=True)
class StatisticInfo:
    """A per-layer statistic as charts and help texts name it."""

    name: str
    label: str
    description: str
    log: bool
    share: bool


STATISTICS: tuple[StatisticInfo, ...] = tuple(
    StatisticInfo(f.name, **f.metadata) for f in fields(LayerStatistics) if f.metadata
)


@dataclass(slots=True, eq=False)  # not frozen: as above
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
    `slots_begun_at` on.
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
