"""The values before and after Batch Normalization, over the slope of the activation behind it."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.bins import bins, columns_of, common_range
from dashboard.views.charts.colors import MUTED, accent, second
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE, SHARE
from dashboard.words.i18n import _
from engine.analyses.normalization import Normalization, Side, relative_slope
from engine.layers import Activation

GRID = 160
"""Places at which the slope is shaded."""

LEAST = (-4.0, 4.0)
"""What the axis shows of the activation at least."""

CHANNELS = 60
"""Channels whose range is drawn."""


def side_names() -> dict[str, str]:
    """The two sides of a BN layer, in the reader's language."""
    return {"before": _("Before normalization: x"), "after": _("After normalization: y")}


def common_domain(found: Normalization) -> tuple[float, float]:
    """An axis for both sides that also shows where the activation has its slope."""
    low, high = common_range(columns_of([found.before.values, found.after.values])) or LEAST
    return (min(low, LEAST[0]), max(high, LEAST[1])) if found.activation else (low, high)


def densities(found: Normalization, side: str, *, dark: bool = False) -> alt.LayerChart:
    """All values on one side as a density, over the activation's slope."""
    domain = common_domain(found)
    one: Side = getattr(found, side)
    x = _x(side_names()[side], domain)
    y = alt.Y(
        "density:Q",
        title=_("Density"),
        axis=alt.Axis(labelExpr=READABLE, tickCount=4, grid=False),
        scale=alt.Scale(zero=True),
    )
    color = second(dark=dark) if side == "before" else accent(dark=dark)
    own = bins(columns_of([one.values]))
    rows = pd.DataFrame({name: values[0] for name, values in own.items()})
    rows = rows.assign(density=rows["share"] / (rows["right"] - rows["left"]))
    bars = (
        alt.Chart(rows)
        .mark_bar(color=color, clip=True, binSpacing=0, opacity=0.85)
        .encode(
            x=x,
            x2=alt.X2("right:Q"),
            y=y,
            y2=alt.Y2Datum(0),
            tooltip=[
                alt.Tooltip("left:Q", title=_("From"), format=NUMBER),
                alt.Tooltip("right:Q", title=_("To"), format=NUMBER),
                alt.Tooltip("share:Q", title=_("Share"), format=SHARE),
            ],
        )
    )
    marks = [*_shade(found.activation, domain, dark=dark), bars]
    return alt.LayerChart(layer=marks, height=200, padding=PADDING)


def channel_ranges(found: Normalization, side: str, *, dark: bool = False) -> alt.LayerChart:
    """Each channel's middle 90 % as a line and its median as a dot, by the median before."""
    domain = common_domain(found)
    order = np.argsort(found.before.channels[1], kind="stable")
    shown = order[np.linspace(0, len(order) - 1, min(CHANNELS, len(order))).round().astype(int)]
    low, middle, high = getattr(found, side).channels[:, shown]
    frame = pd.DataFrame(
        {
            "place": np.arange(len(shown)),
            "channel": shown,
            "left": low,
            "middle": middle,
            "right": high,
        }
    )
    x = _x(side_names()[side], domain)
    y = alt.Y("place:Q", title=_("Channels"), axis=alt.Axis(labels=False, ticks=False, grid=False))
    color = second(dark=dark) if side == "before" else accent(dark=dark)
    tooltip = [
        alt.Tooltip("channel:Q", title=_("Channel")),
        alt.Tooltip("left:Q", title=_("5 % quantile"), format=NUMBER),
        alt.Tooltip("middle:Q", title=_("Median"), format=NUMBER),
        alt.Tooltip("right:Q", title=_("95 % quantile"), format=NUMBER),
    ]
    base = alt.Chart(frame)
    ranges = base.mark_rule(color=color, opacity=0.75, strokeWidth=2, clip=True).encode(
        x=x, x2=alt.X2("right:Q"), y=y, tooltip=tooltip
    )
    medians = base.mark_point(color=color, filled=True, size=18, opacity=1, clip=True).encode(
        x=alt.X("middle:Q", title=side_names()[side]), y=y, tooltip=tooltip
    )
    marks = [*_shade(found.activation, domain, dark=dark), ranges, medians]
    return alt.LayerChart(layer=marks, height=220, padding=PADDING)


def _x(title: str, domain: tuple[float, float]) -> alt.X:
    return alt.X(
        "left:Q",
        title=title,
        scale=alt.Scale(domain=list(domain), nice=False),
        axis=alt.Axis(labelExpr=READABLE, tickCount=7, grid=False),
    )


def _shade(
    activation: Activation | None, domain: tuple[float, float], *, dark: bool
) -> list[alt.Chart]:
    """The activation's slope as the darkness of the ground, where one follows."""
    if activation is None:
        return []
    edges = np.linspace(*domain, GRID + 1)
    slope = relative_slope(activation, (edges[:-1] + edges[1:]) / 2)
    frame = pd.DataFrame({"left": edges[:-1], "right": edges[1:], "slope": slope})
    shade: alt.Chart = (
        alt.Chart(frame)
        .mark_rect(color=MUTED, clip=True)
        .encode(
            x=alt.X("left:Q"),
            x2=alt.X2("right:Q"),
            opacity=alt.Opacity(
                "slope:Q", scale=alt.Scale(domain=[0, 1], range=[0, 0.35]), legend=None
            ),
        )
    )
    return [shade]
