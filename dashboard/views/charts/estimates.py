"""Differences from a baseline: each pair is a dot, their mean has its interval, one row per
arm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from dashboard.views.charts.colors import MUTED
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE, SHARE, Line
from dashboard.words.i18n import _


@dataclass(frozen=True, slots=True)
class Row:
    """An arm: its differences by seed, and their mean with its interval where there is one."""

    line: Line
    values: Sequence[tuple[int, float]]
    mean: float
    low: float | None
    high: float | None


def difference_chart(rows: Sequence[Row], *, title: str, share: bool) -> alt.LayerChart:
    """Zero, the baseline, is a rule; an interval that leaves it out is beyond chance."""
    names = [row.line.name for row in rows]
    number = "+" + SHARE if share else "+" + NUMBER
    colors = alt.Color(
        "line:N",
        sort=names,
        scale=alt.Scale(domain=names, range=[row.line.color for row in rows]),
        legend=None,
    )
    y = alt.Y("line:N", sort=names, title=None, axis=alt.Axis(labelLimit=260, grid=True))
    labels = "format(datum.value, '+~%')" if share else READABLE
    axis = alt.Axis(labelExpr=labels, tickCount=7)
    x = alt.X("value:Q", title=title, scale=alt.Scale(zero=True, padding=14), axis=axis)
    means = alt.Chart(_means(rows)).encode(y=y, color=colors)
    pairs = alt.Chart(_pairs(rows)).encode(y=y, color=colors)
    zero = alt.Chart(pd.DataFrame({"value": [0.0]})).mark_rule(color=MUTED, strokeDash=[4, 3])
    tooltip = [
        alt.Tooltip("line:N", title=_("Group")),
        alt.Tooltip("value:Q", title=_("Mean difference"), format=number),
        alt.Tooltip("low:Q", title=_("Interval from"), format=number),
        alt.Tooltip("high:Q", title=_("Interval to"), format=number),
        alt.Tooltip("n:Q", title=_("Pairs (N)"), format="d"),
    ]
    dot = [
        alt.Tooltip("line:N", title=_("Group")),
        alt.Tooltip("seed:Q", title=_("Seed"), format="d"),
        alt.Tooltip("value:Q", title=_("Difference"), format=number),
    ]
    marks = [
        zero.encode(x=x),
        means.mark_rule(strokeWidth=3).encode(x=alt.X("low:Q", title=title), x2=alt.X2("high:Q")),
        pairs.mark_point(size=60, opacity=0.65, yOffset=11).encode(x=x, tooltip=dot),
        means.mark_point(filled=True, size=150, shape="diamond", opacity=1).encode(
            x=x, tooltip=tooltip
        ),
    ]
    return alt.LayerChart(layer=marks, height=56 * len(rows) + 20, padding=PADDING)


def _means(rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        [(row.line.name, row.mean, row.low, row.high, len(row.values)) for row in rows],
        columns=["line", "value", "low", "high", "n"],
    ).astype({"low": float, "high": float})


def _pairs(rows: Sequence[Row]) -> pd.DataFrame:
    return pd.DataFrame(
        [(row.line.name, seed, value) for row in rows for seed, value in row.values],
        columns=["line", "seed", "value"],
    )
