"""The signals of an untrained network: one histogram per layer on a common axis, and their standard
deviations, measured beside theory."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.bins import bins, columns_of, common_range
from dashboard.views.charts.colors import accent, second
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE, SHARE, round_values
from dashboard.words.i18n import _
from engine.records import Histogram

BINS = 60
WIDTH = 0.86
"""How much of the place between two layers the fullest bin takes."""


def side_by_side(
    histograms: Sequence[Histogram], *, quantity: str, height: int = 300, dark: bool = False
) -> alt.LayerChart:
    """One histogram per layer, lying on its side, from the inputs on the left: the same bins and
    the same vertical axis for all, so that the eye follows what depth does to the values.

    A bar's length is the square root of its bin's share, relative to the layer's fullest bin.
    """
    frame = shared_bins(histograms)
    n = len(histograms)
    base = alt.Chart(frame).encode(
        y=alt.Y(
            "low:Q",
            title=quantity,
            scale=alt.Scale(nice=False, zero=False),
            axis=alt.Axis(labelExpr=READABLE, tickCount=7),
        ),
        y2=alt.Y2("high:Q"),
        tooltip=[
            alt.Tooltip("layer:Q", title=_("Layer"), format="d"),
            alt.Tooltip("low:Q", title=_("From"), format=NUMBER),
            alt.Tooltip("high:Q", title=_("To"), format=NUMBER),
            alt.Tooltip("share:Q", title=_("Share"), format=SHARE),
        ],
    )
    x = alt.X(
        "floor:Q",
        title=_("Hidden layer, from the inputs"),
        scale=alt.Scale(domain=[0.5, n + 0.5], nice=False),
        axis=alt.Axis(values=list(range(1, n + 1)), format="d", grid=False, labelOverlap=True),
    )
    bars = base.mark_rect(color=accent(dark=dark)).encode(x=x, x2=alt.X2("top:Q"))
    hover = base.mark_rect(opacity=0).encode(x=x, x2=alt.X2("end:Q"))
    return alt.LayerChart(layer=[bars, hover], height=height, padding=PADDING)


def shared_bins(histograms: Sequence[Histogram]) -> pd.DataFrame:
    """One row per layer (from 1) and bin, in bins that all layers share: its edges, its share, and
    the places from `floor` where its bar begins to `top` where it ends and `end` where it may."""
    found = columns_of(histograms)
    low, high = common_range(found) or (-1.0, 1.0)
    edges = np.linspace(low, high, BINS + 1)
    frames = []
    for layer, (left, right, shares) in enumerate(zip(*bins(found).values(), strict=True), start=1):
        ends = [left[0], *right]
        share = np.diff(np.interp(edges, ends, [0.0, *shares.cumsum()]))
        length = WIDTH * np.sqrt(share / max(share.max(), 1e-12))
        floor = layer - WIDTH / 2
        frames.append(
            pd.DataFrame(
                {
                    "layer": layer,
                    "low": edges[:-1],
                    "high": edges[1:],
                    "share": share,
                    "floor": floor,
                    "top": floor + length,
                    "end": floor + WIDTH,
                }
            )
        )
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
    domain = _decades(frame["value"])
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
            scale=alt.Scale(type="log", domain=list(domain), nice=False),
            axis=alt.Axis(labelExpr=READABLE, values=round_values(*domain)),
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
    dots = base.transform_filter(alt.datum.line == first).mark_point(
        filled=True, size=80, opacity=1
    )
    dashes = base.transform_filter(alt.datum.line == last).mark_line(strokeDash=[5, 3])
    return alt.LayerChart(layer=[dashes, dots], height=260, padding=PADDING)


def _decades(values: pd.Series[float]) -> tuple[float, float]:
    """At least one decade around the values, so that what hardly changes looks so."""
    if values.empty:
        return 0.1, 10.0
    low, high = float(values.min()), float(values.max())
    return min(low / 1.5, high / 10), max(high * 1.5, low * 10)
