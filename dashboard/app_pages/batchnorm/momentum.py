"""What the running statistics would be with any other momentum, from the run's own batches."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.reads import analyses
from dashboard.views.batchnorm.momentum import momenta_frame, verdict_text, window_text
from dashboard.views.charts.momentum import momentum_chart
from dashboard.widgets.drawing import draw
from dashboard.widgets.links import open_clone
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from db.records import CheckpointInfo, Run
from engine.analyses.inspection import InspectedBatchNorm
from engine.analyses.momenta import MOMENTA


def momentum(run: Run, checkpoint: CheckpointInfo, layer: InspectedBatchNorm) -> None:
    """The gap and the scores over the momentum, where every batch was recorded; else how to."""
    if not run.config.record.batch_statistics:
        _how_to_record(run, layer)
        return
    momenta = tuple(sorted({*MOMENTA, min(layer.momentum, 0.9999)}))
    with st.spinner(_("Playing the running statistics again with other momenta…"), show_time=True):
        outcomes = analyses.momenta(checkpoint, run.config, momenta)
    st.markdown(verdict_text(outcomes, layer))
    frame = momenta_frame(outcomes, layer.layer)
    left, right = st.columns(2, gap="large")
    with left:
        draw(
            momentum_chart(
                frame,
                {"mean": _("Mean (σ)"), "var": _("Variance (share)")},
                own=layer.momentum,
                title=_("Typical gap to the population's"),
                log=True,
                dark=is_dark(),
            ),
            key="bn_momentum_gap",
            alt=_("Typical gap of this layer's mean and variance over the momentum"),
        )
    if outcomes[0].loss is not None:
        with right:
            _scores(frame, layer, labelled=outcomes[0].accuracy is not None)
    st.caption(
        _(
            "Exact: the running statistics take no part in training, so the batches recorded at"
            " every step give what any momentum would have kept. All Batch Normalization layers"
            " take the momentum together; the gap is the root mean square over this layer's"
            " channels."
        )
    )


def _scores(frame: pd.DataFrame, layer: InspectedBatchNorm, *, labelled: bool) -> None:
    title = _("Validation accuracy") if labelled else _("Validation loss")
    name = "accuracy" if labelled else "loss"
    draw(
        momentum_chart(
            frame, {name: title}, own=layer.momentum, title=title, share=labelled, dark=is_dark()
        ),
        key="bn_momentum_score",
        alt=_("Validation score in inference mode over the momentum"),
    )


def _how_to_record(run: Run, layer: InspectedBatchNorm) -> None:
    st.markdown(window_text(layer))
    st.info(
        _(
            "What any other momentum would have given follows exactly from the statistics of every"
            " batch, and this run did not keep them. Clone it and switch on **Batch statistics**"
            " under Recording: with the same seed it trains the very same network."
        ),
        icon=":material/history:",
    )
    if st.button(_("Clone this run"), icon=":material/content_copy:", key="bn_clone_to_record"):
        open_clone(run.id)
