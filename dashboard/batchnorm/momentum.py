"""What the running statistics would be with any other momentum, from the run's own batches."""

from __future__ import annotations

import streamlit as st

from dashboard import analyses
from dashboard.charts.momentum import gap_by_momentum
from dashboard.i18n import _, integer, number, percent
from dashboard.links import open_clone
from dashboard.palette import is_dark
from db.records import CheckpointInfo, Run
from engine.analyses.inspection import InspectedBatchNorm
from engine.analyses.replay import Lag


def momentum(run: Run, checkpoint: CheckpointInfo, layer: InspectedBatchNorm) -> None:
    """The gap and the scores over the momentum, where every batch was recorded; else how to."""
    st.latex(
        r"\mu_{\mathrm{run}} \leftarrow k\,\mu_{\mathrm{run}} + (1-k)\,\mu_{\mathrm{batch}},"
        r"\qquad \text{window} \approx \frac{1}{1-k}"
    )
    if not run.config.record.batch_statistics:
        _how_to_record(run, layer)
        return
    with st.spinner(_("Playing the running statistics again with other momenta…"), show_time=True):
        frame = analyses.other_momenta(checkpoint, run.config, layer.layer)
    st.markdown(verdict_text(frame, layer))
    left, right = st.columns(2, gap="large")
    with left:
        st.altair_chart(
            gap_by_momentum(frame, "gap", own=layer.momentum, dark=is_dark()),
            key="bn_momentum_gap",
            alt=_("Typical gap of the means over the momentum"),
        )
    with right:
        st.altair_chart(
            gap_by_momentum(frame, "score", own=layer.momentum, dark=is_dark()),
            key="bn_momentum_score",
            alt=_("Validation score over the momentum"),
        )
    st.caption(
        _(
            "Exact: the running statistics take no part in training, so the batches recorded at"
            " every step give what any momentum would have kept. All Batch Normalization layers"
            " take the momentum together; the gap is this layer's, root mean square."
        )
    )
