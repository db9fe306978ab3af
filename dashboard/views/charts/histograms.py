"""Distributions inside the layers: all layers at one step, or one layer over the steps, as ridges;
one layer over the steps as a map of densities."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboard.reads.columns import Columns, stacked
from dashboard.reads.downsample import spread
from dashboard.views.charts.colors import depth_colors, sequential
from dashboard.views.charts.lines import PADDING, READABLE, Divergence, divergence_marks, steps_axis
from dashboard.words.i18n import _
from engine.records import Histogram, Quantity

OVERLAP = 1.6
"""Rows that a ridge may rise over: neighbours overlap, so that more of each shape shows."""

TAIL = 0.001
"""Share of a layer's values that may lie beyond either end of the common axis."""

ROWS = 16
"""Steps of ridges beyond which recorded ones are passed over."""

COLUMNS = 60
"""Steps of a map beyond which recorded ones are passed over."""

RIDGE = ("left", "right", "share", "value", "row", "floor", "top")
"""Columns of the rows that ridges are drawn from."""


def quantity_names() -> dict[Quantity, str]:
    """What each histogram counts, in the reader's language."""
    return {
        "activation": _("Outputs of the layer"),
        "gradient": _("Gradients dL/d(output)"),
        "weight": _("Weights"),
    }


def ridges(
    histograms: Sequence[Histogram],
    quantity: Quantity,
    *,
    names: Sequence[str],
    layers: Sequence[int] | None = None,
    domain: tuple[float, float] | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """Every layer's distribution at one step, from the inputs at the top to the outputs below.

    A ridge's height is the square root of the share in its bin, relative to the layer's fullest
    bin: rare values stay visible beside a spike. `layers` are the rows, where several charts stand
    side by side; a row may be empty.
    """
    layers = sorted({h.layer for h in histograms} if layers is None else layers)
    colors = depth_colors(len(names), dark=dark)
    return _ridge_chart(
        [(layers.index(h.layer), h) for h in sorted(histograms, key=lambda h: h.layer)],
        quantity,
        rows=[names[layer] for layer in layers],
        colors=[colors[layer] for layer in layers],
        title=_("Layer, inputs at the top"),
        domain=domain or common_range(histograms),
    )


def step_ridges(
    histograms: Sequence[Histogram], quantity: Quantity, *, dark: bool = False
) -> alt.LayerChart:
    """One layer's distribution at each of several steps, from the first at the top to the last."""
    ordered = sorted(histograms, key=lambda h: h.step)
    return _ridge_chart(
        list(enumerate(ordered)),
        quantity,
        rows=[f"{h.step:,}" for h in ordered],
        colors=depth_colors(len(ordered), dark=dark),
        title=_("Step"),
        domain=common_range(histograms),
    )


def _ridge_chart(
    histograms: Sequence[tuple[int, Histogram]],
    quantity: Quantity,
    *,
    rows: Sequence[str],
    colors: Sequence[str],
    title: str,
    domain: tuple[float, float] | None,
) -> alt.LayerChart:
    """Ridges over named rows, each histogram with the place of its own."""
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
            sort=list(rows),
            scale=alt.Scale(domain=list(rows), range=list(colors)),
            legend=None,
        ),
    )
    y = alt.Y(
        "top:Q",
        title=title,
        scale=alt.Scale(domain=[len(rows) - 0.5, -OVERLAP], nice=False, zero=False),
        axis=alt.Axis(
            values=list(range(len(rows))),
            labelExpr=f"{_js_list(rows)}[datum.value]",
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
            alt.Tooltip("left:Q", title=_("From"), format=".4~g"),
            alt.Tooltip("right:Q", title=_("To"), format=".4~g"),
            alt.Tooltip("share:Q", title=_("Share"), format=".2%"),
        ],
    )
    height = round(34 * (len(rows) + OVERLAP))
    return alt.LayerChart(
        data=_ridge_frame(histograms, rows),
        layer=[ridge, hover],
        height=max(160, height),
        padding=PADDING,
    )


