"""The running statistics any other momentum would have reached, without training again.

The running statistics of Batch Normalization take no part in training: they only average what the
batches show (Ioffe and Szegedy 2015). So from the recorded batch statistics of every step, the
recursion

    running ← momentum · running + (1 - momentum) · batch

can be played again with any momentum and either variance estimate, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf, log
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from engine.config import RunConfig
from engine.errors import DataError
from engine.layers import BatchNorm, Shape
from engine.messages import Message
from engine.model import trained_network
from engine.records import BatchStatistics, Checkpoint, StepRecord


@dataclass(frozen=True, slots=True)
class Lag:
    """How far behind the batches a momentum leaves the running statistics."""

    momentum: float

    @property
    def window(self) -> float:
        """1/(1 - momentum): the mean age of what is averaged, in steps, counted from one."""
        return inf if self.momentum == 1 else 1 / (1 - self.momentum)

    @property
    def half_life(self) -> float:
        """Steps after which half of a batch's weight is left: log ½ / log momentum."""
        if self.momentum in (0, 1):
            return inf if self.momentum else 0.0
        return log(0.5) / log(self.momentum)

    def initial_weight(self, step: int) -> float:
        """momentumᵗ: the weight that the value before the first step still has after `step`."""
        return self.momentum**step


@dataclass(frozen=True, slots=True, eq=False)
class RunningStatistics:
    """Running mean and variance (steps, C) of one BN layer after each step from the first on."""

    layer: int
    mean: NDArray[np.float64]
    var: NDArray[np.float64]

    def after(self, step: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean and variance (C,) after step 1, 2, ...; raises DataError for a step not recorded."""
        if not 1 <= step <= len(self.mean):
            raise DataError(
                Message(
                    "batch statistics were recorded for the steps 1 to {last}", last=len(self.mean)
                ).got(step)
            )
        return self.mean[step - 1], self.var[step - 1]


def joined(records: Iterable[StepRecord | BatchStatistics]) -> dict[int, BatchStatistics]:
    """The batch statistics of a whole run, by layer, from its records in order, or from theirs.

    Raises DataError where steps are missing.
    """
    parts: dict[int, list[BatchStatistics]] = {}
    for record in records:
        found = record.batch_statistics if isinstance(record, StepRecord) else (record,)
        for part in found:
            parts.setdefault(part.layer, []).append(part)
    return {layer: _join(found) for layer, found in parts.items()}


def _join(parts: list[BatchStatistics]) -> BatchStatistics:
    expected = 1
    for part in parts:
        if part.first_step != expected:
            raise DataError(
                Message(
                    "the batch statistics of step {step} are missing: record them from the first"
                    " step on; got step {next} next",
                    step=expected,
                    next=part.first_step,
                )
            )
        expected += len(part.counts)
    counts, mean, var = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("counts", "mean", "var")
    )
    return BatchStatistics(1, parts[0].layer, counts, mean, var)


def replay(
    batches: BatchStatistics,
    *,
    momentum: float,
    variance: Literal["biased", "unbiased"] = "biased",
    initial_variance: float = 1.0,
) -> RunningStatistics:
    """What the running statistics of a BN layer would have been after every step."""
    m = batches.counts[:, None].astype(np.float64)
    bessel = m / np.maximum(m - 1, 1) if variance == "unbiased" else np.ones_like(m)
    return RunningStatistics(
        batches.layer,
        _running(batches.mean.astype(np.float64), momentum, 0.0),
        _running(bessel * batches.var, momentum, initial_variance),
    )


def _running(batch: NDArray[np.float64], momentum: float, initial: float) -> NDArray[np.float64]:
    """The recursion over rows (steps, C), as the first-order filter that it is."""
    start = np.full((1, batch.shape[1]), momentum * initial)
    running: NDArray[np.float64]
    running, _ = lfilter([1 - momentum], [1, -momentum], batch, axis=0, zi=start)
    return running


def replayed(
    config: RunConfig,
    checkpoint: Checkpoint,
    batches: Mapping[int, BatchStatistics],
    shape: Shape,
    *,
    momentum: float,
    variance: Literal["biased", "unbiased"] | None = None,
) -> Checkpoint:
    """The checkpoint as it would be had every BN layer kept its statistics so.

    `variance` is each layer's own where it is not given. Every other analysis takes the answer as
    it takes a recorded checkpoint. Raises DataError where the statistics of a layer are missing.
    """
    network = trained_network(config, checkpoint, shape)
    for index, spec in enumerate(config.layers):
        if not isinstance(spec, BatchNorm):
            continue
        if index not in batches:
            raise DataError(
                Message(
                    "the batch statistics of {layer} were not recorded; train with"
                    " `record.batch_statistics`",
                    layer=network.info[index].name,
                )
            )
        running = replay(
            batches[index],
            momentum=momentum,
            variance=variance or spec.variance,
            initial_variance=spec.initial_variance,
        )
        mean, var = running.after(checkpoint.step)
        network.layers[index].buffers["running_mean"][...] = mean
        network.layers[index].buffers["running_var"][...] = var
    return replace(checkpoint, buffers=network.buffers)
