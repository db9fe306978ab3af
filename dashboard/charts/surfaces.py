"""A surface of two parameters as bands of height, and the paths that optimizers take on it.

The step up to which the paths are drawn is moved in the browser, by a slider or by itself: no rerun
stands between two pictures.
"""

from __future__ import annotations

from collections.abc import Mapping

import altair as alt
import numpy as np
import pandas as pd

from dashboard.charts.colors import hues
from dashboard.charts.lines import PADDING, READABLE
from dashboard.i18n import _
from engine.analyses.paths import Path
from engine.analyses.surfaces import Point, Surface

CELLS = (64, 48)
BANDS = 14
LOWEST = 1e-8
"""Values below are drawn there: a logarithmic axis has no zero."""

_DASHES: tuple[list[int], ...] = ([1, 0], [6, 3])
_RAMP_LIGHT = ["#FBFCFD", "#D3D9E1", "#9AA5B4"]
_RAMP_DARK = ["#12151B", "#333B48", "#5F6B7D"]


def paths_frame(paths: Mapping[str, Path], names: Mapping[str, str]) -> pd.DataFrame:
    """A row a point: the optimizer's name, the step, the place, the value and the path's length."""
    parts = [
        pd.DataFrame(
            {
                "line": names[kind],
                "step": np.arange(len(path.points)),
                "x": path.points[:, 0],
                "y": path.points[:, 1],
                "value": path.values,
                "last": len(path.points) - 1,
            }
        )
        for kind, path in paths.items()
    ]
    return pd.concat(parts, ignore_index=True)


def cells_frame(surface: Surface) -> pd.DataFrame:
    """A row a cell: its edges, its middle, the value there and its band, even in the logarithm of
    the height above the lowest cell."""
    left, right, low, high = surface.window
    xs, ys = np.linspace(left, right, CELLS[0] + 1), np.linspace(low, high, CELLS[1] + 1)
    x, y = (xs[:-1] + xs[1:]) / 2, (ys[:-1] + ys[1:]) / 2
    values = surface.grid(x, y)
    height = values - values.min()
    level = np.log(height + 0.02 * np.median(height))
    level = (level - level.min()) / np.ptp(level)
    frame = pd.DataFrame(
        {
            "x0": np.tile(xs[:-1], len(y)),
            "x1": np.tile(xs[1:], len(y)),
            "y0": np.repeat(ys[:-1], len(x)),
            "y1": np.repeat(ys[1:], len(x)),
            "x": np.tile(x, len(y)),
            "y": np.repeat(y, len(x)),
        }
    ).round(6)
    return frame.assign(value=values.ravel(), band=np.floor(level * (BANDS - 1e-9)).ravel())


def paths_chart(
    surface: Surface,
    frame: pd.DataFrame,
    names: Mapping[str, str],
    *,
    start: Point,
    steps: int,
    dark: bool = False,
) -> alt.LayerChart:
    """The paths over the surface's bands; a click on a cell selects it, as `start`."""
    left, right, low, high = surface.window
    axis = alt.Axis(grid=False, tickCount=6)
    x, y = (
        alt.Scale(domain=[left, right], nice=False),
        alt.Scale(domain=[low, high], nice=False),
    )
    place = {
        "x": alt.X("x:Q", scale=x, axis=axis, title="x"),
        "y": alt.Y("y:Q", scale=y, axis=axis, title="y"),
    }
    click = alt.selection_point(name="start", fields=["x", "y"], toggle=False, empty=False)
    cells = (
        alt.Chart(cells_frame(surface))
        .mark_rect(cursor="crosshair", strokeWidth=0)
        .encode(
            x=alt.X("x0:Q", scale=x, axis=axis, title="x"),
            x2="x1:Q",
            y=alt.Y("y0:Q", scale=y, axis=axis, title="y"),
            y2="y1:Q",
            color=alt.Color(
                "band:Q", scale=alt.Scale(range=_RAMP_DARK if dark else _RAMP_LIGHT), legend=None
            ),
            tooltip=[
                alt.Tooltip("x:Q", format=".3~g"),
                alt.Tooltip("y:Q", format=".3~g"),
                alt.Tooltip("value:Q", title=_("Value"), format=".3~g"),
            ],
        )
        .add_params(click)
    )
    ink = "#FFFFFF" if dark else "#1B2028"
    minima = (
        alt.Chart(pd.DataFrame(surface.minima, columns=["x", "y"]))
        .mark_point(shape="cross", angle=45, filled=True, size=90, color=ink)
        .encode(**place)
    )
    origin = (
        alt.Chart(pd.DataFrame([start], columns=["x", "y"]))
        .mark_point(size=110, strokeWidth=2, color=ink)
        .encode(**place)
    )
    color, dash = _line_channels(frame, names, dark=dark)
    base = alt.Chart(frame)
    lines = (
        base.transform_filter("datum.step <= shown")
        .mark_line(strokeWidth=2, clip=True, point=alt.OverlayMarkDef(size=14, clip=True))
        .encode(**place, color=color, strokeDash=dash, order="step:Q", tooltip=_tooltip())
    )
    heads = (
        base.transform_filter("datum.step == min(shown, datum.last)")
        .mark_point(filled=True, size=120, opacity=1, stroke=ink, strokeWidth=1, clip=True)
        .encode(**place, color=color, tooltip=_tooltip())
    )
    chart = alt.LayerChart(layer=[cells, minima, origin, lines, heads], height=430, padding=PADDING)
    moving: alt.LayerChart = chart.resolve_scale(color="independent").properties(
        usermeta={"embedOptions": {"patch": _moving(steps)}}
    )
    return moving


