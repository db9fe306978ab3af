"""A surface of two parameters as bands of height, and the paths that optimizers take on it.

The step up to which paths are drawn is a parameter of the chart, so that it moves in the browser.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from dashboard.views.charts.colors import MUTED, hues
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE, round_values
from dashboard.words.i18n import _
from engine.analyses.paths import Path
from engine.analyses.surfaces import Point, Surface

CELLS = (64, 48)
"""Places that can be clicked, across and up."""

PIXELS = (576, 384)
BANDS = 16
LOWEST = 1e-8
"""Values below are drawn there: a logarithmic axis has no zero."""

Axes = tuple[str, str]

_DASHES: tuple[list[int], ...] = ([1, 0], [6, 3])
_RAMP_LIGHT = ((251, 252, 253), (218, 224, 232), (164, 174, 189))
_RAMP_DARK = ((18, 21, 27), (42, 49, 61), (86, 98, 118))


def paths_frame(paths: Mapping[str, Path], names: Mapping[str, str]) -> pd.DataFrame:
    """One row per point: the optimizer's name, the step, the place, the value and the
    path's length."""
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
    """One row per cell: its edges, its middle and the value there."""
    left, right, low, high = surface.window
    xs, ys = np.linspace(left, right, CELLS[0] + 1), np.linspace(low, high, CELLS[1] + 1)
    x, y = (xs[:-1] + xs[1:]) / 2, (ys[:-1] + ys[1:]) / 2
    return pd.DataFrame(
        {
            "x0": np.tile(xs[:-1], len(y)),
            "x1": np.tile(xs[1:], len(y)),
            "y0": np.repeat(ys[:-1], len(x)),
            "y1": np.repeat(ys[1:], len(x)),
            "x": np.tile(x, len(y)),
            "y": np.repeat(y, len(x)),
            "value": surface.grid(x, y).ravel(),
        }
    ).round(6)


