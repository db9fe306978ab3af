"""What happened inside the layers: a statistic of every layer over steps, as lines or as a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.reads.columns import Columns, of_frame
from dashboard.reads.downsample import spread
from dashboard.views.charts.colors import alarm, depth_colors, diverging, sequential
from dashboard.views.charts.lines import (
    PADDING,
    Divergence,
    Line,
    Scale,
    Value,
    divergence_marks,
    line_chart,
    steps_axis,
)
from dashboard.views.charts.written import WrittenChart
from dashboard.words.i18n import _
from engine.analyses.health import Range
from engine.records import STATISTICS, StatisticInfo

INFO = {info.name: info for info in STATISTICS}
"""The statistics by their names."""

SEAM = 0.002
"""How far cells reach beneath their neighbours, as a share of the axis."""

CELLS = 160
"""Columns of a map beyond which recorded steps are passed over."""


def of_statistic(
    statistics: Columns, info: StatisticInfo, *, names: Sequence[str], steps_per_epoch: int
) -> pd.DataFrame:
    """One statistic of the layers that have it, ready to draw: `step`, `epoch`, `layer`, `line`
    (the layer's name) and `value`."""
    has = statistics[info.name] != None  # noqa: E711 - of each value
    step, layer, value = (statistics[name][has] for name in ("step", "layer", info.name))
    return pd.DataFrame(
        {
            "step": step,
            "layer": layer,
            "epoch": -(-step // steps_per_epoch),
            "line": np.array(names, object)[layer],
            "value": value.astype(float),
        }
    )


def layer_lines(
    rows: pd.DataFrame,
    info: StatisticInfo,
    *,
    names: Sequence[str],
    log: bool,
    legend: bool = True,
    domain: tuple[float, float] | None = None,
    divergences: Sequence[Divergence] = (),
    last_step: int | None = None,
    height: int = 380,
    bare: bool = False,
    unhealthy: Range | None = None,
    steps: Sequence[int] = (),
    dark: bool = False,
) -> WrittenChart:
    """A statistic over steps, one line per layer, from cold at the inputs to warm at the outputs.

    `unhealthy` shades what lies outside a healthy range, known at `steps`.
    """
    colors = depth_colors(len(names), dark=dark)
    present = set(rows["layer"])
    lines = [
        Line(name, color, width=1.75)
        for i, (name, color) in enumerate(zip(names, colors, strict=True))
        if i in present
    ]
    value = statistic_value(info, log=log, domain=domain)
    return line_chart(
        of_frame(rows),
        lines=lines,
        value=value,
        legend=_("Layer, by depth") if legend else None,
        divergences=divergences,
        last_step=last_step,
        height=height,
        bare=bare,
        behind=_zones(rows, value, unhealthy, steps, last_step, dark=dark) if unhealthy else (),
    )


def _zones(
    rows: pd.DataFrame,
    value: Value,
    healthy: Range,
    steps: Sequence[int],
    last_step: int | None,
    *,
    dark: bool,
) -> list[alt.Chart]:
    """What lies above and below a healthy range, as far as the values themselves reach."""
    y = rows["value"].to_numpy(dtype=float)
    y = y[np.isfinite(y) & ((y > 0) | (value.scale != "log"))]
    if not len(y):
        return []
    low, high = value.domain or (float(y.min()), float(y.max()))
    frames = [
        pd.DataFrame({"step": steps, "bound": np.clip(bound, low, high), "end": end})
        for bound, end in ((healthy.low, low), (healthy.high, high))
    ]
    x, y_axis = alt.X(**steps_axis(last_step)), alt.Y(**value.axis("bound"))
    return [
        alt.Chart(frame.dropna())
        .mark_area(color=alarm(dark=dark), opacity=0.1, clip=True)
        .encode(x=x, y=y_axis, y2=alt.Y2("end:Q"))
        for frame in frames
    ]


def statistic_scale(info: StatisticInfo, *, log: bool) -> Scale:
    """The axis a statistic is drawn on; a mean, which has a sign, cannot be on a plain log one."""
    if info.share or not log:
        return "linear"
    return "symlog" if info.name == "activation_mean" else "log"


def statistic_value(
    info: StatisticInfo, *, log: bool, domain: tuple[float, float] | None = None
) -> Value:
    """How a statistic is laid out on its axis: a share always from nothing to all."""
    whole = (0.0, 1.0) if info.share else domain
    scale = statistic_scale(info, log=log)
    return Value(_(info.label), scale=scale, share=info.share, domain=whole)


def layer_map(
    rows: pd.DataFrame,
    info: StatisticInfo,
    *,
    names: Sequence[str],
    log: bool,
    divergences: Sequence[Divergence] = (),
    last_step: int | None = None,
    unhealthy: pd.DataFrame | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """A statistic over steps, one row per layer: the colour is the value, and a frame goes around
    stretches that are `unhealthy`, rows of `line`, `step` and `until`."""
    present = set(rows["layer"])
    shown = [name for i, name in enumerate(names) if i in present]
    scale = _shades(rows, info, log=log, dark=dark)
    place: dict[str, Any] = {
        "x": alt.X(**steps_axis(last_step)),
        "x2": alt.X2("until:Q"),
        "y": alt.Y(
            "line:N",
            sort=shown,
            title=_("Layer, inputs at the top"),
            scale=alt.Scale(domain=shown),
            axis=alt.Axis(labelOverlap="greedy", labelLimit=140),
        ),
    }
    cells: alt.Chart = (
        alt.Chart(_cells(rows, statistic_scale(info, log=log)))
        .mark_rect(clip=True)
        .encode(
            **place,
            fill=alt.Fill("value:Q", scale=scale, legend=_scale_legend(info)),
            tooltip=[
                alt.Tooltip("line:N", title=_("Layer")),
                alt.Tooltip("step:Q", title=_("Step"), format=",d"),
                alt.Tooltip("epoch:Q", title=_("Epoch"), format=",d"),
                alt.Tooltip("said:N", title=_(info.label)),
            ],
        )
    )
    frames: list[alt.Chart] = []
    if unhealthy is not None:
        frame = alt.Chart(unhealthy[unhealthy["line"].isin(shown)])
        frames.append(
            frame.mark_rect(
                filled=False,
                fillOpacity=0,
                stroke=alarm(dark=dark),
                strokeWidth=2,
                clip=True,
                aria=False,
            ).encode(**place)
        )
    marks = [cells, *frames, *divergence_marks(divergences, last_step=last_step)]
    return alt.LayerChart(layer=marks, height=26 * len(shown) + 130, padding=PADDING)


def _cells(rows: pd.DataFrame, scale: Scale) -> pd.DataFrame:
    """Each shown step's cell reaches to the next one, and a little beneath it: no seam shows."""
    steps = spread(sorted(rows["step"].unique().tolist()), CELLS)
    ends = dict(zip(steps, [*steps[1:], steps[-1] + 1], strict=True)) if steps else {}
    cells = rows[rows["step"].isin(ends)].sort_values("step", kind="stable")
    seam = (steps[-1] - steps[0]) * SEAM if steps else 0
    y = cells["value"].to_numpy(dtype=float)
    return cells.drop(columns="layer").assign(
        until=cells["step"].map(ends) + seam,
        value=np.where(np.isfinite(y) & ((y > 0) | (scale != "log")), y, np.nan),
        said=[f"{value:.4g}".replace("inf", "∞").replace("nan", "NaN") for value in y],
    )


def _shades(rows: pd.DataFrame, info: StatisticInfo, *, log: bool, dark: bool) -> alt.Scale:
    """Around zero for what has a sign; from little to much for what has none."""
    y = rows["value"].to_numpy(dtype=float)
    y = y[np.isfinite(y)]
    if len(y) and y.min() < 0:
        reach = float(np.abs(y).max())
        domain = [-reach, -reach / 2, 0, reach / 2, reach]
        return alt.Scale(domain=domain, range=diverging(dark=dark), interpolate="lab")
    return alt.Scale(
        type="log" if log else "linear",
        domain=[0, 1] if info.share else alt.Undefined,
        range=sequential(dark=dark),
        interpolate="lab",
        nice=False,
    )


def _scale_legend(info: StatisticInfo) -> alt.Legend:
    return alt.Legend(
        title=_(info.label),
        format="%" if info.share else ".3~g",
        gradientLength=220,
        orient="top",
        titleLimit=300,
    )
