"""What happened inside the layers: a statistic of every layer over steps, as a map."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from dashboard.reads.downsample import spread
from dashboard.views.charts.colors import alarm, diverging, sequential
from dashboard.views.charts.lines import (
    PADDING,
    READABLE,
    Divergence,
    divergence_marks,
    round_values,
    steps_axis,
)
from dashboard.words.i18n import _, number
from engine.layer_statistics import Statistic

STRIP = 128
"""Cells of the strip that says what each colour means."""

SEAM = 0.002
"""How far cells reach beneath their neighbours, as a share of the axis."""

WIDE = 30
"""A span of values, as a factor, beyond which a linear scale shows the largest alone."""

CELLS = 160
"""Columns of a map beyond which recorded steps are passed over."""


def spans_widely(values: ArrayLike) -> bool:
    """Whether values, none of them negative, need a logarithmic scale to be told apart."""
    y = np.asarray(values, dtype=float)
    y = y[np.isfinite(y)]
    positive = y[y > 0]
    return bool(len(positive) and y.min() >= 0 and positive.max() > WIDE * positive.min())


def layer_map(
    rows: pd.DataFrame,
    info: Statistic,
    *,
    names: Sequence[str],
    log: bool,
    divergences: Sequence[Divergence] = (),
    last_step: int | None = None,
    unhealthy: pd.DataFrame | None = None,
    domain: tuple[float, float] | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """A statistic over steps, one row per layer: the colour is the value, and a frame goes around
    stretches that are `unhealthy`, rows of `line`, `step` and `until`. A colour of its own stands
    for what is not finite; what a logarithmic scale has no place for, 0, is its lowest colour.

    Maps side by side have the values of the first and the last colour, their `domain`, in common,
    and the page says once what each colour means (`scale_strip`).
    """
    present, alone = set(rows["layer"]), domain is None
    shown = [name for i, name in enumerate(names) if i in present]
    domain = domain or map_domain(rows["value"], info, log=log)
    cells = _cells(rows, domain, log=log)
    place: dict[str, Any] = {
        "x": alt.X(**steps_axis(last_step)),
        "x2": alt.X2("until:Q"),
        "y": alt.Y(
            "line:N",
            sort=shown,
            title=_("Layer, inputs at the top") if alone else None,
            scale=alt.Scale(domain=shown),
            axis=alt.Axis(labelOverlap="greedy", labelLimit=140),
        ),
    }
    tooltip = [
        alt.Tooltip("line:N", title=_("Layer")),
        alt.Tooltip("step:Q", title=_("Step"), format=",d"),
        alt.Tooltip("epoch:Q", title=_("Epoch"), format=",d"),
        alt.Tooltip("said:N", title=_(info.label)),
    ]
    legend = _scale_legend(info, domain, log=log) if alone else None
    fill = alt.Fill("value:Q", scale=_shades(domain, log=log, dark=dark), legend=legend)
    flawed = cells["value"].isna()
    marks = [
        alt.Chart(cells[~flawed]).mark_rect(clip=True).encode(**place, fill=fill, tooltip=tooltip),
        alt.Chart(cells[flawed])
        .mark_rect(clip=True, fill=alarm(dark=dark), aria=False)
        .encode(**place, tooltip=tooltip),
    ]
    if unhealthy is not None:
        marks.append(_frames(unhealthy[unhealthy["line"].isin(shown)], place, dark=dark))
    marks += divergence_marks(divergences, last_step=last_step)
    height = 26 * len(shown) + (130 if alone else 60)
    return alt.LayerChart(layer=marks, height=height, padding=PADDING)


def _frames(unhealthy: pd.DataFrame, place: Mapping[str, Any], *, dark: bool) -> alt.Chart:
    frames: alt.Chart = (
        alt.Chart(unhealthy)
        .mark_rect(
            filled=False,
            fillOpacity=0,
            stroke=alarm(dark=dark),
            strokeWidth=2,
            clip=True,
            aria=False,
        )
        .encode(**place)
    )
    return frames


def map_domain(values: ArrayLike, info: Statistic, *, log: bool) -> tuple[float, float]:
    """The values of the first and the last colour: a share's from nothing to all, around zero for
    what has a sign."""
    y = np.asarray(values, dtype=float)
    y = y[np.isfinite(y)]
    if info.share:
        return 0.0, 1.0
    if len(y) and y.min() < 0:
        reach = float(np.abs(y).max())
        return -reach, reach
    y = y[y > 0] if log else y
    if not len(y):
        return (0.1, 1.0) if log else (0.0, 1.0)
    low, high = float(y.min()), float(y.max())
    if low < high:
        return low, high
    return (low / 2, high * 2) if log else (low - 0.5, high + 0.5)


def scale_strip(
    info: Statistic, domain: tuple[float, float], *, log: bool, dark: bool
) -> alt.LayerChart:
    """What each colour means, as a strip along an axis."""
    logarithmic = log and domain[0] > 0
    space = np.geomspace if logarithmic else np.linspace
    edges = space(*domain, STRIP + 1)
    frame = pd.DataFrame({"left": edges[:-1], "right": edges[1:], "value": edges[1:]})
    scale = alt.Scale(type="log" if logarithmic else "linear", domain=list(domain), nice=False)
    labels = "format(datum.value, '~%')" if info.share else READABLE
    axis = alt.Axis(
        labelExpr=labels,
        grid=False,
        **({"values": round_values(*domain)} if logarithmic else {"tickCount": 6}),
    )
    cells = (
        alt.Chart(frame)
        .mark_rect(aria=False)
        .encode(
            x=alt.X("left:Q", title=_(info.label), scale=scale, axis=axis),
            x2=alt.X2("right:Q"),
            fill=alt.Fill("value:Q", scale=_shades(domain, log=log, dark=dark), legend=None),
            tooltip=[alt.Tooltip("value:Q", title=_(info.label), format=".3~g")],
        )
    )
    return alt.LayerChart(layer=[cells], height=84, padding=PADDING)


def _cells(rows: pd.DataFrame, domain: tuple[float, float], *, log: bool) -> pd.DataFrame:
    """Each shown step's cell reaches to the next one, and a little beneath it: no seam shows."""
    steps = spread(sorted(rows["step"].unique().tolist()), CELLS)
    ends = dict(zip(steps, [*steps[1:], steps[-1] + 1], strict=True)) if steps else {}
    cells = rows[rows["step"].isin(ends)].sort_values("step", kind="stable")
    seam = (steps[-1] - steps[0]) * SEAM if steps else 0
    y = cells["value"].to_numpy(dtype=float)
    return cells.drop(columns="layer").assign(
        until=cells["step"].map(ends) + seam,
        value=np.where(np.isfinite(y), np.clip(y, *domain) if log else y, np.nan),
        said=[number(value) for value in y],
    )


def _shades(domain: tuple[float, float], *, log: bool, dark: bool) -> alt.Scale:
    """Around zero for what has a sign; from little to much for what has none."""
    low, high = domain
    if low < 0:
        points = [low, low / 2, 0, high / 2, high]
        return alt.Scale(domain=points, range=diverging(dark=dark), interpolate="lab", clamp=True)
    return alt.Scale(
        type="log" if log and low > 0 else "linear",
        domain=[low, high],
        range=sequential(dark=dark),
        interpolate="lab",
        nice=False,
        clamp=True,
    )


def _scale_legend(info: Statistic, domain: tuple[float, float], *, log: bool) -> alt.Legend:
    ticks = {"values": round_values(*domain)} if log and domain[0] > 0 else {"tickCount": 5}
    return alt.Legend(
        title=_(info.label),
        labelExpr="format(datum.value, '~%')" if info.share else READABLE,
        gradientLength=220,
        orient="top",
        titleLimit=300,
        **ticks,
    )
