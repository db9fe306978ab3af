"""What happened inside the layers: a statistic of every layer over steps, as lines."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import numpy as np
import pandas as pd

from dashboard.reads.columns import Columns, of_frame
from dashboard.views.charts.colors import alarm, depth_colors
from dashboard.views.charts.lines import (
    Divergence,
    Line,
    Scale,
    Value,
    line_chart,
    steps_axis,
)
from dashboard.views.charts.written import WrittenChart
from dashboard.words.i18n import _
from engine.analyses.health import Range
from engine.layer_statistics import STATISTICS, Statistic

INFO = {info.name: info for info in STATISTICS}
"""The statistics by their names."""


def of_statistic(
    statistics: Columns, info: Statistic, *, names: Sequence[str], steps_per_epoch: int
) -> pd.DataFrame:
    """One statistic of the layers that have it, ready to draw: `step`, `epoch`, `layer`, `line`
    (the layer's name) and `value`."""
    has = statistics[info.name] != None  # noqa: E711 - of each value
    step, layer, value = (statistics[name][has] for name in ("step", "layer", info.name))
    return pd.DataFrame(
        {
            "step": step,
            "layer": layer,
            "epoch": -(-step // steps_per_epoch),
            "line": np.array(names, object)[layer],
            "value": value.astype(float),
        }
    )


def layer_lines(
    rows: pd.DataFrame,
    info: Statistic,
    *,
    names: Sequence[str],
    log: bool,
    legend: bool = True,
    domain: tuple[float, float] | None = None,
    divergences: Sequence[Divergence] = (),
    last_step: int | None = None,
    height: int = 380,
    bare: bool = False,
    unhealthy: Range | None = None,
    steps: Sequence[int] = (),
    dark: bool = False,
) -> WrittenChart:
    """A statistic over steps, one line per layer, from cold at the inputs to warm at the outputs.

    `unhealthy` shades what lies outside a healthy range, known at `steps`.
    """
    colors = depth_colors(len(names), dark=dark)
    present = set(rows["layer"])
    lines = [
        Line(name, color, width=1.75)
        for i, (name, color) in enumerate(zip(names, colors, strict=True))
        if i in present
    ]
    value = statistic_value(info, log=log, domain=domain)
    return line_chart(
        of_frame(rows),
        lines=lines,
        value=value,
        legend=_("Layer, by depth") if legend else None,
        divergences=divergences,
        last_step=last_step,
        height=height,
        bare=bare,
        behind=_zones(rows, value, unhealthy, steps, last_step, dark=dark) if unhealthy else (),
    )


def _zones(
    rows: pd.DataFrame,
    value: Value,
    healthy: Range,
    steps: Sequence[int],
    last_step: int | None,
    *,
    dark: bool,
) -> list[alt.Chart]:
    """What lies above and below a healthy range, as far as the values themselves reach."""
    y = rows["value"].to_numpy(dtype=float)
    y = y[np.isfinite(y) & ((y > 0) | (value.scale != "log"))]
    if not len(y):
        return []
    low, high = value.domain or (float(y.min()), float(y.max()))
    frames = [
        pd.DataFrame({"step": steps, "bound": np.clip(bound, low, high), "end": end})
        for bound, end in ((healthy.low, low), (healthy.high, high))
    ]
    x, y_axis = alt.X(**steps_axis(last_step)), alt.Y(**value.axis("bound"))
    return [
        alt.Chart(frame.dropna())
        .mark_area(color=alarm(dark=dark), opacity=0.1, clip=True)
        .encode(x=x, y=y_axis, y2=alt.Y2("end:Q"))
        for frame in frames
    ]


def statistic_scale(info: Statistic, *, log: bool) -> Scale:
    """The axis a statistic is drawn on; one that has a sign cannot be on a plain log one."""
    if info.share or not log:
        return "linear"
    return "symlog" if info.signed else "log"


def statistic_value(
    info: Statistic, *, log: bool, domain: tuple[float, float] | None = None
) -> Value:
    """How a statistic is laid out on its axis: a share always from nothing to all."""
    whole = (0.0, 1.0) if info.share else domain
    scale = statistic_scale(info, log=log)
    return Value(_(info.label), scale=scale, share=info.share, domain=whole)
