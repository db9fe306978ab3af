"""Lines over steps: the one way this dashboard draws how something went.

Values that are not finite, and zeros on a logarithmic axis, have no place on a line. They are drawn
as crosses on the edge where they belong and named in their tooltips, never dropped. The
specification depends on the lines alone, so new points arrive in a chart that stays still.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt
import numpy as np
from numpy.typing import ArrayLike, NDArray

from dashboard.reads.columns import Columns
from dashboard.reads.downsample import LIMIT, thin
from dashboard.views.charts.colors import alarm
from dashboard.views.charts.written import Layer, WrittenChart
from dashboard.words.i18n import _

TOTAL = 16_000
"""Points a chart beyond which its lines share them out."""

DRAWN = ("step", "at", "epoch", "line", "low", "high", "n", "raw")
"""Columns that a chart reads, as far as its rows have them."""

DECADES = [10.0**power for power in range(-30, 31)]
"""The ticks of a logarithmic axis whose ends are not known: Vega draws those between them, and so
the specification stays while the data grow."""

DRAGGED = "dragged"
"""The name of the layer that a drag selects on: one without another selection, which would be lost.
"""

LEGEND_ROWS = 14
LEGEND_LETTERS = 60
"""Letters that fit side by side in a legend above a chart of half the page."""

NARROW = 360
"""Pixels: a chart narrower than this, as on a phone, has no room for two names side by side."""

READABLE = (
    "datum.value != 0 && (abs(datum.value) >= 1e5 || abs(datum.value) < 1e-3)"
    " ? format(datum.value, '~e') : format(datum.value, '~g')"
)
"""Vega's expression for a number on an axis: 1e+10 rather than a row of zeros."""

NUMBER, SHARE = ".3~g", ".3~p"
"""D3's formats of a measured value and of a share: three significant digits."""

Scale = Literal["linear", "log", "symlog"]

PADDING = {"left": 5, "top": 5, "right": 14, "bottom": 8}
"""Room for the last label of the axis, which would be cut off at the chart's edge."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name in the tooltips and, where it is `told`, in the legend, and how it is
    drawn."""

    name: str
    color: str
    dash: Sequence[int] = (1, 0)
    width: float = 2
    told: bool = True


