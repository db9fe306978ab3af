"""Batch Normalization of one run at one checkpoint: what inference uses beside what it should."""

import streamlit as st

from dashboard import data
from dashboard.batchnorm.around import around
from dashboard.batchnorm.choose import choose_checkpoint, choose_layer
from dashboard.batchnorm.explain import explain, without_batch_norm, without_checkpoint
from dashboard.batchnorm.folded import folded
from dashboard.batchnorm.layer import channels
from dashboard.batchnorm.modes import modes
from dashboard.batchnorm.momentum import momentum
from dashboard.batchnorm.paths import paths
from dashboard.batchnorm.verdict import scores, verdict
from dashboard.batchnorm.why import why
from dashboard.i18n import _
from dashboard.picker import asked_run, choose_run, offer_runs
from dashboard.run.header import has_batch_norm
from dashboard.status import status_badge

st.title(_("BatchNorm"))
run = asked_run()
if run is None:
    offer_runs()
    st.stop()

with st.container(horizontal=True, vertical_alignment="center"):
    choose_run(run)
    st.markdown(status_badge(run.status), width="content")
if not has_batch_norm(run):
    without_batch_norm(run)
    st.stop()
kept = data.checkpoints(run.id)
if not kept:
    without_checkpoint(run)
    st.stop()

checkpoint = choose_checkpoint(kept)
with st.spinner(_("Passing every training sample through the network…"), show_time=True):
    inspection = data.inspection(checkpoint, run.config)
verdict(inspection)
layer = choose_layer(inspection)

parts = {
    _("Channels"): lambda: channels(layer, data.last_batch(run.id, layer.layer, checkpoint.step)),
    _("Why they differ"): lambda: why(run, checkpoint, inspection, layer),
    _("Other momenta"): lambda: momentum(run, checkpoint, layer),
    _("Before and after"): lambda: around(run, checkpoint, layer),
    _("Training or inference"): lambda: modes(run, checkpoint),
    _("Over training"): lambda: paths(run, layer, checkpoint.step),
    _("Folded"): lambda: folded(run, checkpoint, layer),
}
for tab, show in zip(st.tabs(list(parts), key="bn_tab", on_change="rerun"), parts.values(), strict=True):
    if tab.open:
        with tab:
            show()
scores(inspection)
explain(layer)
