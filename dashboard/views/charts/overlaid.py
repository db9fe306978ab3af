"""Distributions over one another, as outlines: which run's values lie where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import pandas as pd

from dashboard.reads.columns import Columns, rows
from dashboard.views.charts.bins import bins, has_place, shared_range
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE, SHARE, Line, line_channels
from dashboard.words.i18n import _


def overlaid(
    histograms: Mapping[str, Columns], *, lines: Sequence[Line], title: str
) -> alt.LayerChart:
    """An outline per histogram, by the name of its line. Its height is the density, the share of
    values per unit of the axis: each outline encloses the same area, however wide its bins are."""
    low, high = shared_range(histograms.values()) or (-1.0, 1.0)
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
            alt.Tooltip("left:Q", title=_("From"), format=NUMBER),
            alt.Tooltip("right:Q", title=_("To"), format=NUMBER),
            alt.Tooltip("share:Q", title=_("Share"), format=SHARE),
        ],
    )
    outlines = base.mark_line(clip=True, interpolate="step-after", strokeJoin="round")
    return alt.LayerChart(layer=[outlines], height=360, padding=PADDING)


def _outlines(histograms: Mapping[str, Columns]) -> pd.DataFrame:
    """A row per edge: its bin, the last of which ends at no density."""
    frames = [
        pd.DataFrame({"line": [], "value": [], "density": [], "left": [], "right": [], "share": []})
    ]
    for name, found in histograms.items():
        for left, right, share in zip(*bins(rows(found, has_place(found))).values(), strict=True):
            own = pd.DataFrame({"left": left, "right": right, "share": share})
            density = own["share"] / (own["right"] - own["left"])
            outline = own.assign(line=name, value=left, density=density)
            last = outline.iloc[[-1]].assign(value=right[-1], density=0.0)
            frames.append(pd.concat([outline, last]))
    return pd.concat(frames[1:] or frames, ignore_index=True)