def values_chart(
    surface: Surface, frame: pd.DataFrame, names: Mapping[str, str], *, dark: bool = False
) -> alt.Chart:
    """The value over the step, within what the surface's window holds; logarithmic where a surface
    is nowhere below zero."""
    values = cells_frame(surface)["value"]
    top = float(values.max())
    if values.min() >= 0:
        lowest = float(frame["value"].clip(LOWEST, top).min())
        scale = alt.Scale(type="log", domain=[lowest, top], nice=False, clamp=True)
    else:
        scale = alt.Scale(domain=[float(values.min()), top], clamp=True)
    color, dash = _line_channels(frame, names, dark=dark)
    chart: alt.Chart = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            x=alt.X("step:Q", title=_("Step"), axis=alt.Axis(grid=False, tickMinStep=1)),
            y=alt.Y(
                "value:Q",
                title=_("Value"),
                scale=scale,
                axis=alt.Axis(labelExpr=READABLE, tickCount=5),
            ),
            color=color,
            strokeDash=dash,
            tooltip=_tooltip(),
        )
        .properties(height=260, padding=PADDING)
    )
    return chart


def _moving(steps: int) -> list[dict[str, object]]:
    """The signals that move the paths: Vega-Lite knows no timer, so they are added to the Vega that
    it becomes."""
    labels = {"step": _("Up to step"), "play": _("Play")}
    onward = f"play ? (shown < {steps} ? shown + 1 : 0) : shown"
    shown = {
        "name": "shown",
        "value": steps,
        "bind": {"input": "range", "min": 0, "max": steps, "step": 1, "name": labels["step"]},
        "on": [{"events": {"type": "timer", "throttle": 80}, "update": onward}],
    }
    play = {
        "name": "play",
        "value": False,
        "bind": {"input": "checkbox", "name": labels["play"]},
    }
    return [
        {"op": "add", "path": "/signals/0", "value": shown},
        {"op": "add", "path": "/signals/0", "value": play},
    ]


def _line_channels(
    frame: pd.DataFrame, names: Mapping[str, str], *, dark: bool
) -> tuple[alt.Color, alt.StrokeDash]:
    """A colour and a dash that an optimizer keeps, whichever others are drawn."""
    family = hues(dark=dark)
    looks = {
        name: (family[i % len(family)], _DASHES[i // len(family)])
        for i, name in enumerate(names.values())
    }
    domain = [*frame["line"].unique()]
    legend = alt.Legend(title=None, orient="top", columns=4)
    return (
        alt.Color(
            "line:N",
            sort=domain,
            scale=alt.Scale(domain=domain, range=[looks[n][0] for n in domain]),
            legend=legend,
        ),
        alt.StrokeDash(
            "line:N",
            sort=domain,
            scale=alt.Scale(domain=domain, range=[looks[n][1] for n in domain]),
            legend=legend,
        ),
    )


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("line:N", title=_("Optimizer")),
        alt.Tooltip("step:Q", title=_("Step"), format="d"),
        alt.Tooltip("x:Q", format=".4~g"),
        alt.Tooltip("y:Q", format=".4~g"),
        alt.Tooltip("value:Q", title=_("Value"), format=".4~g"),
    ]
