"""A lesson's one figure, made for its question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt

import altair as alt
import numpy as np
import pandas as pd

from dashboard.reads.columns import Columns, of_frame
from dashboard.views.charts.colors import hues
from dashboard.views.charts.curves import score_value
from dashboard.views.charts.lines import (
    NUMBER,
    PADDING,
    READABLE,
    Line,
    common_domain,
    epochs_axis,
    line_chart,
)
from dashboard.views.charts.surfaces import paths_chart, paths_frame
from dashboard.views.charts.written import WrittenChart
from dashboard.views.compare.spread import Estimate, estimate
from dashboard.views.lessons.samples import samples_of
from dashboard.words.arms import arm_name, arm_names
from dashboard.words.i18n import _
from db.records import CurvePoint
from engine.analyses.paths import Path
from engine.analyses.surfaces import SURFACES
from engine.analyses.verdicts import LEVEL, Scores
from engine.lessons.arms import Walk, place_of
from engine.lessons.figures import Curves, Over
from engine.lessons.lesson import Lesson
from engine.lessons.scores import SCORES, LessonScore, ScoreInfo

DASHES: tuple[tuple[int, int], ...] = ((1, 0), (6, 3), (2, 2))


def curves(lesson: Lesson, points: Sequence[CurvePoint], *, dark: bool) -> WrittenChart:
    """The score of each arm over the epochs, with the 95 % interval of its mean."""
    figure = lesson.figure
    assert isinstance(figure, Curves)
    rows = _curve_rows(lesson, points, share=figure.score == "accuracy")
    loss = figure.score == "loss"
    domain = common_domain(rows["value"], "linear") if loss and len(rows["value"]) else (0.0, 1.0)
    return line_chart(
        rows,
        lines=[_line(lesson, i, dark=dark) for i in range(len(lesson.arms))],
        value=score_value(figure.score, domain=domain),
        legend="",
        x=epochs_axis(float(rows["step"].max()) if len(rows["step"]) else None),
        height=320,
    )


def _curve_rows(lesson: Lesson, points: Sequence[CurvePoint], *, share: bool) -> Columns:
    from scipy.stats import t as student

    half = [
        student.ppf(1 - LEVEL / 2, p.n - 1) * p.spread / sqrt(p.n)
        if p.spread is not None
        else np.nan
        for p in points
    ]
    frame = pd.DataFrame(
        {
            "step": [float(p.epoch) for p in points],
            "epoch": [p.epoch for p in points],
            "line": [arm_name(lesson.arms[p.arm]) for p in points],
            "value": [p.mean for p in points],
            "low": [max(0.0, p.mean - h) for p, h in zip(points, half, strict=True)],
            "high": [p.mean + h for p, h in zip(points, half, strict=True)],
            "n": [p.n for p in points],
        }
    )
    if share:
        frame["high"] = frame["high"].clip(upper=1.0)
    frame.loc[frame["n"] < 2, ["low", "high"]] = np.nan
    return of_frame(frame.astype({"value": float, "low": float, "high": float}))


def _line(lesson: Lesson, i: int, *, dark: bool) -> Line:
    family = hues(dark=dark)
    dash = DASHES[i // len(family) % len(DASHES)]
    return Line(arm_name(lesson.arms[i]), family[i % len(family)], dash=dash)


def outcomes(lesson: Lesson, name: LessonScore, scores: Scores, *, dark: bool) -> alt.LayerChart:
    """What each arm came to by one score: a dot for each seed, the mean and its interval."""
    info, arms = SCORES[name], arm_names(lesson)
    label = _(info.label)
    dots = pd.DataFrame(
        [(arms[arm], seed, value) for arm in arms for seed, value in scores.get(arm, {}).items()],
        columns=["line", "seed", "value"],
    ).astype({"value": float})
    found = [(arm, estimate(list(own.values()))) for arm in arms if (own := scores.get(arm))]
    means = pd.DataFrame(
        [(arms[arm], each.mean, each.low, each.high, each.n) for arm, each in found],
        columns=["line", "value", "low", "high", "n"],
    ).astype({"value": float, "low": float, "high": float})
    if info.share and name != "gap":  # what lies between 0 and 1 is no interval beyond them
        means[["low", "high"]] = means[["low", "high"]].clip(0.0, 1.0)
    names = list(arms.values())
    family = hues(dark=dark)
    colors = [family[i % len(family)] for i in range(len(names))]
    color = alt.Color(
        "line:N", sort=names, scale=alt.Scale(domain=names, range=colors), legend=None
    )
    y = alt.Y("line:N", sort=names, title=None, axis=alt.Axis(labelLimit=200))
    x = alt.X(
        "value:Q",
        title=label,
        scale=alt.Scale(zero=False, padding=14),
        axis=_axis(info),
    )
    tooltip = [alt.Tooltip("line:N", title=_("Arm")), *_of_mean(_("Mean"), info, lesson)]
    dot = [
        alt.Tooltip("line:N", title=_("Arm")),
        alt.Tooltip("seed:Q", title=_(samples_of(lesson).one), format="d"),
        alt.Tooltip("value:Q", title=label, format=_format(info)),
    ]
    of_means = alt.Chart(means).encode(y=y, color=color)
    marks = [
        of_means.mark_rule(strokeWidth=3).encode(
            x=alt.X("low:Q", title=label), x2=alt.X2("high:Q")
        ),
        alt.Chart(dots)
        .mark_point(size=50, opacity=0.65, yOffset=10)
        .encode(x=x, y=y, color=color, tooltip=dot),
        of_means.mark_point(filled=True, size=130, shape="diamond", opacity=1).encode(
            x=x, tooltip=tooltip
        ),
    ]
    return alt.LayerChart(layer=marks, height=44 * len(names) + 20, padding=PADDING)


def _format(info: ScoreInfo) -> str:
    return ".1%" if info.share else NUMBER


def _axis(info: ScoreInfo) -> alt.Axis:
    labels = "format(datum.value, '~%')" if info.share else READABLE
    return alt.Axis(labelExpr=labels, tickCount=6)


def _of_mean(title: str, info: ScoreInfo, lesson: Lesson) -> list[alt.Tooltip]:
    """What a mean over seeds tells of itself."""
    form = _format(info)
    return [
        alt.Tooltip("value:Q", title=title, format=form),
        alt.Tooltip("low:Q", title=_("Interval from"), format=form),
        alt.Tooltip("high:Q", title=_("Interval to"), format=form),
        alt.Tooltip("n:Q", title=_(samples_of(lesson).heading), format="d"),
    ]


def over(lesson: Lesson, scores: Scores, *, dark: bool) -> alt.LayerChart:
    """The judged score over a hyperparameter on a logarithmic axis, a line for each kind of arm."""
    figure, info = lesson.figure, SCORES[lesson.score]
    assert isinstance(figure, Over)
    frame = _over_rows(lesson, figure.field, scores)
    lines = list(dict.fromkeys(_(arm.line) for arm in lesson.arms))
    colors = alt.Color(
        "line:N",
        sort=lines,
        scale=alt.Scale(domain=lines, range=list(hues(dark=dark)[: len(lines)])),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3)
        if len(lines) > 1
        else None,
    )
    places = sorted(set(frame["x"]))
    x = alt.X(
        "x:Q",
        title=_(figure.label),
        scale=alt.Scale(type="log", nice=False, padding=12),
        axis=alt.Axis(values=places, labelExpr=READABLE, grid=False, labelOverlap=True),
    )
    label = _(info.label)
    y = alt.Y(
        "value:Q",
        title=label,
        scale=alt.Scale(domain=[0, 1]) if info.share else alt.Scale(zero=True),
        axis=_axis(info),
    )
    tooltip = [
        alt.Tooltip("line:N", title=_("Line")),
        alt.Tooltip("x:Q", title=_(figure.label), format=NUMBER),
        *_of_mean(label, info, lesson),
    ]
    base = alt.Chart(frame).encode(x=x, color=colors)
    marks = [
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(
            y=alt.Y("low:Q", title=label), y2=alt.Y2("high:Q")
        ),
        base.mark_line(strokeWidth=2).encode(y=y),
        base.mark_point(filled=True, size=70, opacity=1).encode(y=y, tooltip=tooltip),
    ]
    return alt.LayerChart(layer=marks, height=340, padding=PADDING)


def _over_rows(lesson: Lesson, field: str, scores: Scores) -> pd.DataFrame:
    rows = []
    for arm in lesson.arms:
        values = list(scores.get(arm.name, {}).values())
        if (x := place_of(arm, field)) is not None and values:
            mean: Estimate = estimate(values)
            rows.append((_(arm.line), x, mean.mean, mean.low, mean.high, mean.n))
    columns = ["line", "x", "value", "low", "high", "n"]
    return pd.DataFrame(rows, columns=columns).astype(
        {"x": float, "value": float, "low": float, "high": float}
    )


def paths(lesson: Lesson, walked: Mapping[str, Path], *, dark: bool) -> alt.LayerChart:
    """The way of each arm over the surface."""
    arms = [arm for arm in lesson.arms if isinstance(arm, Walk)]
    names = arm_names(lesson)
    first = arms[0]
    surface = SURFACES[first.surface]
    frame = paths_frame(walked, names)
    steps = max(arm.steps for arm in arms)
    return paths_chart(surface, frame, names, start=first.start, steps=steps, dark=dark)


def predictions(lesson: Lesson, counts: Sequence[int], *, dark: bool) -> alt.LayerChart:
    """How many predicted what, in the order of the choices."""
    choices = [_(choice) for choice in lesson.choices]
    frame = pd.DataFrame({"choice": choices, "n": list(counts)})
    y = alt.Y("choice:N", sort=choices, title=None, axis=alt.Axis(labelLimit=320))
    x = alt.X(
        "n:Q",
        title=_("Predictions"),
        axis=alt.Axis(tickMinStep=1, format="d"),
        scale=alt.Scale(nice=True),
    )
    base = alt.Chart(frame).encode(y=y, x=x)
    bars = base.mark_bar(color=hues(dark=dark)[0], height=18)
    tooltip = [
        alt.Tooltip("choice:N", title=_("Choice")),
        alt.Tooltip("n:Q", title=_("Predictions"), format="d"),
    ]
    return alt.LayerChart(
        layer=[bars.encode(tooltip=tooltip)], height=30 * len(choices) + 30, padding=PADDING
    )
