"""The signals of an untrained network: histograms a layer on common axes, and their standard
deviations, measured beside theory."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.charts.colors import accent, second
from dashboard.charts.histograms import bins, common_range
from dashboard.charts.lines import PADDING, READABLE
from dashboard.i18n import _
from engine.records import Histogram

BINS = 40
COLUMNS = 5


def small_multiples(
    histograms: Sequence[Histogram], *, titles: Sequence[str], quantity: str, dark: bool = False
) -> alt.FacetChart:
    """A histogram a layer, side by side: the same bins and the same axes in each."""
    chart: alt.FacetChart = (
        alt.Chart()
        .mark_bar(color=accent(dark=dark), binSpacing=0)
        .encode(
            x=alt.X(
                "left:Q",
                title=quantity,
                bin="binned",
                scale=alt.Scale(nice=False, zero=False),
                axis=alt.Axis(labelExpr=READABLE, tickCount=4, labelOverlap=True, grid=False),
            ),
            x2="right:Q",
            y=alt.Y(
                "share:Q",
                title=_("Share of values"),
                axis=alt.Axis(format="~%", tickCount=4),
            ),
            tooltip=[
                alt.Tooltip("layer:N", title=_("Layer")),
                alt.Tooltip("left:Q", title=_("From"), format=".4~g"),
                alt.Tooltip("right:Q", title=_("To"), format=".4~g"),
                alt.Tooltip("share:Q", title=_("Share"), format=".2%"),
            ],
        )
        .properties(width=165, height=120)
        .facet(
            facet=alt.Facet(
                "layer:N", sort=list(titles), title=None, header=alt.Header(labelLimit=190)
            ),
            data=shared_bins(histograms, titles),
            columns=COLUMNS,
            padding=PADDING,
        )
    )
    return chart


def shared_bins(histograms: Sequence[Histogram], titles: Sequence[str]) -> pd.DataFrame:
    """The share of each layer's values in bins that all layers share."""
    low, high = common_range(histograms) or (-1.0, 1.0)
    edges = np.linspace(low, high, BINS + 1)
    frames = []
    for histogram, title in zip(histograms, titles, strict=True):
        own = bins(histogram)
        ends = [own["left"].iloc[0], *own["right"]]
        below = np.interp(edges, ends, [0.0, *own["share"].cumsum()])
        shares = {"left": edges[:-1], "right": edges[1:], "share": np.diff(below), "layer": title}
        frames.append(pd.DataFrame(shares))
    return pd.concat(frames, ignore_index=True)


def strengths(
    measured: Sequence[float], theory: Sequence[float | None], *, title: str, dark: bool = False
) -> alt.LayerChart:
    """Standard deviation over the hidden layers: measured as dots, theory as a dashed line."""
    layers = range(1, len(measured) + 1)
    lines = {_("Measured"): measured, _("Theory (infinite width)"): theory}
    frame = pd.DataFrame(
        [
            (layer, name, float(value))
            for name, values in lines.items()
            for layer, value in zip(layers, values, strict=True)
            if value is not None and np.isfinite(value) and value > 0  # what a log axis holds
        ],
        columns=["layer", "line", "value"],
    )
    base = alt.Chart(frame).encode(
        x=alt.X(
            "layer:Q",
            title=_("Hidden layer, from the inputs"),
            scale=alt.Scale(domain=[0.5, len(measured) + 0.5], nice=False),
            axis=alt.Axis(values=list(layers), format="d", grid=False, labelOverlap=True),
        ),
        y=alt.Y(
            "value:Q",
            title=title,
            scale=alt.Scale(type="log", domain=_decades(frame["value"]), nice=False),
            axis=alt.Axis(labelExpr=READABLE, tickCount=5, labelOverlap=True),
        ),
        color=alt.Color(
            "line:N",
            sort=list(lines),
            scale=alt.Scale(domain=list(lines), range=[accent(dark=dark), second(dark=dark)]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        tooltip=[
            alt.Tooltip("line:N", title=_("Line")),
            alt.Tooltip("layer:Q", title=_("Layer"), format="d"),
            alt.Tooltip("value:Q", title=title, format=".3~g"),
        ],
    )
    first, last = lines
    dots = base.transform_filter(alt.datum.line == first).mark_point(filled=True, size=80)
    dashes = base.transform_filter(alt.datum.line == last).mark_line(strokeDash=[5, 3])
    return alt.LayerChart(layer=[dashes, dots], height=260, padding=PADDING)


def _decades(values: pd.Series[float]) -> list[float]:
    """At least one decade around the values, so that what hardly changes looks so."""
    if values.empty:
        return [0.1, 10.0]
    return [min(values.min() / 1.5, values.max() / 10), max(values.max() * 1.5, values.min() * 10)]
