"""Batch Normalization folded into the layer before it: gone at inference, and nothing lost."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import analyses
from dashboard.views.charts.folding import folded_channels
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer, number
from db.records import CheckpointInfo, Run
from engine.analyses.inspection import InspectedBatchNorm
from engine.architecture import layer_names


def folded(run: Run, checkpoint: CheckpointInfo, layer: InspectedBatchNorm) -> None:
    """The equation, what becomes of this layer, and that the outputs stay the same."""
    st.latex(
        r"s = \frac{\gamma}{\sqrt{\sigma^2 + \varepsilon}},\qquad"
        r" y = s\,(x W + b) + (\beta - s\,\mu) = x\,(W s) + (s\,b + \beta - s\,\mu)"
    )
    with st.spinner(_("Folding, and comparing the outputs…"), show_time=True):
        found = analyses.folding(checkpoint, run.config)
    text = _(
        "In inference mode this is one affine map. Folded wherever a dense or convolutional layer"
        " comes right before, the network has **{after}** parameters instead of {before} and no"
        " running statistics for those layers; on {samples} training samples its outputs differ by"
        " at most **{difference}**, which is rounding."
    )
    st.markdown(
        text.format(
            after=integer(found.folded_parameters),
            before=integer(found.parameters),
            samples=integer(found.samples),
            difference=number(found.largest_difference, 2),
        )
    )
    if layer.layer not in found.layers:
        st.info(_stays(run, layer), icon=":material/block:")
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


def _stays(run: Run, layer: InspectedBatchNorm) -> str:
    names = layer_names(run.config.layers)
    if layer.layer == 0:
        text = _("{batch_norm} comes first: there is no layer before it that could take it in.")
        return text.format(batch_norm=layer.name).replace("_", "\\_")
    text = _(
        "{batch_norm} stays: it follows {before}, and only the weights of a layer right before it"
        " could take it in."
    )
    return text.format(batch_norm=layer.name, before=names[layer.layer - 1]).replace("_", "\\_")
