"""What a network of one or two inputs has learned, with the samples that it learned from."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.views.charts.colors import accent, hues, ink, page, second
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE
from dashboard.words.i18n import _
from engine.analyses.learned import Curve, Points, Regions, Values

HEIGHT = 340
PALEST, STRONGEST = 0.12, 0.5
"""Opacity of a region where the network is least and most sure of it."""
STEPS = 5
"""Degrees of sureness that are told apart."""


def regions_chart(
    regions: Regions, train: Points, validation: Points, *, dark: bool = False
) -> alt.LayerChart:
    """The plane in the colour of the class that the network decides for, the stronger the surer it
    is; training samples as dots and validation samples as rings, in the colour of their own."""
    classes = list(regions.names)
    color = alt.Color(
        "class:N",
        scale=alt.Scale(domain=classes, range=_colors(len(classes), dark=dark)),
        legend=alt.Legend(title=_("Class"), orient="top"),
    )
    ground = (
        alt.Chart(_runs_of_cells(regions))
        .mark_rect(clip=True)
        .encode(
            x=alt.X("left:Q", title="x₁", **_along(regions.x_edges)),
            x2=alt.X2("right:Q"),
            y=alt.Y("low:Q", title="x₂", **_along(regions.y_edges)),
            y2=alt.Y2("high:Q"),
            color=color,
            opacity=alt.Opacity(
                "opacity:Q", scale=alt.Scale(domain=[0, 1], range=[0, 1]), legend=None
            ),
            tooltip=[
                alt.Tooltip("class:N", title=_("Class")),
                alt.Tooltip("sureness:N", title=_("Probability")),
            ],
        )
    )
    samples = [
        _samples(points, name, regions, color, filled=filled, dark=dark)
        for points, name, filled in (
            (train, _("Training"), True),
            (validation, _("Validation"), False),
        )
    ]
    return alt.LayerChart(layer=[ground, *samples], height=HEIGHT, padding=PADDING)


def curve_chart(
    curve: Curve, train: Points, validation: Points, *, dark: bool = False
) -> alt.LayerChart:
    """The fitted curve over the samples."""
    names = {_("Training"): second(dark=dark), _("Validation"): accent(dark=dark)}
    frame = pd.concat(
        [
            pd.DataFrame({"x": points.x[:, 0], "t": points.t, "split": name})
            for points, name in zip((train, validation), names, strict=True)
        ]
    )
    x = alt.X("x:Q", title="x", **_along(curve.x))
    y = alt.Axis(labelExpr=READABLE, tickCount=6)
    dots = (
        alt.Chart(frame)
        .mark_point(filled=True, size=28, opacity=0.6)
        .encode(
            x=x,
            y=alt.Y("t:Q", title="y", scale=alt.Scale(zero=False), axis=y),
            color=alt.Color(
                "split:N",
                sort=list(names),
                scale=alt.Scale(domain=list(names), range=list(names.values())),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=[
                alt.Tooltip("split:N", title=_("Samples")),
                alt.Tooltip("x:Q", title="x", format=NUMBER),
                alt.Tooltip("t:Q", title="y", format=NUMBER),
            ],
        )
    )
    fitted = pd.DataFrame({"x": curve.x, "y": curve.y})
    line = (
        alt.Chart(fitted[np.isfinite(fitted["y"])])
        .mark_line(color=ink(dark=dark), strokeWidth=2.5, clip=True)
        .encode(x=x, y=alt.Y("y:Q", title="y"))
    )
    return alt.LayerChart(layer=[dots, line], height=HEIGHT, padding=PADDING)


def _along(places: Values) -> dict[str, Any]:
    """An axis from the first of the places to the last."""
    return {
        "scale": alt.Scale(domain=[float(places[0]), float(places[-1])], nice=False, zero=False),
        "axis": alt.Axis(labelExpr=READABLE, tickCount=6, grid=False),
    }


def _colors(classes: int, *, dark: bool) -> list[str]:
    family = hues(dark=dark)
    return [family[i % len(family)] for i in range(classes)]


def _samples(
    points: Points, name: str, regions: Regions, color: alt.Color, *, filled: bool, dark: bool
) -> alt.Chart:
    frame = pd.DataFrame(
        {
            "x": points.x[:, 0],
            "y": points.x[:, 1],
            "class": [regions.names[label] for label in points.t.astype(int)],
            "split": name,
        }
    )
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_point(
            filled=filled,
            size=26 if filled else 36,
            opacity=0.95,
            stroke=page(dark=dark) if filled else alt.Undefined,
            strokeWidth=0.6 if filled else 1.5,
        )
        .encode(
            x=alt.X("x:Q", title="x₁", **_along(regions.x_edges)),
            y=alt.Y("y:Q", title="x₂", **_along(regions.y_edges)),
            color=color,
            tooltip=[
                alt.Tooltip("split:N", title=_("Samples")),
                alt.Tooltip("class:N", title=_("Class")),
                alt.Tooltip("x:Q", title="x₁", format=NUMBER),
                alt.Tooltip("y:Q", title="x₂", format=NUMBER),
            ],
        )
    )
    return chart


def _runs_of_cells(regions: Regions) -> pd.DataFrame:
    """One row per stretch of a grid's row that has one class and one degree of sureness."""
    degree = _degrees(regions)
    rows = []
    for r, (labels, degrees) in enumerate(zip(regions.label, degree, strict=True)):
        changes = (np.diff(labels) != 0) | (np.diff(degrees) != 0)
        starts = [0, *(np.flatnonzero(changes) + 1)]
        for start, end in zip(starts, [*starts[1:], len(labels)], strict=True):
            rows.append(
                (
                    regions.x_edges[start],
                    regions.x_edges[end],
                    regions.y_edges[r],
                    regions.y_edges[r + 1],
                    regions.names[labels[start]],
                    PALEST + (STRONGEST - PALEST) * degrees[start] / (STEPS - 1),
                    _sureness(regions, int(degrees[start])),
                )
            )
    columns = ["left", "right", "low", "high", "class", "opacity", "sureness"]
    return pd.DataFrame(rows, columns=columns)


def _degrees(regions: Regions) -> NDArray[np.int64]:
    """How sure each cell's decision is, from 0 for as good as a guess."""
    if regions.probability is None:
        return np.full_like(regions.label, STEPS - 1)
    guess = 1 / len(regions.names)
    share = (np.nan_to_num(regions.probability) - guess) / (1 - guess)
    degrees: NDArray[np.int64] = np.clip((share * STEPS).astype(np.int64), 0, STEPS - 1)
    return degrees


def _sureness(regions: Regions, degree: int) -> str:
    if regions.probability is None:
        return "–"
    guess = 1 / len(regions.names)
    low, high = (guess + (1 - guess) * end / STEPS for end in (degree, degree + 1))
    return f"{low:.0%} – {high:.0%}"
