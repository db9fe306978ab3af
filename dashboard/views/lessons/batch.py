"""One batch normalized step by step: the numbers, and where they lie."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.views.charts.colors import MUTED, accent
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE
from dashboard.words.i18n import _, number
from engine.lessons.worked.steps import Steps

Values = NDArray[np.float64]


def steps_table(x: Values, found: Steps, alone: Values, fixed: Steps) -> pd.DataFrame:
    """A row for each sample: its steps in training, what it is where it comes alone, and what
    inference makes of it."""
    return pd.DataFrame(
        {
            "x": x,
            "x - μ": x - found.mean,
            "x̂": found.normalized,
            "y": found.y,
            _("y, alone"): alone,
            _("y, inference"): fixed.y,
        }
    ).round(4)


def statistics_text(found: Steps) -> str:
    """The batch's own statistics, and those of x̂."""
    text = _("μ = {mean}, σ² = {var}; x̂ has the mean {own_mean} and the variance {own_var}.")
    return text.format(
        mean=number(found.mean, 4),
        var=number(found.var, 4),
        own_mean=number(round(float(found.normalized.mean()), 9) + 0.0, 4),
        own_var=number(float(found.normalized.var()), 6),
    )


def steps_chart(x: Values, found: Steps, *, dark: bool) -> alt.LayerChart:
    """x, x̂ and y on one axis; within -1 to 1, which is marked, a sigmoid is nearly linear."""
    kinds = {"x": x, "x̂": found.normalized, "y": found.y}
    rows = pd.DataFrame(
        [(kind, float(v)) for kind, values in kinds.items() for v in values],
        columns=["kind", "value"],
    )
    axis = alt.X(
        "value:Q",
        title=_("Value"),
        scale=alt.Scale(zero=True, padding=14),
        axis=alt.Axis(labelExpr=READABLE, tickCount=7),
    )
    near = pd.DataFrame({"low": [-1.0], "high": [1.0]})
    shade = alt.Chart(near).mark_rect(color=MUTED, opacity=0.18)
    dots = alt.Chart(rows).mark_point(filled=True, size=90, opacity=0.8, color=accent(dark=dark))
    return alt.LayerChart(
        layer=[
            shade.encode(x=alt.X("low:Q", title=_("Value")), x2=alt.X2("high:Q")),
            dots.encode(
                x=axis,
                y=alt.Y("kind:N", sort=list(kinds), title=None),
                tooltip=[
                    alt.Tooltip("kind:N", title=_("Step")),
                    alt.Tooltip("value:Q", title=_("Value"), format=NUMBER),
                ],
            ),
        ],
        height=150,
        padding=PADDING,
    )
