"""Batch Normalization channel by channel: what inference uses beside what it should."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.colors import MUTED, accent, alarm, second
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE, SHARE, Line
from dashboard.words.i18n import _
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm
from engine.records import BatchNormState

Moment = Literal["mean", "var"]

CHANNELS = 20
"""Channels of a layer that the first look shows: those that are furthest off."""

SHAPES: dict[tuple[int, ...], str] = {(1, 0): "circle", (6, 3): "square", (2, 2): "triangle-up"}
"""What a run's dash is where there are dots: it tells runs of one hue apart."""

LABELLED = 3
"""Channels named in the picture itself."""


def channels_frame(layer: InspectedBatchNorm, last_batch: BatchNormState | None) -> pd.DataFrame:
    """A BN layer as a table, one row per channel, counted from 0."""
    empty = np.full(layer.gamma.shape, np.nan)
    return pd.DataFrame(
        {
            "channel": np.arange(len(layer.gamma)),
            "gamma": layer.gamma,
            "beta": layer.beta,
            "running_mean": layer.running_mean,
            "population_mean": layer.population_mean,
            "batch_mean": last_batch.batch_mean if last_batch else empty,
            "mean_gap": layer.mean_gap,
            "running_var": layer.running_var,
            "population_var": layer.population_var,
            "batch_var": last_batch.batch_var if last_batch else empty,
            "var_ratio": layer.var_ratio,
        }
    )


def distance(frame: pd.DataFrame, moment: Moment) -> pd.Series:
    """How far off each channel is: the gap of the means, or the ratio of the variances as a factor
    away from 1 in either direction."""
    if moment == "mean":
        return frame["mean_gap"]
    ratio = frame["var_ratio"]
    return pd.Series(np.maximum(ratio, 1 / ratio.clip(lower=1e-300)), index=frame.index)


def furthest(frame: pd.DataFrame, moment: Moment, n: int) -> pd.DataFrame:
    """The n channels that are furthest off, the worst first."""
    order = distance(frame, moment).sort_values(ascending=False, kind="stable").index[:n]
    return frame.loc[order]


def dots(frame: pd.DataFrame, moment: Moment, *, dark: bool = False) -> alt.LayerChart:
    """The channels furthest off: running, population and last batch as dots on one row, the worst
    channel first. The bar between running and population is the gap."""
    worst = furthest(frame, moment, CHANNELS)
    wide = pd.DataFrame(
        {
            "channel": worst["channel"].astype(str),
            "running": worst[f"running_{moment}"],
            "population": worst[f"population_{moment}"],
            "batch": worst[f"batch_{moment}"],
            "off": distance(worst, moment),
        }
    )
    names = source_names()
    long = wide.melt(["channel", "off"], list(names)[::-1], "source", "value")
    long["source"] = long["source"].map(names)
    rows = wide["channel"].tolist()
    y = alt.Y("channel:N", sort=rows, title=_("Channel"), axis=alt.Axis(grid=True))
    title = _("Mean") if moment == "mean" else _("Variance")
    x = alt.X(
        "value:Q",
        title=title,
        scale=alt.Scale(zero=False),
        axis=alt.Axis(labelExpr=READABLE, tickCount=7),
    )
    colors = [accent(dark=dark), second(dark=dark), MUTED]
    bars = (
        alt.Chart(wide)
        .mark_rule(strokeWidth=5, opacity=0.3, color=alarm(dark=dark))
        .encode(
            x=alt.X("running:Q", title=title, scale=alt.Scale(zero=False)),
            x2=alt.X2("population:Q"),
            y=y,
        )
    )
    legend = alt.Legend(title=None, orient="top", symbolSize=90, columns=2)
    points = (
        alt.Chart(long)
        .mark_point(filled=True, opacity=1, size=65)
        .encode(
            x=x,
            y=y,
            color=alt.Color(
                "source:N",
                sort=list(names.values()),
                scale=alt.Scale(domain=list(names.values()), range=colors),
                legend=legend,
            ),
            shape=alt.Shape(
                "source:N",
                sort=list(names.values()),
                scale=alt.Scale(domain=list(names.values()), range=["circle", "diamond", "square"]),
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip("channel:N", title=_("Channel")),
                alt.Tooltip("source:N", title=_("Statistics")),
                alt.Tooltip("value:Q", title=title, format=NUMBER),
                alt.Tooltip("off:Q", title=gap_names()[moment], format=NUMBER),
            ],
        )
    )
    return alt.LayerChart(layer=[bars, points], height=24 * len(rows) + 30, padding=PADDING)


