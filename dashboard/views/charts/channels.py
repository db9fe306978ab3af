"""Channels of a BN layer over the steps: all of them as a band, some of them as lines."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.reads.columns import Columns, rows
from dashboard.reads.downsample import spread
from dashboard.views.charts.batch_norm import Moment
from dashboard.views.charts.colors import MUTED, accent, hues, second
from dashboard.views.charts.lines import (
    NUMBER,
    PADDING,
    READABLE,
    Scale,
    Value,
    common_domain,
    steps_axis,
)
from dashboard.words.i18n import _

WIDE = 3.0
"""How many times as large as the smallest value the largest is on a logarithmic axis."""

STEPS = 300
"""Recorded steps that a path is drawn through at most."""


def paths_frame(states: Columns, name: str) -> pd.DataFrame:
    """A quantity of every channel over the recorded steps: one row per step, one column
    per channel."""
    shown = _shown(states)
    return pd.DataFrame(shown[name], index=pd.Index(shown["step"], name="step"))


def _shown(states: Columns) -> Columns:
    """As many of the recorded steps as a path is drawn through."""
    return rows(states, np.isin(states["step"], spread(states["step"].tolist(), STEPS)))


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
                alt.Tooltip("median:Q", title=_("Median"), format=NUMBER),
                alt.Tooltip("low:Q", title=_("Smallest"), format=NUMBER),
                alt.Tooltip("high:Q", title=_("Largest"), format=NUMBER),
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
                alt.Tooltip("value:Q", title=title, format=NUMBER),
            ],
        )
    )
    return lines


def _apart(title: str, values: Sequence[float]) -> Value:
    """An axis on which the first value flattens none of the others: running variances begin at 1,
    wherever those of the batches lie."""
    y = np.asarray(values, dtype=float)
    y = y[np.isfinite(y)]
    scale: Scale = "log" if len(y) and 0 < WIDE * y.min() < y.max() else "linear"
    return Value(title, scale, domain=common_domain(y, scale))


def chase(
    states: Columns,
    moment: Moment,
    *,
    channel: int,
    population: float,
    last_step: int,
    dark: bool = False,
) -> alt.LayerChart:
    """One channel: each recorded batch's statistic as a dot, the running one as the line that
    chases it, and where the population's stands at the checkpoint."""
    shown = _shown(states)
    names = [_("Batch"), _("Running (inference)"), _("Population (exact)")]
    parts = {
        name: shown[f"{kind}_{moment}"][:, channel]
        for name, kind in zip(names, ("batch", "running"), strict=False)
    }
    frame = pd.DataFrame({"step": shown["step"], **parts})
    long = frame.melt("step", names[:2], "source", "value")
    title = _("Mean") if moment == "mean" else _("Variance")
    x = alt.X(**steps_axis(last_step))
    y = alt.Y(**_apart(title, [*long["value"], population]).axis("value"))
    color = alt.Color(
        "source:N",
        sort=names,
        scale=alt.Scale(domain=names, range=[MUTED, accent(dark=dark), second(dark=dark)]),
        legend=alt.Legend(title=None, orient="top"),
    )
    tooltip = [
        alt.Tooltip("source:N", title=_("Statistics")),
        alt.Tooltip("step:Q", title=_("Step"), format=",d"),
        alt.Tooltip("value:Q", title=title, format=NUMBER),
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