def density_map(
    histograms: Sequence[Histogram],
    quantity: Quantity,
    *,
    divergences: Sequence[Divergence] = (),
    last_step: int | None = None,
    dark: bool = False,
) -> alt.LayerChart:
    """One layer's distribution over the steps: the colour is the share of values in a bin."""
    low, high = common_range(histograms) or (-1.0, 1.0)
    shade = alt.Scale(type="sqrt", range=sequential(dark=dark), interpolate="lab")
    cells: alt.Chart = (
        alt.Chart(_density_frame(histograms))
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
                alt.Tooltip("left:Q", title=_("From"), format=".4~g"),
                alt.Tooltip("right:Q", title=_("To"), format=".4~g"),
                alt.Tooltip("share:Q", title=_("Share"), format=".2%"),
            ],
        )
    )
    marks = [cells, *divergence_marks(divergences, last_step=last_step)]
    return alt.LayerChart(layer=marks, height=400, padding=PADDING)


def common_range(histograms: Sequence[Histogram]) -> tuple[float, float] | None:
    """The axis that holds nearly all values of every histogram; None where there are none."""
    ends = [_bulk(h) for h in histograms if h.counts.sum() and np.isfinite([h.low, h.high]).all()]
    if not ends:
        return None
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def _bulk(histogram: Histogram) -> tuple[float, float]:
    """The edges between which all but the tails of a histogram lie."""
    shares = np.cumsum(histogram.counts) / histogram.counts.sum()
    edges = _edges(histogram)
    first, last = int(np.argmax(shares > TAIL)), int(np.argmax(shares >= 1 - TAIL))
    return float(edges[first]), float(edges[last + 1])


def _edges(histogram: Histogram) -> NDArray[np.float64]:
    return np.linspace(histogram.low, histogram.high, len(histogram.counts) + 1)


def _shares(histogram: Histogram) -> NDArray[np.float64]:
    return histogram.counts / max(1, int(histogram.counts.sum()))


def bins(histogram: Histogram) -> Columns:
    """A histogram's bins, `left`, `right` and `share`; a single value everywhere still has a width
    that shows."""
    edges = _edges(histogram)
    if histogram.low == histogram.high:
        width = max(abs(histogram.low), 1.0) * 0.01
        edges = np.linspace(histogram.low - width, histogram.high + width, len(edges))
    return {"left": edges[:-1], "right": edges[1:], "share": _shares(histogram)}


def _ridge_frame(histograms: Sequence[tuple[int, Histogram]], rows: Sequence[str]) -> pd.DataFrame:
    ridges: list[Columns] = []
    for floor, histogram in histograms:
        if not np.isfinite([histogram.low, histogram.high]).all():
            continue
        own = bins(histogram)
        left, right, share = own.values()
        place = {
            "value": (left + right) / 2,
            "row": np.full(len(share), rows[floor]),
            "floor": np.full(len(share), float(floor)),
            "top": floor - np.sqrt(share / max(share.max(), 1e-12)) * OVERLAP,
        }
        ridges.append({**own, **place})
    return pd.DataFrame(stacked(ridges)) if ridges else pd.DataFrame(columns=RIDGE)


def _density_frame(histograms: Sequence[Histogram]) -> pd.DataFrame:
    """A row a filled bin; each reaches a little beneath its neighbours, so that no seam shows."""
    ordered = sorted(histograms, key=lambda h: h.step)
    steps = spread([h.step for h in ordered], COLUMNS)
    ends = dict(zip(steps, [*steps[1:], steps[-1] + 1], strict=True)) if steps else {}
    seam = (steps[-1] - steps[0]) * 0.002 if steps else 0
    frames = [pd.DataFrame(columns=["left", "right", "share", "step", "until", "top"])]
    for histogram in ordered:
        if histogram.step in ends and np.isfinite([histogram.low, histogram.high]).all():
            rows = pd.DataFrame(bins(histogram))
            top = rows["right"] + (rows["right"] - rows["left"]) * 0.1
            filled = rows.assign(top=top)[rows["share"] > 0]
            frames.append(filled.assign(step=histogram.step, until=ends[histogram.step] + seam))
    return pd.concat(frames[1:] or frames, ignore_index=True)


def _js_list(names: Sequence[str]) -> str:
    return "[" + ",".join(f"'{name}'" for name in names) + "]"
