"""Distributions inside the layers: all layers at one step, or one layer over the steps, as ridges;
one layer over the steps as a map of densities."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.reads.columns import Columns, rows
from dashboard.reads.downsample import spread
from dashboard.views.charts.bins import bins, common_range, has_place
from dashboard.views.charts.colors import depth_colors, sequential
from dashboard.views.charts.lines import (
    NUMBER,
    PADDING,
    READABLE,
    SHARE,
    Divergence,
    divergence_marks,
    steps_axis,
)
from dashboard.words.i18n import _
from engine.records import Quantity

OVERLAP = 1.6
"""Rows that a ridge may rise over: neighbours overlap, so that more of each shape shows."""

ROWS = 16
"""Steps of ridges beyond which recorded ones are passed over."""

COLUMNS = 60
"""Steps of a map beyond which recorded ones are passed over."""


def quantity_names() -> dict[Quantity, str]:
    """What each histogram counts, in the reader's language."""
    return {
        "activation": _("Outputs of the layer"),
        "gradient": _("Gradients dL/d(output)"),
        "weight": _("Weights"),
    }


def ridges(
    found: Columns,
    quantity: Quantity,
    *,
    names: Sequence[str],
    domain: tuple[float, float] | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """Every layer's distribution at one step, from the inputs at the top to the outputs below.

    A ridge's height is the square root of the share in its bin, relative to the layer's fullest
    bin: rare values stay visible beside a spike.
    """
    layers = sorted(set(found["layer"].tolist()))
    colors = depth_colors(len(names), dark=dark)
    ordered = rows(found, np.argsort(found["layer"], kind="stable"))
    return _ridge_chart(
        ordered,
        quantity,
        floors=np.searchsorted(layers, ordered["layer"]),
        names=[names[layer] for layer in layers],
        colors=[colors[layer] for layer in layers],
        title=_("Layer, inputs at the top"),
        domain=domain or common_range(found),
    )


def step_ridges(
    found: Columns,
    quantity: Quantity,
    *,
    domain: tuple[float, float] | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """One layer's distribution at each of several steps, from the first at the top to the last."""
    ordered = rows(found, np.argsort(found["step"], kind="stable"))
    steps = ordered["step"].tolist()
    return _ridge_chart(
        ordered,
        quantity,
        floors=np.arange(len(steps)),
        names=[f"{step:,}" for step in steps],
        colors=depth_colors(len(steps), dark=dark),
        title=_("Step"),
        domain=domain or common_range(found),
    )


def _ridge_chart(
    found: Columns,
    quantity: Quantity,
    *,
    floors: NDArray[np.intp],
    names: Sequence[str],
    colors: Sequence[str],
    title: str,
    domain: tuple[float, float] | None,
) -> alt.LayerChart:
    """Ridges over named rows, of which each histogram has one as its floor."""
    low, high = domain or (-1.0, 1.0)
    base = alt.Chart().encode(
        x=alt.X(
            "value:Q",
            title=quantity_names()[quantity],
            scale=alt.Scale(domain=[low, high], nice=False, clamp=False),
            axis=alt.Axis(labelExpr=READABLE, grid=True, tickCount=7),
        ),
        color=alt.Color(
            "row:N",
            sort=list(names),
            scale=alt.Scale(domain=list(names), range=list(colors)),
            legend=None,
        ),
    )
    y = alt.Y(
        "top:Q",
        title=title,
        scale=alt.Scale(domain=[len(names) - 0.5, -OVERLAP], nice=False, zero=False),
        axis=alt.Axis(
            values=list(range(len(names))),
            labelExpr=f"{_js_list(names)}[datum.value]",
            grid=True,
            labelOverlap="greedy",
            labelSeparation=0,
            labelLimit=140,
        ),
    )
    ridge = base.mark_area(
        clip=True, fillOpacity=0.55, line={"strokeWidth": 1.25}, interpolate="monotone"
    ).encode(y=y, y2=alt.Y2("floor:Q"))
    hover = base.mark_bar(clip=True, opacity=0).encode(
        x=alt.X("left:Q"),
        x2=alt.X2("right:Q"),
        y=y,
        y2=alt.Y2("floor:Q"),
        tooltip=[
            alt.Tooltip("row:N", title=title),
            alt.Tooltip("left:Q", title=_("From"), format=NUMBER),
            alt.Tooltip("right:Q", title=_("To"), format=NUMBER),
            alt.Tooltip("share:Q", title=_("Share"), format=SHARE),
        ],
    )
    height = round(34 * (len(names) + OVERLAP))
    return alt.LayerChart(
        data=_ridge_frame(found, floors, names),
        layer=[ridge, hover],
        height=max(160, height),
        padding=PADDING,
    )


def density_map(
    found: Columns,
    quantity: Quantity,
    *,
    divergences: Sequence[Divergence] = (),
    last_step: int | None = None,
    domain: tuple[float, float] | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """One layer's distribution over the steps: the colour is the share of values in a bin."""
    low, high = domain or common_range(found) or (-1.0, 1.0)
    shade = alt.Scale(type="sqrt", range=sequential(dark=dark), interpolate="lab")
    cells: alt.Chart = (
        alt.Chart(_density_frame(found))
        .mark_rect(clip=True)
        .encode(
            x=alt.X(**steps_axis(last_step)),
            x2=alt.X2("until:Q"),
            y=alt.Y(
                "left:Q",
                title=quantity_names()[quantity],
                scale=alt.Scale(domain=[low, high], nice=False),
                axis=alt.Axis(labelExpr=READABLE, grid=False),
            ),
            y2=alt.Y2("top:Q"),
            fill=alt.Fill(
                "share:Q",
                scale=shade,
                legend=alt.Legend(title=_("Share"), format=".0%", gradientLength=220, orient="top"),
            ),
            tooltip=[
                alt.Tooltip("step:Q", title=_("Step"), format=",d"),
                alt.Tooltip("left:Q", title=_("From"), format=NUMBER),
                alt.Tooltip("right:Q", title=_("To"), format=NUMBER),
                alt.Tooltip("share:Q", title=_("Share"), format=SHARE),
            ],
        )
    )
    marks = [cells, *divergence_marks(divergences, last_step=last_step)]
    return alt.LayerChart(layer=marks, height=400, padding=PADDING)


def _ridge_frame(found: Columns, floors: NDArray[np.intp], names: Sequence[str]) -> pd.DataFrame:
    """A row per bin of those that have a place on the axis."""
    shown = has_place(found)
    own, floor = bins(rows(found, shown)), floors[shown][:, None]
    share = own["share"]
    fullest = share.max(axis=1, keepdims=True, initial=1e-12)
    return _long(
        own,
        value=(own["left"] + own["right"]) / 2,
        row=np.array(names, object)[floor],
        floor=floor.astype(float),
        top=floor - np.sqrt(share / fullest) * OVERLAP,
    )


def _density_frame(found: Columns) -> pd.DataFrame:
    """A row per filled bin; each reaches a little beneath its neighbours, so that no seam shows."""
    steps = spread(sorted(found["step"].tolist()), COLUMNS)
    shown = rows(found, np.isin(found["step"], steps) & has_place(found))
    ends = np.array([*steps[1:], *(step + 1 for step in steps[-1:])])
    seam = (steps[-1] - steps[0]) * 0.002 if steps else 0
    own, step = bins(shown), shown["step"][:, None]
    cells = _long(
        own,
        step=step,
        until=ends[np.searchsorted(steps, step)] + seam,
        top=own["right"] + (own["right"] - own["left"]) * 0.1,
    )
    return cells[cells["share"] > 0]


def _long(own: Columns, **others: NDArray[Any]) -> pd.DataFrame:
    """Arrays with a row per histogram, and a column per bin or one for all, as a row per bin."""
    shape = own["share"].shape
    return pd.DataFrame(
        {name: np.broadcast_to(v, shape).ravel() for name, v in {**own, **others}.items()}
    )


def _js_list(names: Sequence[str]) -> str:
    return "[" + ",".join(f"'{name}'" for name in names) + "]"