def agreement(frame: pd.DataFrame, moment: Moment, *, dark: bool = False) -> alt.LayerChart:
    """Running against population, one dot per channel: on the line they agree. The worst are
    named."""
    worst = furthest(frame, moment, LABELLED)["channel"]
    drawn = pd.DataFrame(
        {
            "channel": frame["channel"],
            "running": frame[f"running_{moment}"],
            "population": frame[f"population_{moment}"],
            "off": distance(frame, moment),
            "named": np.where(frame["channel"].isin(worst), frame["channel"].astype(str), ""),
        }
    )
    both = drawn[["running", "population"]].to_numpy(dtype=float)
    both = both[np.isfinite(both)]
    low, high = (both.min(), both.max()) if len(both) else (0.0, 1.0)
    margin = (high - low) * 0.06 or 0.5
    domain = [float(low - margin), float(high + margin)]
    title = _("mean") if moment == "mean" else _("variance")
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    x = alt.X(
        "population:Q",
        title=_("Population {moment}").format(moment=title),
        scale=scale,
        axis=alt.Axis(labelExpr=READABLE, tickCount=5),
    )
    y = alt.Y(
        "running:Q",
        title=_("Running {moment}").format(moment=title),
        scale=scale,
        axis=alt.Axis(labelExpr=READABLE, tickCount=5),
    )
    line = (
        alt.Chart(pd.DataFrame({"population": domain, "running": domain}))
        .mark_line(color=MUTED, strokeDash=[4, 3], strokeWidth=1)
        .encode(x=x, y=y)
    )
    points = (
        alt.Chart(drawn)
        .mark_point(filled=True, size=55, opacity=0.8)
        .encode(
            x=x,
            y=y,
            color=alt.ColorValue(
                accent(dark=dark),
                condition={"test": "datum.named !== ''", "value": alarm(dark=dark)},
            ),
            tooltip=[
                alt.Tooltip("channel:Q", title=_("Channel")),
                alt.Tooltip("running:Q", title=source_names()["running"], format=NUMBER),
                alt.Tooltip("population:Q", title=source_names()["population"], format=NUMBER),
                alt.Tooltip("off:Q", title=gap_names()[moment], format=NUMBER),
            ],
        )
    )
    text = (
        alt.Chart(_labels_apart(drawn[drawn["named"] != ""], domain[1] - domain[0]))
        .mark_text(align="left", dx=9, fontWeight="bold", fontSize=12, color=alarm(dark=dark))
        .encode(x=x, y=y, text=alt.Text("named:N"))
    )
    return alt.LayerChart(layer=[line, points, text], height=340, padding=PADDING)


def _labels_apart(named: pd.DataFrame, span: float) -> pd.DataFrame:
    """Labels moved up where they would lie on one another."""
    placed = named.sort_values("running")
    lowest = -np.inf
    heights = []
    for height in placed["running"]:
        heights.append(max(height, lowest))
        lowest = heights[-1] + 0.055 * span
    return placed.assign(running=heights)


def gaps_by_layer(
    inspection: BatchNormInspection, moment: Moment = "mean", *, dark: bool = False
) -> alt.LayerChart:
    """Every channel's gap, one row per BN layer, with the median as a tick: that of the means in
    standard deviations, that of the variances as a share of the population's."""
    frame = pd.concat([_layer_gaps(layer, moment) for layer in inspection.layers])
    names = [layer.name for layer in inspection.layers]
    y = alt.Y("layer:N", sort=names, title=None, axis=alt.Axis(grid=True, labelLimit=140))
    share = moment == "var"
    title = (
        _("Running minus population variance, as a share of the population's")
        if share
        else _("Gap of the means, in population standard deviations σ")
    )
    labels = "format(datum.value, '~%')" if share else READABLE
    axis = alt.Axis(labelExpr=labels, tickCount=8)
    form = "+" + SHARE if share else NUMBER
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=40, color=accent(dark=dark), opacity=0.4)
        .encode(
            x=alt.X("gap:Q", title=title, scale=alt.Scale(zero=True, nice=True), axis=axis),
            y=y,
            tooltip=[
                alt.Tooltip("layer:N", title=_("Layer")),
                alt.Tooltip("channel:Q", title=_("Channel")),
                alt.Tooltip("gap:Q", title=_("Gap"), format=form),
            ],
        )
    )
    ticks = (
        alt.Chart(frame.groupby("layer", sort=False, as_index=False)["gap"].median())
        .mark_tick(thickness=3, size=20, color=second(dark=dark))
        .encode(
            x=alt.X("gap:Q", title=title),
            y=y,
            tooltip=[
                alt.Tooltip("layer:N", title=_("Layer")),
                alt.Tooltip("gap:Q", title=_("Median gap"), format=form),
            ],
        )
    )
    return alt.LayerChart(layer=[points, ticks], height=34 * len(names) + 40, padding=PADDING)


