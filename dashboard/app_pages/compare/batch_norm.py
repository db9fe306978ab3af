"""Batch Normalization of several runs, each at its newest checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from dashboard.app_pages.compare.curves import partly_read
from dashboard.app_pages.run.header import has_batch_norm
from dashboard.reads import store as data
from dashboard.state.kept import choose
from dashboard.views.charts.batch_norm import compared_channels
from dashboard.views.compare.align import aligned
from dashboard.views.compare.arms import Arm, first_of_each
from dashboard.views.compare.lines import run_name
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
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


READ = 20
"""Runs that are inspected: each passes all its training samples through its network once."""


def batch_norm(arms: Sequence[Arm]) -> None:
    """Choose a quantity; the arms that normalize stand row by row, layers of one name together."""
    with guarded():
        drawn, some = first_of_each(arms, READ)
        inspections = _inspections(drawn)
        if not inspections:
            st.caption(_("None of these runs has Batch Normalization and a checkpoint yet."))
            return
        label, log, read = _choose_quantity()
        draw(
            channels_chart(drawn, inspections, label, log=log, read=read, dark=is_dark()),
            key="compared_bn",
            alt=_("{quantity} by layer and run").format(quantity=_(label)),
        )
        st.caption(
            _(
                "Over a layer's channels: the dot is the median, the bar the middle 80 %, the line"
                " all."
            )
        )
        _scores([run for arm in drawn for run in arm.runs if run.id in inspections], inspections)
        if some:
            partly_read(arms, drawn)


def _inspections(arms: Sequence[Arm]) -> dict[int, BatchNormInspection]:
    found = {}
    runs = [run for arm in arms for run in arm.runs]
    with st.spinner(_("Passing every training sample through the networks…"), show_time=True):
        for run in runs:
            kept = data.checkpoints(run.id) if has_batch_norm(run) else []
            if kept:
                found[run.id] = data.inspection(kept[-1], run.config)
    return found


def _choose_quantity() -> tuple[str, bool, Callable[[InspectedBatchNorm], Channels]]:
    name = choose(
        st.pills,
        _("Quantity"),
        {name: _(label) for name, (label, *_rest) in QUANTITIES.items()},
        name="bn",
        usual="mean_gap",
        key="compared_channels",
        required=True,
        label_visibility="collapsed",
    )
    return QUANTITIES[name]


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


def _scores(runs: Sequence[Run], inspections: Mapping[int, BatchNormInspection]) -> None:
    """Validation accuracy with each kind of statistics, a row a run; the loss where some run has
    no accuracy."""
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
    st.markdown(f"**{by_accuracy if accuracy else by_loss}**")
    st.dataframe(
        pd.DataFrame(rows, columns=columns),
        hide_index=True,
        alt=by_accuracy if accuracy else by_loss,
    )
