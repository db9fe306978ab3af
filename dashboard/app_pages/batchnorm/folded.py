"""Batch Normalization folded into the layer before it: gone at inference, and nothing lost."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import analyses
from dashboard.views.batchnorm.folded import folded_text, stays_text
from dashboard.views.charts.folding import folded_channels
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from db.records import CheckpointInfo, Run
from engine.analyses.inspection import InspectedBatchNorm


def folded(run: Run, checkpoint: CheckpointInfo, layer: InspectedBatchNorm) -> None:
    """The equation, what becomes of this layer, and that the outputs stay the same."""
    st.latex(
        r"s = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}},\qquad"
        r" y = s\,(x W + b) + (\beta - s\,\mu) = x\,(W s) + (s\,b + \beta - s\,\mu)"
    )
    with st.spinner(_("Folding, and comparing the outputs…"), show_time=True):
        found = analyses.folding(checkpoint, run.config)
    st.markdown(folded_text(found))
    if layer.layer not in found.layers:
        st.info(stays_text(run, layer), icon=":material/block:")
        return
    name = found.layers[layer.layer].name
    left, right = st.columns(2, gap="large")
    for column, what in ((left, "norm"), (right, "bias")):
        with column:
            draw(
                folded_channels(found.layers[layer.layer], what, dark=is_dark()),
                key=f"bn_folded_{what}",
                alt=_("{layer}, channel by channel, before and after folding").format(layer=name),
            )
    text = _("{batch_norm} disappears into {layer}: each channel's weights are multiplied by s.")
    st.caption(text.format(batch_norm=layer.name, layer=name).replace("_", "\\_"))