def _layer_gaps(layer: InspectedBatchNorm, moment: Moment) -> pd.DataFrame:
    gap = layer.mean_gap if moment == "mean" else layer.var_ratio - 1
    return pd.DataFrame({"layer": layer.name, "channel": np.arange(len(gap)), "gap": gap})


def compared_channels(
    values: Mapping[int, Mapping[str, np.ndarray]],
    *,
    lines: Mapping[int, Line],
    layers: Sequence[str],
    title: str,
    log: bool = False,
) -> alt.LayerChart:
    """A BN quantity side by side, one row per layer and run: the middle 80 % of the channels as a
    bar, the whole range as a rule, the median as a dot."""
    rows = []
    for run_id, by_layer in values.items():
        for layer, channels in by_layer.items():
            finite = channels[np.isfinite(channels)]
            low, tenth, median, ninetieth, high = (
                np.quantile(finite, [0, 0.1, 0.5, 0.9, 1]) if len(finite) else [np.nan] * 5
            )
            rows.append((layer, lines[run_id].name, low, tenth, median, ninetieth, high))
    columns = ["layer", "run", "low", "tenth", "median", "ninetieth", "high"]
    names = [line.name for line in lines.values()]
    legend = alt.Legend(title=None, orient="top", columns=4, labelLimit=200, symbolOpacity=1)
    base = alt.Chart(pd.DataFrame(rows, columns=columns)).encode(
        y=alt.Y("layer:N", sort=list(layers), title=None, axis=alt.Axis(labelLimit=140)),
        yOffset=alt.YOffset("run:N", sort=names, scale=alt.Scale(domain=names, paddingOuter=0.2)),
        color=alt.Color(
            "run:N",
            sort=names,
            scale=alt.Scale(domain=names, range=[line.color for line in lines.values()]),
            legend=legend,
        ),
        tooltip=[
            alt.Tooltip("layer:N", title=_("Layer")),
            alt.Tooltip("run:N", title=_("Run")),
            alt.Tooltip("low:Q", title=_("Smallest"), format=NUMBER),
            alt.Tooltip("median:Q", title=_("Median"), format=NUMBER),
            alt.Tooltip("high:Q", title=_("Largest"), format=NUMBER),
        ],
    )
    scale = alt.Scale(type="log") if log else alt.Scale(zero=False)
    axis = alt.Axis(labelExpr=READABLE, tickCount=8)
    span = base.mark_rule(strokeWidth=1.5, opacity=0.6).encode(
        x=alt.X("low:Q", title=title, scale=scale, axis=axis), x2=alt.X2("high:Q")
    )
    middle = base.mark_rule(strokeWidth=5, opacity=0.6).encode(
        x=alt.X("tenth:Q", title=title, scale=scale), x2=alt.X2("ninetieth:Q")
    )
    dot = base.mark_point(filled=True, size=60, opacity=1).encode(
        x=alt.X("median:Q", title=title, scale=scale),
        shape=alt.Shape(
            "run:N",
            sort=names,
            scale=alt.Scale(
                domain=names, range=[SHAPES[tuple(line.dash)] for line in lines.values()]
            ),
            legend=legend,
        ),
    )
    height = max(150, len(layers) * (14 * len(names) + 14) + 70)
    return alt.LayerChart(layer=[span, middle, dot], height=height, padding=PADDING)


def source_names() -> dict[str, str]:
    """The three statistics a channel has, in the reader's language."""
    return {
        "running": _("Running (inference)"),
        "population": _("Population (exact)"),
        "batch": _("Last batch"),
    }


def gap_names() -> dict[Moment, str]:
    """How far running is from population, in the reader's language."""
    return {"mean": _("Gap of the means, in σ"), "var": _("Ratio of the variances, as a factor")}
