"""Lines over steps: the one way this dashboard draws how something went.

Values that are not finite, and zeros on a logarithmic axis, have no place on a line. They are drawn
as crosses on the edge where they belong and named in their tooltips, never dropped. The
specification depends on the lines alone, so new points arrive in a chart that stays still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from dashboard.charts.colors import alarm
from dashboard.downsample import LIMIT, thin
from dashboard.i18n import _

TOTAL = 16_000
"""Points a chart beyond which its lines share them out."""

LEGEND_ROWS = 14

PADDING = {"left": 5, "top": 5, "right": 14, "bottom": 8}
"""Room for the last label of the axis, which would be cut off at the chart's edge."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name in the legend and the tooltips, and how it is drawn."""

    name: str
    color: str
    dash: Sequence[int] = (1, 0)
    width: float = 2
    opacity: float = 1


@dataclass(frozen=True, slots=True)
class Value:
    """What the lines show: its name on the axis, and how the axis is laid out."""

    label: str
    log: bool = False
    share: bool = False
    domain: tuple[float, float] | None = None

    @property
    def format(self) -> str:
        """D3's format of a value in a tooltip."""
        return ".2%" if self.share else ".4~g"

    def axis(self) -> alt.Y:
        scale = alt.Scale(
            type="log" if self.log else "linear",
            domain=list(self.domain) if self.domain else alt.Undefined,
            zero=False,
            nice=self.domain is None,
        )
        axis = alt.Axis(format="%" if self.share else "~g", tickCount=5, labelOverlap=True)
        return alt.Y("shown:Q", title=self.label, scale=scale, axis=axis)


@dataclass(frozen=True, slots=True)
class Divergence:
    """Where a run left the finite numbers."""

    step: int
    label: str
    color: str


def line_chart(
    frame: pd.DataFrame,
    *,
    lines: Sequence[Line],
    value: Value,
    legend: str | None,
    divergences: Sequence[Divergence] = (),
    last_step: int | None = None,
    height: int = 280,
    dark: bool = False,
) -> alt.LayerChart:
    """Lines over steps, from rows of `step`, `epoch`, `line` (a name) and `value`.

    `legend` is the title of the legend on the right, "" for a legend without one above the chart,
    None where the lines are named elsewhere. `last_step` fixes
    the axis, for a run that is under way or charts that stand side by side.
    """
    base = alt.Chart(prepared(frame, value, lines=len(lines))).encode(
        x=_steps(last_step),
        color=alt.Color(
            **_own(lines, [line.color for line in lines]), legend=_legend(lines, legend)
        ),
    )
    near = alt.selection_point(
        name="near", nearest=True, on="pointermove", clear="pointerout", empty=False
    )
    named = alt.selection_point(name="named", fields=["line"], bind="legend")
    strokes = base.mark_line(interpolate="linear", strokeJoin="round", clip=True).encode(
        y=value.axis(),
        strokeDash=alt.StrokeDash(
            **_own(lines, [list(line.dash) for line in lines]), legend=_legend(lines, legend)
        ),
        strokeWidth=alt.StrokeWidth(**_own(lines, [line.width for line in lines]), legend=None),
        opacity=alt.when(named)
        .then(alt.Opacity(**_own(lines, [line.opacity for line in lines]), legend=None))
        .otherwise(alt.value(0.12)),
    )
    points = (
        base.mark_point(filled=True, size=55, clip=True)
        .encode(
            y=value.axis(),
            opacity=alt.when(near).then(alt.value(1)).otherwise(alt.value(0)),
            tooltip=_tooltip(value, "shown:Q"),
        )
        .add_params(near)
    )
    marks = [strokes.add_params(named), points, _crosses(base, value, "top", 5)]
    marks.append(_crosses(base, value, "bottom", "height"))
    if divergences:
        marks.append(divergence_rule(divergences, last_step=last_step, dark=dark))
    return alt.LayerChart(layer=[*marks], height=height, padding=PADDING)