@dataclass(frozen=True, slots=True)
class Value:
    """What the lines show: its name on the axis, and how the axis is laid out."""

    label: str
    scale: Scale = "linear"
    share: bool = False
    domain: tuple[float, float] | None = None

    @property
    def format(self) -> str:
        """D3's format of a value in a tooltip."""
        return SHARE if self.share else NUMBER

    def axis(self, field: str, *, bare: bool = False) -> Layer:
        scale: Layer = {"type": self.scale, "nice": self.domain is None}
        if self.domain:
            scale["domain"] = list(self.domain)
        if self.scale == "linear":
            scale["zero"] = False
        labels = "format(datum.value, '~%')" if self.share else READABLE
        axis: Layer = {"tickCount": 5, "labelOverlap": True, "labelExpr": labels}
        if self.scale == "log":
            axis["values"] = round_values(*self.domain) if self.domain else DECADES
        return _quantity(field, None if bare else self.label, scale, axis)


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a run left the finite numbers, on the axis that is drawn."""

    step: float
    label: str
    color: str


def line_chart(
    rows: Columns,
    *,
    lines: Sequence[Line],
    value: Value,
    legend: str | None,
    divergences: Sequence[Divergence] = (),
    last_step: int | None = None,
    height: int = 280,
    bare: bool = False,
    x: Layer | None = None,
    zooms: bool = False,
    behind: Sequence[alt.Chart] = (),
) -> WrittenChart:
    """Lines over steps, from rows of `step`, `epoch`, `line` (a name) and `value`.

    Rows that also have `low`, `high` and `n` are means of n runs, drawn with the band between the
    two. `x` is another axis than that of steps: for what stands in `step`, or in a column `at`.
    `behind` are marks on the same axes that the lines are drawn over; a column `raw` is what was
    measured where `value` is smoothed, drawn faintly. Where a chart `zooms`, a drag across it
    selects a stretch, as `zoom`.

    `legend` is the title of the legend on the right, "" for a legend without one above the chart,
    None where the lines are named elsewhere. `last_step` fixes the axis, for a run that is under
    way or charts that stand side by side; `bare` leaves out the vertical axis's title, where the
    page says it once for all of them.
    """
    drawn = prepared(rows, value, lines=len(lines))
    channels = _channels(lines, _legend(lines, legend))
    shared = {"x": x or steps_axis(last_step), "color": channels["color"]}
    y = value.axis("shown", bare=bare)
    banded = "low" in drawn
    layers: list[Layer | alt.Chart] = [
        *behind,
        *([_band(shared, y)] if banded else ()),
        *([_measured(shared, y, channels)] if "raw" in drawn else ()),
        _strokes(shared, y, channels),
        _points(shared, y, value, banded=banded),
        {"name": DRAGGED, **_crosses(shared, value, "top", 5)},
        _crosses(shared, value, "bottom", "height"),
        *divergence_marks(divergences, last_step=last_step),
    ]
    above = _room_above(lines) if legend == "" else 0
    head: Layer = {"height": height + above, "padding": PADDING, **_explained(drawn, value)}
    if zooms:
        across = {"type": "interval", "encodings": ["x"]}
        head["params"] = [{"name": "zoom", "select": across, "views": [DRAGGED]}]
    return WrittenChart(layers, drawn, head)


def _explained(drawn: Columns, value: Value) -> Layer:
    """What crosses mean, below the chart, where there are any."""
    if not np.any(drawn["edge"] != ""):
        return {}
    text = (
        _("✕ on an edge: not a number, infinite, or not above 0")
        if value.scale == "log"
        else _("✕ on an edge: not a number, or infinite")
    )
    look = {"orient": "bottom", "anchor": "start", "fontSize": 12, "fontWeight": "normal"}
    return {"title": {"text": text, **look}}


def _measured(shared: Layer, y: Layer, channels: Mapping[str, Layer]) -> Layer:
    return {
        "mark": {"type": "line", "strokeWidth": 1, "opacity": 0.3, "clip": True, "aria": False},
        "encoding": shared | {"y": y | {"field": "raw"}, "detail": _told("line", "", None)},
    }


def _strokes(shared: Layer, y: Layer, channels: Mapping[str, Layer]) -> Layer:
    return {
        "mark": {"type": "line", "interpolate": "linear", "strokeJoin": "round", "clip": True},
        "params": [
            {"name": "named", "select": {"type": "point", "fields": ["line"]}, "bind": "legend"}
        ],
        "encoding": shared
        | {
            "y": y,
            "strokeDash": channels["strokeDash"],
            "strokeWidth": channels["strokeWidth"],
            "opacity": {"condition": {"param": "named", "value": 1}, "value": 0.12},
        },
    }


def _points(shared: Layer, y: Layer, value: Value, *, banded: bool) -> Layer:
    """The point next to the pointer, and those that no stroke would show."""
    near = {"type": "point", "nearest": True, "on": "pointermove", "clear": "pointerout"}
    shown = [
        {"param": "near", "empty": False, "value": 1},
        {"test": "datum.lone", "value": 1},
    ]
    tooltip = [*_tooltip(value, "shown", drawn=True), *(_band_tooltip(value) if banded else ())]
    return {
        "mark": {"type": "point", "filled": True, "size": 55, "clip": True},
        "params": [{"name": "near", "select": near}],
        "encoding": shared
        | {"y": y, "opacity": {"condition": shown, "value": 0}, "tooltip": tooltip},
    }


def prepared(rows: Columns, value: Value, *, lines: int = 1) -> Columns:
    """The rows as they are drawn: thinned, with `shown` (drawable or null), `flaw` (what a value is
    that cannot be drawn), `edge` (where its cross stands) and `lone` (the only point of its line,
    which no stroke would show)."""
    limit = min(LIMIT, max(200, TOTAL // max(1, lines)))
    thinned = thin(rows, by="line", y="value", limit=limit)
    y = np.asarray(thinned["value"], dtype=float)
    drawable = np.isfinite(y) & ((y > 0) | (value.scale != "log"))
    flaw, edge = _flaws(y, drawable)
    found = {name: thinned[name] for name in DRAWN if name in thinned}
    if "raw" in found and value.scale == "log":
        found["raw"] = np.where(found["raw"] > 0, found["raw"], np.nan)
    return {
        **found,
        "shown": np.where(drawable, y, np.nan),
        "lone": _lone(thinned["line"], drawable),
        "flaw": flaw,
        "edge": edge,
    }


def _lone(lines: NDArray[np.str_], drawable: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which points are the only ones of their lines that can be drawn."""
    _names, line = np.unique(lines, return_inverse=True)
    points = np.bincount(line, weights=drawable)
    alone: NDArray[np.bool_] = drawable & (points[line] == 1)
    return alone


