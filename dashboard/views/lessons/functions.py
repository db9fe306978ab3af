"""A lesson's figure of functions: panels side by side, lines and points in each."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import pandas as pd

from dashboard.views.charts.colors import hues
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE
from dashboard.words.i18n import _
from engine.lessons.worked.drawn import Drawn, Panel

HEIGHT = 290


def functions(panel: Panel, *, dark: bool) -> alt.LayerChart:
    """One panel: each function a line, each set of points dots, in the order in which they are
    named."""
    names = [_(line.name) for line in panel.lines]
    color = alt.Color(
        "line:N",
        sort=names,
        scale=alt.Scale(domain=names, range=list(hues(dark=dark)[: len(names)])),
        legend=alt.Legend(title=None, orient="top", columns=2) if len(names) > 1 else None,
    )
    shared = {
        "x": alt.X(
            "x:Q",
            title=_(panel.x),
            scale=alt.Scale(zero=False, padding=8),
            axis=alt.Axis(labelExpr=READABLE, tickCount=5),
        ),
        "y": alt.Y(
            "y:Q",
            title=_(panel.y) if panel.y else None,
            scale=alt.Scale(zero=False, padding=8),
            axis=alt.Axis(labelExpr=READABLE, tickCount=5),
        ),
        "color": color,
        "tooltip": [
            alt.Tooltip("line:N", title=_("Line")),
            alt.Tooltip("x:Q", title=_(panel.x), format=NUMBER),
            alt.Tooltip("y:Q", title=_(panel.title), format=NUMBER),
        ],
    }
    lines = _rows([line for line in panel.lines if not line.points])
    dots = _rows([line for line in panel.lines if line.points])
    marks = [
        alt.Chart(lines).mark_line(strokeWidth=2, clip=True).encode(**shared),
        alt.Chart(dots).mark_point(size=30, filled=True, opacity=0.7).encode(**shared),
    ]
    drawn = [mark for mark, rows in zip(marks, (lines, dots), strict=True) if len(rows)]
    return alt.LayerChart(layer=drawn, height=HEIGHT, padding=PADDING)


def _rows(lines: Sequence[Drawn]) -> pd.DataFrame:
    frames = [pd.DataFrame({"line": _(line.name), "x": line.x, "y": line.y}) for line in lines]
    empty = pd.DataFrame({"line": [], "x": [], "y": []}).astype({"x": float, "y": float})
    return pd.concat(frames, ignore_index=True) if frames else empty
