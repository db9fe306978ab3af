"""Batch Normalization of several runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.views.charts.batch_norm import compared_channels
from dashboard.views.compare.align import aligned
from dashboard.views.compare.arms import Arm
from dashboard.views.run.name import run_name
from dashboard.words.i18n import _, integer, msg, number, percent
from db.records import Run
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm

Channels = NDArray[np.float64]


QUANTITIES: Mapping[str, tuple[str, bool, Callable[[InspectedBatchNorm], Channels]]] = {
    "mean_gap": (msg("Gap of the means (σ)"), False, lambda layer: layer.mean_gap),
    "var_ratio": (msg("Ratio of the variances"), True, lambda layer: layer.var_ratio),
    "running_mean": (msg("Running mean"), False, lambda layer: layer.running_mean),
    "running_var": (msg("Running variance"), True, lambda layer: layer.running_var),
    "gamma": (msg("Scale γ"), False, lambda layer: layer.gamma),
    "beta": (msg("Shift β"), False, lambda layer: layer.beta),
}
"""What of a channel is compared: its name, whether on a logarithmic axis, where it stands."""


def channels_chart(
    arms: Sequence[Arm],
    inspections: Mapping[int, BatchNormInspection],
    label: str,
    *,
    log: bool,
    read: Callable[[InspectedBatchNorm], Channels],
    dark: bool,
) -> alt.LayerChart:
    """The channels of each arm, those of all its runs together."""
    values: dict[int, dict[str, Channels]] = {}
    stacks = []
    for arm in arms:
        for run in arm.runs:
            if run.id in inspections:
                found = inspections[run.id].layers
                stacks.append([layer.name for layer in found])
                own = values.setdefault(arm.place, {})
                for layer in found:
                    pooled = [own[layer.name]] if layer.name in own else []
                    own[layer.name] = np.concatenate([*pooled, read(layer)])
    return compared_channels(
        values,
        lines={arm.place: arm.line(dark=dark) for arm in arms if arm.place in values},
        layers=aligned(stacks),
        title=_(label),
        log=log,
    )


def scores_by_mode(
    runs: Sequence[Run], inspections: Mapping[int, BatchNormInspection]
) -> tuple[str, pd.DataFrame]:
    """Validation accuracy with each kind of statistics, a row for each run; the loss where some run
    has no accuracy. The table and its title."""
    accuracy = all(e.accuracy is not None for i in inspections.values() for e in i.evaluations)
    rows = []
    for run in runs:
        inspection = inspections[run.id]
        by_mode = {
            e.mode: percent(e.accuracy) if accuracy else number(e.loss)
            for e in inspection.evaluations
            if e.split == "validation"
        }
        rows.append(
            (
                run_name(run),
                integer(inspection.step),
                by_mode["inference"],
                by_mode["population"],
                by_mode["training"],
            )
        )
    columns = [
        _("Run"),
        _("Step"),
        _("Running statistics: inference"),
        _("Exact population statistics"),
        _("Each batch's own: training mode"),
    ]
    by_accuracy, by_loss = (
        _("Validation accuracy, by what normalizes"),
        _("Validation loss, by what normalizes"),
    )
    return by_accuracy if accuracy else by_loss, pd.DataFrame(rows, columns=columns)