def _flaws(
    y: NDArray[np.float64], drawable: NDArray[np.bool_]
) -> tuple[NDArray[np.str_], NDArray[np.str_]]:
    """What each value is that cannot be drawn, and on which edge it stands."""
    if drawable.all():
        return (nothing := np.full(len(y), "")), nothing
    cases = {"": drawable, "NaN": np.isnan(y), "∞": y == np.inf, "−∞": y == -np.inf, "0": y == 0}
    flaw = np.select(list(cases.values()), list(cases), default="< 0")
    edge = np.select([drawable, np.isin(flaw, ["NaN", "∞"])], ["", "top"], default="bottom")
    return flaw, edge


def common_domain(values: ArrayLike, scale: Scale) -> tuple[float, float] | None:
    """The range of an axis that several charts share; None where nothing can be drawn."""
    y = np.asarray(values, dtype=float)
    y = y[np.isfinite(y) & ((y > 0) | (scale != "log"))]
    if not len(y):
        return None
    low, high = float(y.min()), float(y.max())
    if scale == "log":
        return (low / 1.5, high * 1.5)
    margin = (high - low) * 0.05 or 0.5
    return (low - margin, high + margin)


def round_values(low: float, high: float) -> list[float]:
    """Round values for the ticks of a logarithmic axis: a handful, whatever it spans."""
    decades = math.log10(high / low)
    stride = max(1, math.ceil(decades / 6))
    mantissas = (1, 2, 5) if decades <= 1.5 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    values = [m * 10.0**k for k in powers if k % stride == 0 for m in mantissas]
    return [value for value in values if low <= value <= high]


def divergence_marks(
    divergences: Sequence[Divergence], *, last_step: float | None = None
) -> list[alt.Chart]:
    """A dashed rule where each run diverged, with its words beside it.

    Each is a mark of its own: a scale for their colours would merge with that of the lines.
    """
    marks: list[alt.Chart] = []
    for row, found in enumerate(divergences):
        base = alt.Chart(alt.InlineData([{"step": found.step}])).encode(x=alt.X("step:Q"))
        late = last_step is not None and found.step > last_step / 2
        marks.append(base.mark_rule(color=found.color, strokeDash=[5, 3], strokeWidth=1.5))
        marks.append(
            base.mark_text(
                text=found.label,
                color=found.color,
                align="right" if late else "left",
                dx=-6 if late else 6,
                y=12 + 15 * row,
                fontSize=12,
                fontWeight="bold",
            )
        )
    return marks


def own_divergence(step: int | None, *, dark: bool) -> list[Divergence]:
    """The one divergence of a single run's charts, where there is one."""
    if step is None:
        return []
    label = _("diverged at step {step}").format(step=f"{step:,}")
    return [Divergence(step, label, alarm(dark=dark))]


def steps_axis(last_step: int | None) -> Layer:
    """The axis of steps, to `last_step` where it is fixed."""
    last = None if last_step is None else max(1, last_step)
    return _along("step", _("Step"), last, format=",d", tickMinStep=1)


def epochs_axis(last: float | None) -> Layer:
    """The axis of epochs, for runs whose epochs have different numbers of steps; `step` holds a
    step's share of them."""
    return _along("step", _("Epoch"), last or None, format="~g", tickMinStep=1)


def other_axis(title: str, last: float) -> Layer:
    """An axis of something else than steps, which stands in a column `at`: from 0 to `last`."""
    return _along("at", title, last or 1, format="~g")


def _along(field: str, title: str, last: float | None, **axis: str | int) -> Layer:
    scale: Layer = {"nice": False, "zero": False}
    if last is not None:
        scale["domain"] = [0, last]
    return _quantity(field, title, scale, {"tickCount": 6, "grid": False, **axis})


def _quantity(field: str, title: str | None, scale: Layer, axis: Layer) -> Layer:
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": axis}


