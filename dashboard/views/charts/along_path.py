"""What an optimizer does along its path: how long its steps are, what its learning rate comes to
for each parameter, and what it remembers.

The step up to which paths are drawn is marked here too; the same parameter moves it.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.colors import MUTED, ink
from dashboard.views.charts.legible import SMALLEST
from dashboard.views.charts.lines import PADDING, READABLE
from dashboard.views.charts.surfaces import Axes, line_channels, shown_step
from dashboard.words.i18n import _
from engine.analyses.paths import Path

HEIGHT = 240
SMALL = 240


def steps_frame(paths: Mapping[str, Path], names: Mapping[str, str]) -> pd.DataFrame:
    """One row per step: how long it was."""
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "line": names[kind],
                    "step": np.arange(1, len(path.points)),
                    "value": np.hypot(*path.steps.T),
                }
            )
            for kind, path in paths.items()
        ],
        ignore_index=True,
    )


def rates_frame(path: Path, axes: Axes) -> pd.DataFrame:
    """One row per step and parameter: |Δw| / |g|."""
    return _by_parameter(path.effective_rates, axes)


def memory_frame(path: Path, slot: str, axes: Axes) -> pd.DataFrame:
    """One row per step and parameter: what a slot holds after it."""
    return _by_parameter(path.memory[slot], axes)


def step_lengths(
    frame: pd.DataFrame, names: Mapping[str, str], *, steps: int, dark: bool = False
) -> alt.LayerChart:
    """How long each step was, a line for each optimizer."""
    color, dash = line_channels(frame, names, dark=dark, legend=False)
    lines = _lines(frame[frame["value"] > 0], steps, _("Optimizer")).encode(
        y=_value(_("Length of the step"), alt.Scale(type="log"), ticks=5),
        color=color,
        strokeDash=dash,
    )
    return _with_now([lines], steps, HEIGHT)


def by_parameter(
    frame: pd.DataFrame, title: str, *, steps: int, log: bool, dark: bool = False
) -> alt.LayerChart:
    """What differs between the two parameters, a line for each."""
    colors = ["#4BA3E3", "#F0803C"] if dark else ["#0072B2", "#D55E00"]
    shown = frame[np.isfinite(frame["value"]) & ((frame["value"] > 0) | (not log))]
    domain = [*dict.fromkeys(frame["line"])]
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3)
    lines = _lines(shown, steps, _("Parameter")).encode(
        y=_value(None, alt.Scale(type="log") if log else alt.Scale(zero=False), ticks=4),
        color=alt.Color(
            "line:N", sort=domain, scale=alt.Scale(domain=domain, range=colors), legend=legend
        ),
        strokeDash=alt.StrokeDash(
            "line:N",
            sort=domain,
            scale=alt.Scale(domain=domain, range=[[1, 0], [6, 3]]),
            legend=legend,
        ),
    )
    chart = _with_now([lines], steps, SMALL)
    chart.title = alt.TitleParams(
        title,
        anchor="start",
        color=ink(dark=dark),
        fontSize=SMALLEST,
        fontWeight="normal",
    )
    return chart


def _by_parameter(values: np.ndarray, axes: Axes) -> pd.DataFrame:
    step = np.arange(1, len(values) + 1)
    parts = [
        pd.DataFrame({"line": axis, "step": step, "value": values[:, i]})
        for i, axis in enumerate(axes)
    ]
    return pd.concat(parts, ignore_index=True)


def _lines(frame: pd.DataFrame, steps: int, line: str) -> alt.Chart:
    """Lines over the steps, each of what `line` names."""
    lines: alt.Chart = alt.Chart(frame).mark_line(strokeWidth=2, clip=True)
    encoded: alt.Chart = lines.encode(x=_step(steps), tooltip=_tooltip(line))
    return encoded


def _value(title: str | None, scale: alt.Scale, *, ticks: int) -> alt.Y:
    axis = alt.Axis(labelExpr=READABLE, tickCount=ticks)
    return alt.Y("value:Q", title=title, scale=scale, axis=axis)


def _with_now(lines: list[alt.Chart], steps: int, height: int) -> alt.LayerChart:
    now = (
        alt.Chart(pd.DataFrame({"row": [0]}))
        .transform_calculate(step="shown")
        .mark_rule(strokeDash=[2, 3], color=MUTED)
        .encode(x=_step(steps))
    )
    marks = [*lines, now]
    return alt.LayerChart(layer=marks, params=[shown_step(steps)], height=height, padding=PADDING)


def _step(steps: int) -> alt.X:
    return alt.X(
        "step:Q",
        title=_("Step"),
        scale=alt.Scale(domain=[0, steps], nice=False),
        axis=alt.Axis(grid=False, tickMinStep=1, tickCount=5),
    )


def _tooltip(line: str) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("line:N", title=line),
        alt.Tooltip("step:Q", title=_("Step"), format="d"),
        alt.Tooltip("value:Q", title=_("Value"), format=".3~g"),
    ]
