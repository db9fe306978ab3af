"""Many runs across their hyperparameters: an axis each, one line per run, its colour the score."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.colors import MUTED, ink, page, sequential
from dashboard.views.charts.lines import PADDING
from dashboard.words.i18n import _, number, percent

TICKS = 6
"""Values named on an axis of numbers."""

WIDE = 20
"""An axis whose largest number is so many times its smallest is logarithmic."""

MISSING = "–"


@dataclass(frozen=True, slots=True)
class Dimension:
    """An axis: its title, each run's value on it, and how a value is written."""

    title: str
    values: Sequence[Any]
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Scored:
    """The score that colours the lines and is the last axis: higher is better, or lower."""

    title: str
    values: Sequence[float | None]
    higher: bool
    format: str


def parallel_chart(
    runs: Sequence[str], dimensions: Sequence[Dimension], score: Scored, *, dark: bool = False
) -> alt.LayerChart:
    """A run that has no score, having diverged or not begun, is a dashed grey line. A click on a
    line selects its run, as `clicked`."""
    frame, ticks = _frames(runs, dimensions, score)
    titles = [*(d.title for d in dimensions), score.title]
    x = alt.X(
        "place:Q",
        title=None,
        scale=alt.Scale(domain=[-0.35, len(titles) - 0.65], nice=False),
        axis=alt.Axis(
            values=list(range(len(titles))),
            orient="top",
            labelExpr=f"{json.dumps(titles, ensure_ascii=False)}[datum.value]",
            labelFontWeight="bold",
            labelLimit=170,
            labelPadding=16,
            grid=False,
            ticks=False,
            domain=False,
        ),
    )
    y = alt.Y("height:Q", axis=None, scale=alt.Scale(domain=[0, 1], nice=False))
    palette = sequential(dark=dark)[1:]
    color = alt.Color(
        "score:Q",
        scale=alt.Scale(range=palette if score.higher else palette[::-1], interpolate="lab"),
        legend=alt.Legend(title=score.title, format=score.format, gradientLength=180),
    )
    over = alt.selection_point(name="over", fields=["run"], on="pointerover", empty=False)
    click = alt.selection_point(name="clicked", fields=["run"], toggle=False, empty=False)
    tooltip = [
        alt.Tooltip("run:N", title=_("Run")),
        alt.Tooltip("said:N", title=_("Values")),
        alt.Tooltip("score:Q", title=score.title, format=score.format),
    ]
    base = alt.Chart(frame).encode(x=x, y=y, detail=alt.Detail("run:N"), tooltip=tooltip)
    wide = alt.StrokeWidthValue(1.6, condition={"param": "over", "empty": False, "value": 4})
    lines = (
        base.transform_filter(alt.datum.scored)
        .mark_line(interpolate="monotone", opacity=0.75, cursor="pointer")
        .encode(color=color, strokeWidth=wide)
        .add_params(over, click)
    )
    unscored = (
        base.transform_filter(~alt.datum.scored)
        .mark_line(strokeDash=[4, 3], opacity=0.6, color=MUTED, interpolate="monotone")
        .encode(strokeWidth=alt.StrokeWidthValue(1.2))
    )
    rules = (
        alt.Chart(pd.DataFrame({"place": range(len(titles)), "low": 0.0, "high": 1.0}))
        .mark_rule(color=MUTED, opacity=0.7)
        .encode(x=x, y=alt.Y("low:Q", axis=None), y2=alt.Y2("high:Q"))
    )
    place = alt.Chart(ticks).encode(x=x, y=y, text=alt.Text("text:N"))
    label: dict[str, Any] = {"align": "right", "dx": -7, "fontSize": 12}
    halo = place.mark_text(**label, stroke=page(dark=dark), strokeWidth=4, aria=False)
    labels = place.mark_text(**label, color=ink(dark=dark))
    marks = [rules, unscored, lines, halo, labels]
    return alt.LayerChart(layer=marks, height=360, padding=PADDING)


def _frames(
    runs: Sequence[str], dimensions: Sequence[Dimension], score: Scored
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The points of the lines, and the values named on the axes."""
    last = Dimension(score.title, score.values, [_written(v, score.format) for v in score.values])
    said = [", ".join(f"{d.title}: {d.texts[i]}" for d in dimensions) for i in range(len(runs))]
    scored = [value is not None for value in score.values]
    points, ticks = [], []
    for place, dimension in enumerate([*dimensions, last]):
        heights, named = positions(dimension)
        ticks += [(place, height, text) for height, text in named]
        points.append(
            pd.DataFrame(
                {
                    "run": runs,
                    "place": place,
                    "height": heights,
                    "said": said,
                    "score": score.values,
                    "scored": scored,
                }
            ).astype({"score": float})
        )
    frame = pd.concat(points, ignore_index=True)
    return frame[frame["height"].notna()], pd.DataFrame(ticks, columns=["place", "height", "text"])


def positions(dimension: Dimension) -> tuple[list[float], list[tuple[float, str]]]:
    """Where each value stands between 0 and 1, and which values are named there."""
    numbers = [v for v in dimension.values if _is_number(v)]
    others = [v for v in dimension.values if v is not None and not _is_number(v)]
    if numbers and not others:
        return _of_numbers(dimension, numbers)
    texts = dict.fromkeys(sorted(dimension.texts, key=lambda text: text == MISSING))
    places = {text: i / max(1, len(texts) - 1) for i, text in enumerate(texts)}
    if len(places) == 1:
        places = dict.fromkeys(places, 0.5)
    return [places[text] for text in dimension.texts], [(h, text) for text, h in places.items()]


def _of_numbers(
    dimension: Dimension, numbers: Sequence[float]
) -> tuple[list[float], list[tuple[float, str]]]:
    low, high = min(numbers), max(numbers)
    wide = low > 0 and high / low >= WIDE
    missing = any(value is None for value in dimension.values)
    floor = 0.12 if missing else 0.0

    def height(value: float) -> float:
        if low == high:
            return (1 + floor) / 2
        share = (
            (log10(value) - log10(low)) / (log10(high) - log10(low))
            if wide
            else (value - low) / (high - low)
        )
        return floor + (1 - floor) * share

    texts = dict(zip(dimension.values, dimension.texts, strict=True))
    distinct = sorted(set(numbers))
    shown = np.linspace(0, len(distinct) - 1, min(TICKS, len(distinct))).round().astype(int)
    named = [(height(distinct[i]), texts[distinct[i]]) for i in dict.fromkeys(shown.tolist())]
    if missing:
        named.append((0.0, MISSING))
    return [0.0 if v is None else height(v) for v in dimension.values], named


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _written(value: float | None, form: str) -> str:
    if value is None:
        return MISSING
    return percent(value) if form.endswith("%") else number(value)