def prepared(frame: pd.DataFrame, value: Value, *, lines: int = 1) -> pd.DataFrame:
    """The frame as it is drawn: thinned, with `shown` (drawable or null), `flaw` (what a value is
    that cannot be drawn) and `edge` (where its cross stands)."""
    limit = min(LIMIT, max(200, TOTAL // max(1, lines)))
    frame = thin(frame, by=["line"], y="value", limit=limit)
    y = frame["value"].to_numpy(dtype=float)
    cases = {
        "NaN": np.isnan(y),
        "∞": y == np.inf,
        "−∞": y == -np.inf,
        "0": (y == 0) if value.log else np.zeros(len(y), dtype=bool),
        "< 0": np.isfinite(y) & (y < 0) if value.log else np.zeros(len(y), dtype=bool),
    }
    flaw = np.select(list(cases.values()), list(cases), default="")
    return frame[["step", "epoch", "line"]].assign(
        shown=np.where(flaw == "", y, np.nan),
        flaw=flaw,
        edge=np.select([flaw == "", np.isin(flaw, ["NaN", "∞"])], ["", "top"], default="bottom"),
    )


def divergence_rule(
    divergences: Sequence[Divergence], *, last_step: int | None, dark: bool
) -> alt.LayerChart:
    """A dashed rule where each run diverged, with its words beside it."""
    frame = pd.DataFrame(
        {
            "step": [d.step for d in divergences],
            "said": [d.label for d in divergences],
            "row": [12 + 15 * i for i in range(len(divergences))],
        }
    )
    colors = [d.color for d in divergences]
    late = last_step is not None and max(d.step for d in divergences) > last_step / 2
    paint = alt.Color(
        "said:N", scale=alt.Scale(domain=[d.label for d in divergences], range=colors), legend=None
    )
    base = alt.Chart(frame).encode(x=alt.X("step:Q"), color=paint)
    rule = base.mark_rule(strokeDash=[5, 3], strokeWidth=1.5).encode(
        tooltip=[alt.Tooltip("said:N", title=_("Event")), alt.Tooltip("step:Q", title=_("Step"))]
    )
    text = base.mark_text(
        align="right" if late else "left", dx=-6 if late else 6, fontSize=12, fontWeight="bold"
    ).encode(text="said:N", y=alt.Y("row:Q", scale=None, axis=None))
    return alt.LayerChart(layer=[rule, text])


def own_divergence(step: int | None, *, dark: bool) -> list[Divergence]:
    """The one divergence of a single run's charts, where there is one."""
    if step is None:
        return []
    label = _("diverged at step {step}").format(step=f"{step:,}")
    return [Divergence(step, label, alarm(dark=dark))]


def _steps(last_step: int | None) -> alt.X:
    domain = [0, max(1, last_step)] if last_step is not None else alt.Undefined
    return alt.X(
        "step:Q",
        title=_("Step"),
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        axis=alt.Axis(format=",d", tickCount=6, tickMinStep=1, grid=False),
    )


def _legend(lines: Sequence[Line], title: str | None) -> alt.Legend | None:
    if title is None:
        return None
    above = not title
    return alt.Legend(
        title=title or None,
        columns=min(len(lines), 4) if above else -(-len(lines) // LEGEND_ROWS),
        symbolLimit=4 * LEGEND_ROWS,
        symbolType="stroke",
        labelLimit=150,
        orient="top" if above else "right",
    )


def _own(lines: Sequence[Line], values: Sequence[str | float | Sequence[float]]) -> dict[str, Any]:
    """How a channel gives each line a value of its own."""
    names = [line.name for line in lines]
    return {"shorthand": "line:N", "sort": names, "scale": alt.Scale(domain=names, range=values)}


def _crosses(base: alt.Chart, value: Value, edge: str, y: float | str) -> alt.Chart:
    """What cannot be drawn on the line, as crosses on one edge of the chart."""
    crosses: alt.Chart = (
        base.transform_filter(alt.datum.edge == edge)
        .mark_point(shape="cross", angle=45, filled=True, size=70, opacity=0.9)
        .encode(y=alt.value(y), tooltip=_tooltip(value, "flaw:N"))
    )
    return crosses


def _tooltip(value: Value, field: str) -> list[alt.Tooltip]:
    drawn = field.endswith(":Q")
    return [
        alt.Tooltip("line:N", title=_("Line")),
        alt.Tooltip("step:Q", title=_("Step"), format=",d"),
        alt.Tooltip("epoch:Q", title=_("Epoch"), format=",d"),
        alt.Tooltip(field, title=value.label, format=value.format if drawn else alt.Undefined),
    ]
