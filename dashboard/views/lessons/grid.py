"""A lesson's grid of panels: one for each value of a hyperparameter, with the curves of the arms
that have it, as figure 6-18 of Deep Learning from Scratch has them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt
import pandas as pd

from dashboard.views.charts.colors import hues
from dashboard.views.charts.lines import NUMBER, PADDING
from dashboard.words.i18n import _, number
from db.records import CurvePoint
from engine.lessons.arms import AnyArm, place_of
from engine.lessons.figures import Grid
from engine.lessons.lesson import Lesson

HEIGHT = 150


@dataclass(frozen=True)
class GridPanel:
    """A panel: what stands above it, what it shows in words, and its chart."""

    title: str
    said: str
    chart: alt.LayerChart


def grid_panels(lesson: Lesson, points: Sequence[CurvePoint], *, dark: bool) -> list[GridPanel]:
    """The panels in the order of the arms. All share their axes; the first has the legend."""
    figure = lesson.figure
    assert isinstance(figure, Grid)
    frame = _rows(lesson, figure, points)
    lines = list(dict.fromkeys(_(arm.line) for arm in lesson.arms))
    top = 1.0 if figure.score == "accuracy" else max(frame["value"], default=1.0)
    last = max(frame["epoch"], default=1)
    found = []
    for i, place in enumerate(dict.fromkeys(_place(arm, figure) for arm in lesson.arms)):
        own = frame[frame["place"] == place]
        chart = _panel(own, lines, top=top, last=last, legend=i == 0, dark=dark)
        ends = own[own["epoch"] == own.groupby("line")["epoch"].transform("max")]
        said = ", ".join(
            f"{line} {number(value, 3)}"
            for line, value in zip(ends["line"], ends["value"], strict=True)
        )
        found.append(GridPanel(f"{_(figure.label)} {number(place, 2)}", said, chart))
    return found


def _place(arm: AnyArm, figure: Grid) -> float:
    place = place_of(arm, figure.field)
    assert place is not None
    return place


def _rows(lesson: Lesson, figure: Grid, points: Sequence[CurvePoint]) -> pd.DataFrame:
    rows = [
        (_place(lesson.arms[p.arm], figure), _(lesson.arms[p.arm].line), p.epoch, p.mean, p.n)
        for p in points
    ]
    columns = ["place", "line", "epoch", "value", "n"]
    return pd.DataFrame(rows, columns=columns).astype({"value": float})


def _panel(
    frame: pd.DataFrame, lines: Sequence[str], *, top: float, last: int, legend: bool, dark: bool
) -> alt.LayerChart:
    color = alt.Color(
        "line:N",
        sort=list(lines),
        scale=alt.Scale(domain=list(lines), range=list(hues(dark=dark)[: len(lines)])),
        legend=alt.Legend(title=None, orient="bottom-right", symbolType="stroke")
        if legend
        else None,
    )
    base = alt.Chart(frame).encode(
        x=alt.X(
            "epoch:Q",
            title=None,
            scale=alt.Scale(domain=[0, last], nice=False),
            axis=alt.Axis(tickCount=4, format="d", grid=False),
        ),
        y=alt.Y(
            "value:Q",
            title=None,
            scale=alt.Scale(domain=[0, top]),
            axis=alt.Axis(tickCount=3),
        ),
        color=color,
        tooltip=[
            alt.Tooltip("line:N", title=_("Line")),
            alt.Tooltip("epoch:Q", title=_("Epoch"), format="d"),
            alt.Tooltip("value:Q", title=_("Mean"), format=NUMBER),
            alt.Tooltip("n:Q", title=_("Seeds (N)"), format="d"),
        ],
    )
    marks = [base.mark_line(strokeWidth=2), base.mark_point(filled=True, size=25, opacity=1)]
    return alt.LayerChart(layer=marks, height=HEIGHT, padding=PADDING)
