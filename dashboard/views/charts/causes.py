"""What the gap between running and population statistics is made of, channel by channel."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.batch_norm import Moment
from dashboard.views.charts.colors import MUTED, hues
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE, SHARE
from dashboard.words.i18n import _
from engine.analyses.causes import Causes
from engine.analyses.inspection import InspectedBatchNorm

VISIBLE = 0.003
"""Share of the largest contribution below which a cause would not show."""

CAUSES = tuple(field.name for field in fields(Causes))


def cause_names() -> dict[str, str]:
    """What each cause is called, in the reader's language."""
    return {
        "lag": _("Lag"),
        "dropout": _("Dropout"),
        "start": _("Initial value"),
        "short_batches": _("Short last batch"),
        "chance": _("Few batches"),
        "estimator": _("Biased estimator"),
        "batching": _("Small batches"),
    }


def in_units(causes: Causes, layer: InspectedBatchNorm, moment: Moment) -> dict[str, np.ndarray]:
    """Each cause as what it does to the normalized channel: a mean in population standard
    deviations, a variance as a share of the population's."""
    scale = layer.population_var + layer.epsilon
    unit = np.sqrt(scale) if moment == "mean" else scale
    return {name: getattr(causes, name) / unit for name in CAUSES}


def typical(values: np.ndarray) -> float:
    """The root mean square over the channels."""
    finite = values[np.isfinite(values)]
    return float(np.sqrt(np.square(finite).mean())) if len(finite) else float("nan")


def cause_bars(
    causes: Causes,
    layer: InspectedBatchNorm,
    moment: Moment,
    *,
    channels: Sequence[int],
    dark: bool = False,
) -> alt.LayerChart:
    """One row per channel: its causes stacked to either side of zero; their sum, the gap, is a
    dot."""
    parts = in_units(causes, layer, moment)
    least = VISIBLE * max(float(np.nanmax(np.abs(part))) for part in parts.values())
    named = {
        name: label
        for name, label in cause_names().items()
        if np.any(np.abs(parts[name][list(channels)]) > least)
    }
    rows = [str(channel) for channel in channels]
    frame = pd.DataFrame({name: parts[name][list(channels)] for name in named}).assign(channel=rows)
    total = np.sum(list(parts.values()), axis=0)[list(channels)]
    long = frame.melt(["channel"], list(named), "cause", "value")
    long["cause"] = long["cause"].map(named)
    long["order"] = long["cause"].map({label: i for i, label in enumerate(named.values())})
    share = moment == "var"
    title = (
        _("Running minus population variance, as a share of the population's")
        if share
        else _("Running minus population mean, in population σ")
    )
    axis = alt.Axis(labelExpr="format(datum.value, '~%')" if share else READABLE, tickCount=6)
    y = alt.Y(
        "channel:N", sort=rows, title=_("Channel"), axis=alt.Axis(labelOverlap=False, ticks=False)
    )
    colors = dict(zip(cause_names().values(), (*hues(dark=dark), MUTED), strict=False))
    form = SHARE if share else NUMBER
    bars = (
        alt.Chart(long)
        .mark_bar(height={"band": 0.7})
        .encode(
            x=alt.X("value:Q", title=title, axis=axis, stack="zero"),
            y=y,
            order=alt.Order("order:O"),
            color=alt.Color(
                "cause:N",
                sort=list(named.values()),
                scale=alt.Scale(
                    domain=list(named.values()), range=[colors[n] for n in named.values()]
                ),
                legend=alt.Legend(title=None, orient="top", columns=3, labelLimit=180),
            ),
            tooltip=[
                alt.Tooltip("channel:N", title=_("Channel")),
                alt.Tooltip("cause:N", title=_("Cause")),
                alt.Tooltip("value:Q", title=_("Contribution"), format=form),
            ],
        )
    )
    sums = (
        alt.Chart(pd.DataFrame({"channel": rows, "total": total}))
        .mark_point(
            shape="diamond",
            filled=True,
            size=70,
            opacity=1,
            color="#FFFFFF" if dark else "#17191E",
            stroke="#0E1014" if dark else "#FFFFFF",
        )
        .encode(
            x=alt.X("total:Q", title=title, axis=axis),
            y=y,
            tooltip=[
                alt.Tooltip("channel:N", title=_("Channel")),
                alt.Tooltip("total:Q", title=_("Running minus population"), format=form),
            ],
        )
    )
    return alt.LayerChart(layer=[bars, sums], height=24 * len(rows) + 90, padding=PADDING)
