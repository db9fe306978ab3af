"""The layer before a BN layer, before and after it takes the BN layer in."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.colors import accent, second
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE
from dashboard.words.i18n import _
from engine.analyses.folding import FoldedLayer

CHANNELS = 60
"""Channels that are drawn: at even places in the order of their folded weights."""


def folded_channels(layer: FoldedLayer, what: str, *, dark: bool = False) -> alt.Chart:
    """Each channel's weight norm or bias, before and after, in the order of those after."""
    before, after = (
        (layer.norms, layer.folded_norms) if what == "norm" else (layer.biases, layer.folded_biases)
    )
    order = np.argsort(after, kind="stable")
    shown = order[np.linspace(0, len(order) - 1, min(CHANNELS, len(order))).round().astype(int)]
    names = [_("Before folding"), _("After folding")]
    frame = pd.DataFrame(
        {
            "place": np.arange(len(shown)),
            "channel": shown,
            names[0]: before[shown],
            names[1]: after[shown],
        }
    ).melt(["place", "channel"], names, "stage", "value")
    title = _("Norm of a channel's weights ‖W‖") if what == "norm" else _("Bias b")
    legend = alt.Legend(title=None, orient="top")
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_point(filled=True, size=40, opacity=0.9)
        .encode(
            x=alt.X(
                "place:Q",
                title=_("Channels, by what they fold to"),
                axis=alt.Axis(labels=False, ticks=False, grid=False),
            ),
            y=alt.Y("value:Q", title=title, axis=alt.Axis(labelExpr=READABLE, tickCount=5)),
            color=alt.Color(
                "stage:N",
                sort=names,
                scale=alt.Scale(domain=names, range=[second(dark=dark), accent(dark=dark)]),
                legend=legend,
            ),
            shape=alt.Shape(
                "stage:N",
                sort=names,
                scale=alt.Scale(domain=names, range=["diamond", "circle"]),
                legend=legend,
            ),
            tooltip=[
                alt.Tooltip("channel:Q", title=_("Channel")),
                alt.Tooltip("stage:N", title=_("Stage")),
                alt.Tooltip("value:Q", title=title, format=NUMBER),
            ],
        )
        .properties(height=240, padding=PADDING)
    )
    return chart
