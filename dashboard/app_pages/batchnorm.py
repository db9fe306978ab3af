"""Batch Normalization of one run at one checkpoint: what inference uses beside what it should."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard import data
from dashboard.batchnorm.around import around
from dashboard.batchnorm.choose import choose_layer
from dashboard.batchnorm.explain import explain, without_batch_norm
from dashboard.batchnorm.folded import folded
from dashboard.batchnorm.layer import channels
from dashboard.batchnorm.modes import modes
from dashboard.batchnorm.momentum import momentum
from dashboard.batchnorm.paths import paths
from dashboard.batchnorm.verdict import verdict
from dashboard.batchnorm.why import why
from dashboard.checkpoints import choose_checkpoint, without_checkpoint
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

parts: dict[str, Callable[[], None]] = {
    _("Channels"): partial(channels, run, layer, checkpoint.step),
    _("Why they differ"): partial(why, run, checkpoint, inspection, layer),
    _("Other momenta"): partial(momentum, run, checkpoint, layer),
    _("Before and after"): partial(around, run, checkpoint, layer),
    _("Training or inference"): partial(modes, run, checkpoint, inspection),
    _("Over training"): partial(paths, run, layer, checkpoint.step),
    _("Folded"): partial(folded, run, checkpoint, layer),
}
tabs = st.tabs(list(parts), key="bn_tab", on_change="rerun")
for tab, show in zip(tabs, parts.values(), strict=True):
    if tab.open:
        with tab:
            show()
explain(layer)
