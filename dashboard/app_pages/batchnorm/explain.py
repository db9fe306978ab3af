"""What the words of the BatchNorm page mean, and what to do where there is nothing to show."""

from __future__ import annotations

import streamlit as st

from dashboard.views.batchnorm.explain import conventions
from dashboard.widgets.links import open_clone, open_run
from dashboard.words.i18n import _
from db.records import Run
from engine.analyses.inspection import InspectedBatchNorm


def explain(layer: InspectedBatchNorm) -> None:
    """The equations with this layer's own numbers, and the conventions that differ elsewhere."""
    with st.expander(_("How to read this: equations and conventions"), icon=":material/function:"):
        st.latex(r"y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta")
        st.markdown(
            _(
                "In **training**, μ and σ² are the batch's own. In **inference** they are fixed:"
                " the running averages that training kept. They should be the **population's**, the"
                " mean and variance over all training samples at the final weights; computed here"
                " exactly, one layer after the other."
            )
        )
        keep, new = f"{layer.momentum:g}", f"{1 - layer.momentum:g}"
        st.latex(
            rf"\mu_{{\mathrm{{run}}}} \leftarrow {keep}\,\mu_{{\mathrm{{run}}}}"
            rf" + {new}\,\mu_{{\mathrm{{batch}}}}"
        )
        st.markdown(conventions(layer))


def without_batch_norm(run: Run) -> None:
    """A run without BN: what to try."""
    st.info(
        _(
            "This run has no Batch Normalization layer, so nothing is normalized here. Clone it"
            " with Batch Normalization before the activation and the same seed: both then start"
            " from the same draws and see the same batches."
        ),
        icon=":material/equalizer:",
    )
    with st.container(horizontal=True):
        if st.button(_("Clone this run"), icon=":material/content_copy:", type="primary"):
            open_clone(run.id)
        if st.button(_("Open the run"), icon=":material/monitoring:"):
            open_run(run.id)