def _legend(lines: Sequence[Line], title: str | None) -> Layer | None:
    if title is None:
        return None
    above, told = not title, [line for line in lines if line.told]
    return {
        "title": title or None,
        "values": [line.name for line in told],
        "columns": _where_wide(_side_by_side(told)) if above else -(-len(told) // LEGEND_ROWS),
        "symbolLimit": 4 * LEGEND_ROWS,
        "symbolType": "stroke",
        "symbolOpacity": 1,
        "labelLimit": 380,
        "orient": "top" if above else "right",
    }


def _room_above(lines: Sequence[Line]) -> int:
    """Pixels that a legend above a chart takes, so that charts with and without one are drawn
    equally large."""
    told = [line for line in lines if line.told]
    rows = -(-len(told) // _side_by_side(told)) if told else 0
    return 30 + 17 * rows


def _where_wide(columns: int) -> Layer:
    """So many names beside one another, but one below the other in a chart as narrow as a phone."""
    return {"expr": f"width < {NARROW} ? 1 : {columns}"}


def _side_by_side(lines: Sequence[Line]) -> int:
    longest = max((len(line.name) for line in lines), default=0)
    return max(1, min(len(lines), LEGEND_LETTERS // (longest + 3)))


def line_channels(lines: Sequence[Line], legend: alt.Legend | None) -> dict[str, Any]:
    """The colour, dash and width of each line, by its name, in one legend."""
    return {
        "color": alt.Color(**_own(lines, [line.color for line in lines]), legend=legend),
        "strokeDash": alt.StrokeDash(
            **_own(lines, [list(line.dash) for line in lines]), legend=legend
        ),
        "strokeWidth": alt.StrokeWidth(
            **_own(lines, [line.width for line in lines]), legend=legend
        ),
    }


def _channels(lines: Sequence[Line], legend: Layer | None) -> dict[str, Layer]:
    """The same, written out."""
    names = [line.name for line in lines]
    values: dict[str, list[Any]] = {
        "color": [line.color for line in lines],
        "strokeDash": [list(line.dash) for line in lines],
        "strokeWidth": [line.width for line in lines],
    }
    return {
        channel: {
            "field": "line",
            "type": "nominal",
            "sort": names,
            "scale": {"domain": names, "range": each},
            "legend": legend,
        }
        for channel, each in values.items()
    }


def _own(lines: Sequence[Line], values: Sequence[str | float | Sequence[float]]) -> dict[str, Any]:
    """How a channel gives each line a value of its own."""
    names = [line.name for line in lines]
    return {"shorthand": "line:N", "sort": names, "scale": alt.Scale(domain=names, range=values)}


def _band(shared: Layer, y: Layer) -> Layer:
    """What lies between `low` and `high`, behind the lines."""
    return {
        "mark": {"type": "area", "opacity": 0.18, "clip": True, "strokeWidth": 0},
        "encoding": shared | {"y": y | {"field": "low"}, "y2": {"field": "high"}},
    }


def _band_tooltip(value: Value) -> list[Layer]:
    return [
        _told("low", _("Band from"), value.format),
        _told("high", _("Band to"), value.format),
        _told("n", _("Runs (N)"), "d"),
    ]


def _crosses(shared: Layer, value: Value, edge: str, y: float | str) -> Layer:
    """What cannot be drawn on the line, as crosses on one edge of the chart; often there are none,
    and a group without a mark must not be announced."""
    look = {"shape": "cross", "angle": 45, "filled": True, "size": 70, "opacity": 0.9}
    return {
        "transform": [{"filter": f"datum.edge === '{edge}'"}],
        "mark": {"type": "point", "aria": False, **look},
        "encoding": shared | {"y": {"value": y}, "tooltip": _tooltip(value, "flaw", drawn=False)},
    }


def _told(field: str, title: str, form: str | None) -> Layer:
    """A row of a tooltip: a number in a format, or else a word."""
    if form is None:
        return {"field": field, "type": "nominal", "title": title}
    return {"field": field, "type": "quantitative", "title": title, "format": form}


def _tooltip(value: Value, field: str, *, drawn: bool) -> list[Layer]:
    return [
        _told("line", _("Line"), None),
        _told("step", _("Step"), ",d"),
        _told("epoch", _("Epoch"), ",d"),
        _told(field, value.label, value.format if drawn else None),
    ]