def levels(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Heights from 0 to 1, even in the logarithm of the height above the lowest."""
    height = values - values.min()
    level: NDArray[np.float64] = np.log(height + 0.02 * np.median(height) + 1e-300)
    level -= level.min()
    return level / max(float(level.max()), 1e-12)


def picture(surface: Surface, *, dark: bool) -> str:
    """The surface's bands as a PNG in a data address: the higher, the further from the page."""
    left, right, low, high = surface.window
    x, y = np.linspace(left, right, PIXELS[0]), np.linspace(high, low, PIXELS[1])
    band = np.floor(levels(surface.grid(x, y)) * (BANDS - 1e-9)).astype(int)
    ramp = np.array(_RAMP_DARK if dark else _RAMP_LIGHT, float)
    places = np.linspace(0, len(ramp) - 1, BANDS)
    palette = [np.interp(places, range(len(ramp)), ramp[:, c]) for c in range(3)]
    colors = np.stack(palette, axis=-1).round().astype(np.uint8)
    file = BytesIO()
    Image.fromarray(colors[band]).save(file, "PNG")
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def paths_chart(
    surface: Surface,
    frame: pd.DataFrame,
    names: Mapping[str, str],
    *,
    start: Point,
    steps: int,
    axes: Axes = ("x", "y"),
    dark: bool = False,
) -> alt.LayerChart:
    """The paths over the surface's bands; a click on a cell selects it, as `start`."""
    place, across, up = _place(surface, axes)
    ink = "#FFFFFF" if dark else "#1B2028"
    ground = (
        alt.Chart(pd.DataFrame({"url": [picture(surface, dark=dark)]}))
        .mark_image(
            aspect=False,
            align="left",
            baseline="top",
            width=alt.expr("width"),
            height=alt.expr("height"),
            x=0,
            y=0,
        )
        .encode(url=alt.Url("url:N"))
    )
    click = alt.selection_point(name="start", fields=["x", "y"], toggle=False, empty=False)
    cells = (
        alt.Chart(cells_frame(surface))
        .mark_rect(cursor="crosshair", opacity=0)
        .encode(
            x=across,
            x2=alt.X2("x1:Q"),
            y=up,
            y2=alt.Y2("y1:Q"),
            tooltip=[
                alt.Tooltip("x:Q", title=axes[0], format=".3~g"),
                alt.Tooltip("y:Q", title=axes[1], format=".3~g"),
                alt.Tooltip("value:Q", title=_("Value"), format=".3~g"),
            ],
        )
        .add_params(click)
    )
    minima = (
        alt.Chart(pd.DataFrame(surface.minima, columns=["x", "y"]))
        .mark_point(shape="cross", angle=45, filled=True, size=90, opacity=1, color=ink)
        .encode(**place)
    )
    origin = (
        alt.Chart(pd.DataFrame([start], columns=["x", "y"]))
        .mark_point(size=110, strokeWidth=2, opacity=1, color=ink)
        .encode(**place)
    )
    color, dash = line_channels(frame, names, dark=dark)
    base = alt.Chart(frame)
    lines = (
        base.transform_filter("datum.step <= shown")
        .mark_line(strokeWidth=2, clip=True, point=alt.OverlayMarkDef(size=14, clip=True))
        .encode(
            **place, color=color, strokeDash=dash, order=alt.Order("step:Q"), tooltip=_tooltip(axes)
        )
    )
    heads = (
        base.transform_filter("datum.step == min(shown, datum.last)")
        .mark_point(filled=True, size=120, opacity=1, stroke=ink, strokeWidth=1, clip=True)
        .encode(**place, color=color, tooltip=_tooltip(axes))
    )
    marks = [ground, cells, minima, origin, lines, heads]
    return alt.LayerChart(layer=marks, params=[shown_step(steps)], height=430, padding=PADDING)


def values_chart(
    surface: Surface,
    frame: pd.DataFrame,
    names: Mapping[str, str],
    *,
    steps: int,
    axes: Axes = ("x", "y"),
    dark: bool = False,
) -> alt.LayerChart:
    """The value over the step, within what the surface's window holds; logarithmic where a surface
    is nowhere below zero."""
    values = cells_frame(surface)["value"]
    reached = frame["value"][np.isfinite(frame["value"])]
    top = float(min(values.max(), max(reached.max(), values.min() + 1e-9)))
    if values.min() >= 0:
        lowest = float(frame["value"].clip(LOWEST, top).min())
        scale = alt.Scale(type="log", domain=[lowest, top], nice=False, clamp=True)
        ticks = alt.Axis(labelExpr=READABLE, values=round_values(lowest, top))
    else:
        scale = alt.Scale(domain=[float(values.min()), top], clamp=True)
        ticks = alt.Axis(labelExpr=READABLE, tickCount=5)
    color, dash = line_channels(frame, names, dark=dark, legend=False)
    x = alt.X("step:Q", title=_("Step"), axis=alt.Axis(grid=False, tickMinStep=1))
    lines = (
        alt.Chart(frame)
        .mark_line(strokeWidth=2, clip=True)
        .encode(
            x=x,
            y=alt.Y(
                "value:Q",
                title=_("Value"),
                scale=scale,
                axis=ticks,
            ),
            color=color,
            strokeDash=dash,
            tooltip=_tooltip(axes),
        )
    )
    now = (
        alt.Chart(pd.DataFrame({"row": [0]}))
        .transform_calculate(step="shown")
        .mark_rule(strokeDash=[2, 3], color=MUTED)
        .encode(x=x)
    )
    return alt.LayerChart(
        layer=[lines, now], params=[shown_step(steps)], height=430, padding=PADDING
    )


def shown_step(steps: int) -> alt.VariableParameter:
    """The step up to which paths are drawn."""
    bind = alt.binding_range(min=0, max=steps, step=1, name=_("Up to step"))
    return alt.VariableParameter(name="shown", value=steps, bind=bind)


def _place(surface: Surface, axes: Axes) -> tuple[dict[str, Any], alt.X, alt.Y]:
    """The channels of a point, and of a cell's left and lower edge."""
    left, right, low, high = surface.window
    axis = alt.Axis(grid=False, tickCount=6)
    across: dict[str, Any] = {
        "scale": alt.Scale(domain=[left, right], nice=False),
        "axis": axis,
        "title": axes[0],
    }
    up: dict[str, Any] = {
        "scale": alt.Scale(domain=[low, high], nice=False),
        "axis": axis,
        "title": axes[1],
    }
    place = {"x": alt.X("x:Q", **across), "y": alt.Y("y:Q", **up)}
    return place, alt.X("x0:Q", **across), alt.Y("y0:Q", **up)


def line_channels(
    frame: pd.DataFrame, names: Mapping[str, str], *, dark: bool, legend: bool = True
) -> tuple[alt.Color, alt.StrokeDash]:
    """A colour and a dash that an optimizer keeps, whichever others are drawn."""
    family = hues(dark=dark)
    looks = {
        name: (family[i % len(family)], _DASHES[i // len(family) % len(_DASHES)])
        for i, name in enumerate(names.values())
    }
    domain = [*frame["line"].unique()]
    shown = (
        alt.Legend(title=None, orient="top", columns=4, symbolType="stroke", symbolStrokeWidth=3)
        if legend
        else None
    )
    colors = alt.Scale(domain=domain, range=[looks[name][0] for name in domain])
    dashes = alt.Scale(domain=domain, range=[looks[name][1] for name in domain])
    return (
        alt.Color("line:N", sort=domain, scale=colors, legend=shown),
        alt.StrokeDash("line:N", sort=domain, scale=dashes, legend=shown),
    )


def _tooltip(axes: Axes) -> list[alt.Tooltip]:
    return [
        alt.Tooltip("line:N", title=_("Optimizer")),
        alt.Tooltip("step:Q", title=_("Step"), format="d"),
        alt.Tooltip("x:Q", title=axes[0], format=NUMBER),
        alt.Tooltip("y:Q", title=axes[1], format=NUMBER),
        alt.Tooltip("value:Q", title=_("Value"), format=NUMBER),
    ]
