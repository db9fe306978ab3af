"""Why a layer's running statistics miss the population's: the causes, in words and numbers."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import analyses
from dashboard.views.batchnorm.why import cause_table, furthest_off, verdict_text
from dashboard.views.charts.batch_norm import Moment
from dashboard.views.charts.causes import cause_bars
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from db.records import CheckpointInfo, Run
from engine.analyses.causes import GapCauses
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm

SHOWN = 12
"""Channels whose gap is taken apart in the picture."""


def why(
    run: Run,
    checkpoint: CheckpointInfo,
    inspection: BatchNormInspection,
    layer: InspectedBatchNorm,
) -> None:
    """The verdict, the channels furthest off taken apart, and every cause explained."""
    with st.spinner(_("Passing the run's own batches again…"), show_time=True):
        causes = analyses.causes(checkpoint, run.config)[layer.layer]
    st.markdown(verdict_text(causes, layer, inspection))
    means, variances = st.columns(2, gap="large")
    with means:
        _bars(causes, layer, "mean")
    with variances:
        _bars(causes, layer, "var")
    st.caption(
        _(
            "The channels furthest off. The bars add up to the diamond, the whole gap: computed by"
            " passing the run's own last batches through the final weights again, so nothing is"
            " estimated."
        )
    )
    st.markdown(cause_table(causes, layer, inspection))
    st.caption(_("Root mean square over the layer's channels; causes may cancel one another."))


def _bars(causes: GapCauses, layer: InspectedBatchNorm, moment: Moment) -> None:
    title = _("Mean") if moment == "mean" else _("Variance")
    st.markdown(f"**{title}**")
    furthest = furthest_off(causes, layer, moment)[:SHOWN]
    draw(
        cause_bars(getattr(causes, moment), layer, moment, channels=furthest, dark=is_dark()),
        key=f"bn_causes_{moment}",
        alt=_("{title}: causes of the gap of the channels furthest off").format(title=title),
    )
