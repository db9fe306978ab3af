"""One BN layer, channel by channel: pictures of those furthest off, and the table of all."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.reads import store as data
from dashboard.views.charts.batch_norm import (
    CHANNELS,
    Moment,
    agreement,
    channels_frame,
    dots,
    gap_names,
)
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from db.records import Run
from engine.analyses.inspection import InspectedBatchNorm


def channels(run: Run, layer: InspectedBatchNorm, step: int) -> None:
    """Means on the left, variances on the right; every number underneath."""
    frame = channels_frame(layer, data.last_batch(run.id, layer.layer, step))
    count = min(CHANNELS, len(frame))
    text = _("The {n} channels furthest off, of {all}, the worst first.")
    st.caption(text.format(n=integer(count), all=integer(len(frame))))
    means, variances = st.columns(2, gap="large")
    with means:
        _pictures(frame, "mean")
    with variances:
        _pictures(frame, "var")
    _table(frame, layer)


def _pictures(frame: pd.DataFrame, moment: Moment) -> None:
    title = _("Mean") if moment == "mean" else _("Variance")
    st.markdown(f"**{title}**")
    draw(
        dots(frame, moment, dark=is_dark()),
        key=f"bn_dots_{moment}",
        alt=_("{title} of each channel: running, population and last batch").format(title=title),
    )
    draw(
        agreement(frame, moment, dark=is_dark()),
        key=f"bn_agreement_{moment}",
        alt=_("{title}: running against population, one dot per channel").format(title=title),
    )


def _table(frame: pd.DataFrame, layer: InspectedBatchNorm) -> None:
    number = "%.3g"
    gaps = gap_names()
    words = {
        "gamma": ("γ", _("Scale, learned.")),
        "beta": ("β", _("Shift, learned.")),
        "mean_gap": (_("Mean gap (σ)"), gaps["mean"]),
        "running_mean": (_("Mean: running"), _("What inference subtracts.")),
        "population_mean": (_("Mean: population"), _("Over all training samples.")),
        "batch_mean": (_("Mean: last batch"), _("Of the batch at this checkpoint's step.")),
        "var_ratio": (_("Variance ratio"), _("Running over population, each with ε added.")),
        "running_var": (_("Variance: running"), _("What inference divides by.")),
        "population_var": (_("Variance: population"), _("Over all training samples.")),
        "batch_var": (_("Variance: last batch"), _("Of the batch at this checkpoint's step.")),
    }
    config = {
        name: st.column_config.NumberColumn(label, format=number, help=help)
        for name, (label, help) in words.items()
    }
    config["channel"] = st.column_config.NumberColumn(_("Channel"), width="small", pinned=True)
    st.dataframe(
        frame.sort_values("mean_gap", ascending=False)[["channel", *words]],
        hide_index=True,
        column_config=config,
        key=f"bn_table_{layer.layer}",
        alt=_("Every channel of {layer}").format(layer=layer.name),
    )
