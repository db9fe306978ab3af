"""Distributions over one another, as outlines: which run's values lie where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.histograms import bins, common_range
from dashboard.views.charts.lines import PADDING, READABLE, Line, line_channels
from dashboard.words.i18n import _
from engine.records import Histogram


def overlaid(
    histograms: Mapping[str, Histogram], *, lines: Sequence[Line], title: str
) -> alt.LayerChart:
    """An outline a histogram, by the name of its line. The height is the density, the share of the
    values per unit of the axis: each outline encloses the same area, however wide its bins are."""
    low, high = common_range(list(histograms.values())) or (-1.0, 1.0)
    shown = [line for line in lines if line.name in histograms]
    legend = alt.Legend(title=None, orient="top", columns=2, labelLimit=300, symbolType="stroke")
    base = alt.Chart(_outlines(histograms)).encode(
        x=alt.X(
            "value:Q",
            title=title,
            scale=alt.Scale(domain=[low, high], nice=False),
            axis=alt.Axis(labelExpr=READABLE, tickCount=8, grid=False),
        ),
        y=alt.Y(
            "density:Q",
            title=_("Density"),
            scale=alt.Scale(type="sqrt"),
            axis=alt.Axis(labelExpr=READABLE, tickCount=5),
        ),
        **line_channels(shown, legend),
        tooltip=[
            alt.Tooltip("line:N", title=_("Line")),
            alt.Tooltip("left:Q", title=_("From"), format=".4~g"),
            alt.Tooltip("right:Q", title=_("To"), format=".4~g"),
            alt.Tooltip("share:Q", title=_("Share"), format=".2%"),
        ],
    )
    outlines = base.mark_line(clip=True, interpolate="step-after", strokeJoin="round")
    return alt.LayerChart(layer=[outlines], height=360, padding=PADDING)


def _outlines(histograms: Mapping[str, Histogram]) -> pd.DataFrame:
    frames = [
        pd.DataFrame({"line": [], "value": [], "density": [], "left": [], "right": [], "share": []})
    ]
    for name, histogram in histograms.items():
        if not np.isfinite([histogram.low, histogram.high]).all():
            continue
        own = pd.DataFrame(bins(histogram))
        density = own["share"] / (own["right"] - own["left"])
        rows = own.assign(line=name, value=own["left"], density=density)
        last = rows.iloc[[-1]].assign(value=rows["right"].iloc[-1], density=0.0)
        frames.append(pd.concat([rows, last]))
    return pd.concat(frames[1:] or frames, ignore_index=True)
