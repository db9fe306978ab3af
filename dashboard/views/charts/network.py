"""A network as a drawing: one bar per layer, the input at the top and the outputs at the bottom.

A bar is as wide as the layer's output has values, on a logarithmic scale; its colour says what the
layer does. Beside it stand its name, the shape of its output and its parameters, under headings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2, prod
from typing import Literal

import altair as alt
import pandas as pd

from dashboard.views.charts.colors import MUTED, accent, alarm, ink, muted, second
from dashboard.words.i18n import _, integer
from engine.architecture import LayerInfo
from engine.layers import Activation, BatchNorm, LayerSpec, Shape

ROW = 22
FRAME = {"left": 0, "top": 2, "right": 0, "bottom": 2}
BROADEST = 13  # log2 of the values beyond which a bar grows no wider
LEFT, RIGHT = 34.0, 50.0  # where bars stand, in percent of the width


@dataclass(frozen=True, slots=True)
class _Row:
    name: str
    shape: Shape
    parameters: int
    color: str


def network_drawing(
    shape: Shape, layers: Sequence[LayerInfo], *, broken: str = "", dark: bool = False
) -> alt.LayerChart:
    """The layers for samples of `shape`; `broken` names the layer that does not fit behind them."""
    rows = [_Row(_("input"), shape, 0, MUTED)]
    rows += [_Row(i.name, i.output_shape, i.parameters, _color(i.spec, dark)) for i in layers]
    if broken:
        rows.append(_Row(broken, (), 0, alarm(dark=dark)))
    frame = pd.DataFrame([_drawn(place, row) for place, row in enumerate(rows)])
    base = alt.Chart(frame).encode(y=alt.Y("row:O", axis=None, scale=alt.Scale(padding=0.2)))
    across = alt.Scale(domain=[0, 100])
    bars = base.mark_rect(cornerRadius=3).encode(
        x=alt.X("from:Q", axis=None, scale=across),
        x2=alt.X2("to:Q"),
        color=alt.Color("color:N", scale=None),
        tooltip=[
            alt.Tooltip("name:N", title=_("Layer")),
            alt.Tooltip("shape:N", title=_("Outputs")),
            alt.Tooltip("parameters:N", title=_("Parameters")),
        ],
    )
    titles = {"name": _("Layer"), "shape": _("Outputs"), "parameters": _("Parameters")}
    head = alt.Chart(pd.DataFrame([{"row": -1, **titles}])).encode(y=alt.Y("row:O", axis=None))
    marks = [bars]
    for text, color in ((base, ink(dark=dark)), (head, muted(dark=dark))):
        marks += [
            _text(text, "name", 0, "left", color),
            _text(text, "shape", 54, "left", color),
            _text(text, "parameters", 100, "right", color),
        ]
    drawing = alt.LayerChart(layer=marks, height=ROW * (len(frame) + 1), padding=FRAME)
    whole: alt.LayerChart = drawing.configure_view(stroke=None)
    return whole


def _drawn(place: int, row: _Row) -> dict[str, object]:
    values = max(1, prod(row.shape))
    half = (RIGHT - LEFT) / 2 * min(1.0, max(0.1, log2(values) / BROADEST))
    middle = (LEFT + RIGHT) / 2
    return {
        "row": place,
        "name": row.name,
        "shape": " × ".join(map(str, row.shape)) or "?",
        "parameters": integer(row.parameters) if row.parameters else "",
        "from": middle - half,
        "to": middle + half,
        "color": row.color,
    }


def _text(
    base: alt.Chart, field: str, x: float, align: Literal["left", "right"], color: str
) -> alt.Chart:
    words = base.mark_text(align=align, baseline="middle", fontSize=12, color=color)
    placed: alt.Chart = words.encode(
        x=alt.X(datum=x, scale=alt.Scale(domain=[0, 100])), text=alt.Text(f"{field}:N")
    )
    return placed


def _color(spec: LayerSpec, dark: bool) -> str:
    """Weights blue, normalization orange, functions green; what only reshapes is grey."""
    if isinstance(spec, BatchNorm):
        return second(dark=dark)
    if isinstance(spec, Activation):
        return "#2DC79A" if dark else "#009E73"
    return accent(dark=dark) if spec.weight else MUTED
