"""Which class a network takes for which: the confusion matrix as a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.colors import ink, page, sequential
from dashboard.views.charts.lines import PADDING
from dashboard.words.i18n import _, integer, percent
from engine.analyses.answers import Answers

WRITTEN = 20
"""Classes up to which each cell's number is written in it."""
MOST = 60
"""Classes up to which a map tells anything."""


def confusion_chart(answers: Answers, *, dark: bool = False) -> alt.LayerChart:
    """A row for each class, a column for each answer: the stronger the colour, the larger the share
    of the class that got this answer."""
    frame, names = _cells(answers), list(answers.names)
    place = {
        "x": alt.X(
            "answer:N",
            sort=names,
            title=_("Answer"),
            axis=alt.Axis(orient="top", labelAngle=0, labelOverlap=True, labelLimit=90),
        ),
        "y": alt.Y("class:N", sort=names, title=_("Class"), axis=alt.Axis(labelLimit=140)),
    }
    scale = alt.Scale(domain=[0, 1], range=sequential(dark=dark), interpolate="lab")
    cells = (
        alt.Chart(frame)
        .mark_rect(stroke=page(dark=dark), strokeWidth=1)
        .encode(
            **place,
            fill=alt.Fill("share:Q", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("class:N", title=_("Class")),
                alt.Tooltip("answer:N", title=_("Answer")),
                alt.Tooltip("samples:N", title=_("Samples")),
                alt.Tooltip("said:N", title=_("Share of the class")),
            ],
        )
    )
    layers = [cells]
    if len(names) <= WRITTEN:
        layers.append(_numbers(frame, place, dark=dark))
    height = 60 + (30 if len(names) <= WRITTEN else 14) * len(names)
    return alt.LayerChart(layer=layers, height=height, padding=PADDING)


def _cells(answers: Answers) -> pd.DataFrame:
    classes, taken = np.indices(answers.confusion.shape).reshape(2, -1)
    counts = answers.confusion.reshape(-1)
    shares = counts / np.maximum(answers.samples[classes], 1)
    names = np.asarray(answers.names, dtype=object)
    return pd.DataFrame(
        {
            "class": names[classes],
            "answer": names[taken],
            "samples": [integer(int(count)) for count in counts],
            "share": shares,
            "said": [percent(float(share)) for share in shares],
            "told": counts > 0,
        }
    )


def _numbers(frame: pd.DataFrame, place: Mapping[str, Any], *, dark: bool) -> alt.Chart:
    """How many got each answer, where any did."""
    strong = frame["share"] > 0.5
    written = frame.assign(color=np.where(strong, page(dark=dark), ink(dark=dark)))
    numbers: alt.Chart = (
        alt.Chart(written[written["told"]])
        .mark_text(fontSize=12, aria=False)
        .encode(
            **place,
            text=alt.Text("samples:N"),
            color=alt.Color("color:N", scale=None, legend=None),
        )
    )
    return numbers
