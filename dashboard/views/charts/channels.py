"""Channels of a BN layer over the steps: all of them as a band, some of them as lines."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.reads.downsample import spread
from dashboard.views.charts.batch_norm import Moment
from dashboard.views.charts.colors import MUTED, accent, hues, second
from dashboard.views.charts.lines import PADDING, READABLE, steps_axis
from dashboard.words.i18n import _
from engine.records import BatchNormState

STEPS = 300
"""Recorded steps that a path is drawn through at most."""


def paths_frame(states: Sequence[BatchNormState], name: str) -> pd.DataFrame:
    """A quantity of every channel over the recorded steps: one row per step, one column
    per channel."""
    steps = set(spread([state.step for state in states], STEPS))
    shown = [state for state in states if state.step in steps]
    values = np.array([getattr(state, name) for state in shown])
    return pd.DataFrame(values, index=pd.Index([s.step for s in shown], name="step"))


def channel_paths(
    frame: pd.DataFrame,
    *,
    title: str,
    channels: Sequence[int],
    start: float,
    last_step: int,
    dark: bool = False,
) -> alt.LayerChart:
    """A quantity over training: the range of all channels, the middle 80 %, and some channels."""
    x = alt.X(**steps_axis(last_step))
    low, tenth, median, ninetieth, high = frame.quantile([0, 0.1, 0.5, 0.9, 1], axis=1).to_numpy()
    band = pd.DataFrame(
        {
            "step": frame.index,
            "low": low,
            "tenth": tenth,
            "median": median,
            "ninetieth": ninetieth,
            "high": high,
        }
    )
    axis = alt.Axis(labelExpr=READABLE, tickCount=5)

    def y(name: str) -> alt.Y:
        return alt.Y(f"{name}:Q", title=title, scale=alt.Scale(zero=False), axis=axis)

    all_channels = (
        alt.Chart(band)
        .mark_area(color=MUTED, opacity=0.18)
        .encode(x=x, y=y("low"), y2=alt.Y2("high:Q"))
    )
    most = (
        alt.Chart(band)
        .mark_area(color=MUTED, opacity=0.3)
        .encode(x=x, y=y("tenth"), y2=alt.Y2("ninetieth:Q"))
    )
    middle = (
        alt.Chart(band)
        .mark_line(color=MUTED, strokeWidth=1.5)
        .encode(
            x=x,
            y=y("median"),
            tooltip=[
                alt.Tooltip("step:Q", title=_("Step"), format=",d"),
                alt.Tooltip("median:Q", title=_("Median"), format=".4~g"),
                alt.Tooltip("low:Q", title=_("Smallest"), format=".4~g"),
                alt.Tooltip("high:Q", title=_("Largest"), format=".4~g"),
            ],
        )
    )
    begin = (
        alt.Chart(pd.DataFrame({"low": [start]}))
        .mark_rule(color=MUTED, strokeDash=[3, 3])
        .encode(y=y("low"))
    )
    marks = [
        all_channels,
        most,
        begin,
        middle,
        _lines(frame, channels, x, y("value"), title, dark=dark),
    ]
    return alt.LayerChart(layer=marks, height=280, padding=PADDING)


def _lines(
    frame: pd.DataFrame, channels: Sequence[int], x: alt.X, y: alt.Y, title: str, *, dark: bool
) -> alt.Chart:
    names = [str(channel) for channel in channels]
    chosen = frame[list(channels)].set_axis(names, axis=1).reset_index()
    long = chosen.melt("step", names, "channel", "value")
    lines: alt.Chart = (
        alt.Chart(long)
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "channel:N",
                sort=names,
                scale=alt.Scale(domain=names, range=list(hues(dark=dark))[: max(1, len(names))]),
                legend=alt.Legend(title=_("Channel"), orient="top"),
            ),
            tooltip=[
                alt.Tooltip("channel:N", title=_("Channel")),
                alt.Tooltip("step:Q", title=_("Step"), format=",d"),
                alt.Tooltip("value:Q", title=title, format=".4~g"),
            ],
        )
    )
    return lines


def chase(
    states: Sequence[BatchNormState],
    moment: Moment,
    *,
    channel: int,
    population: float,
    last_step: int,
    dark: bool = False,
) -> alt.LayerChart:
    """One channel: each recorded batch's statistic as a dot, the running one as the line that
    chases it, and where the population's stands at the checkpoint."""
    steps = set(spread([state.step for state in states], STEPS))
    shown = [state for state in states if state.step in steps]
    names = [_("Batch"), _("Running (inference)"), _("Population (exact)")]
    parts = {
        name: [float(getattr(state, f"{kind}_{moment}")[channel]) for state in shown]
        for name, kind in zip(names, ("batch", "running"), strict=False)
    }
    frame = pd.DataFrame({"step": [state.step for state in shown], **parts})
    long = frame.melt("step", names[:2], "source", "value")
    title = _("Mean") if moment == "mean" else _("Variance")
    x = alt.X(**steps_axis(last_step))
    y = alt.Y(
        "value:Q",
        title=title,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(labelExpr=READABLE, tickCount=5),
    )
    color = alt.Color(
        "source:N",
        sort=names,
        scale=alt.Scale(domain=names, range=[MUTED, accent(dark=dark), second(dark=dark)]),
        legend=alt.Legend(title=None, orient="top"),
    )
    tooltip = [
        alt.Tooltip("source:N", title=_("Statistics")),
        alt.Tooltip("step:Q", title=_("Step"), format=",d"),
        alt.Tooltip("value:Q", title=title, format=".4~g"),
    ]
    is_batch = alt.datum.source == names[0]
    dots = (
        alt.Chart(long)
        .transform_filter(is_batch)
        .mark_point(filled=True, size=28, opacity=0.7)
        .encode(x=x, y=y, color=color, tooltip=tooltip)
    )
    line = (
        alt.Chart(long)
        .transform_filter(alt.datum.source == names[1])
        .mark_line(strokeWidth=2.5)
        .encode(x=x, y=y, color=color, tooltip=tooltip)
    )
    exact = (
        alt.Chart(pd.DataFrame({"source": [names[2]], "value": [population]}))
        .mark_rule(strokeWidth=1.75, strokeDash=[6, 3])
        .encode(y=y, color=color, tooltip=[tooltip[0], tooltip[2]])
    )
    return alt.LayerChart(layer=[dots, line, exact], height=240, padding=PADDING)
