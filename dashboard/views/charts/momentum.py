"""What another momentum would have given, over the momentum."""

from __future__ import annotations

from math import ceil, floor, log10

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.colors import accent, second
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE, SHARE
from dashboard.words.i18n import _

COLUMNS = ("momentum", "new", "mean", "var", "loss", "accuracy")


def momentum_chart(
    frame: pd.DataFrame,
    names: dict[str, str],
    *,
    own: float,
    title: str,
    share: bool = False,
    log: bool = False,
    dark: bool = False,
) -> alt.LayerChart:
    """Columns of the frame as lines over the momentum, on an axis of the new share 1 - k, so that
    0.9, 0.99 and 0.999 lie evenly; the run's own momentum is marked."""
    long = frame.melt(["momentum", "new"], list(names), "line", "value")
    long["line"] = long["line"].map(names)
    labels = [*frame["new"]]
    x = alt.X(
        "new:Q",
        title=_("Momentum k (share kept each step)"),
        scale=alt.Scale(type="log", reverse=True, nice=False),
        axis=alt.Axis(
            values=labels, labelExpr="format(1 - datum.value, '~g')", labelOverlap=True, grid=False
        ),
    )
    labels_of = "format(datum.value, '~%')" if share else READABLE
    axis = alt.Axis(labelExpr=labels_of, tickCount=5)
    scale = alt.Scale(zero=False)
    if log:
        powers = powers_of_ten(long["value"])
        axis = alt.Axis(labelExpr=labels_of, values=powers)
        scale = alt.Scale(type="log", domain=[powers[0], powers[-1]])
    y = alt.Y("value:Q", title=title, scale=scale, axis=axis)
    domain = list(names.values())
    color = alt.Color(
        "line:N",
        sort=domain,
        scale=alt.Scale(domain=domain, range=[accent(dark=dark), second(dark=dark)][: len(domain)]),
        legend=alt.Legend(title=None, orient="top", symbolSize=60) if len(domain) > 1 else None,
    )
    base = alt.Chart(long)
    line = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=color)
    dots = base.mark_point(filled=True, size=50, opacity=1).encode(
        x=x,
        y=y,
        color=color,
        tooltip=[
            alt.Tooltip("line:N", title=_("Line")),
            alt.Tooltip("momentum:Q", title=_("Momentum"), format="~g"),
            alt.Tooltip("value:Q", title=title, format=SHARE if share else NUMBER),
        ],
    )
    mark = pd.DataFrame({"new": [max(1 - own, float(frame["new"].min()))]})
    rule = alt.Chart(mark).mark_rule(strokeDash=[4, 3], color=second(dark=dark)).encode(x=x)
    word = (
        alt.Chart(mark)
        .mark_text(text=_("this run"), align="left", dx=5, y=8, color=second(dark=dark))
        .encode(x=x)
    )
    return alt.LayerChart(layer=[rule, word, line, dots], height=260, padding=PADDING)


def powers_of_ten(values: pd.Series) -> list[float]:
    """Those around all positive values, two at least."""
    positive = values[(values > 0) & np.isfinite(values)]
    low, high = (positive.min(), positive.max()) if len(positive) else (0.1, 1.0)
    first = floor(log10(low))
    return [10.0**power for power in range(first, max(first + 1, ceil(log10(high))) + 1)]
