"""Batch Normalization of one run at one checkpoint: what inference uses beside what it should."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from dashboard.app_pages.batchnorm.around import around
from dashboard.app_pages.batchnorm.choose import choose_layer
from dashboard.app_pages.batchnorm.explain import explain, without_batch_norm
from dashboard.app_pages.batchnorm.folded import folded
from dashboard.app_pages.batchnorm.layer import channels
from dashboard.app_pages.batchnorm.modes import modes
from dashboard.app_pages.batchnorm.momentum import momentum
from dashboard.app_pages.batchnorm.paths import paths
from dashboard.app_pages.batchnorm.verdict import verdict
from dashboard.app_pages.batchnorm.why import why
from dashboard.reads import store as data
from dashboard.views.status import status_badge
from dashboard.widgets.checkpoint_choice import choose_checkpoint, kept_checkpoints
from dashboard.widgets.picker import asked_run, choose_run, offer_runs
from dashboard.widgets.shell import enough, entitle, numbered
from dashboard.widgets.tabs import above_tabs, open_tab
from dashboard.words.i18n import _

st.title(_("BatchNorm"))
run = asked_run()
if run is None:
    offer_runs("batchnorm", lambda run: run.has_batch_norm)
    enough()
entitle(f"{numbered(run)} · " + _("BatchNorm"))

with above_tabs():
    with st.container(horizontal=True, vertical_alignment="center"):
        choose_run(run)
        st.markdown(status_badge(run.status), width="content")
    if not run.has_batch_norm:
        without_batch_norm(run)
        enough()
    kept = kept_checkpoints(run)
    if not kept:
        enough()

    checkpoint = choose_checkpoint(kept)
    with st.spinner(_("Passing every training sample through the network…"), show_time=True):
        inspection = data.inspection(checkpoint, run.config)
    verdict(inspection)
    layer = choose_layer(inspection)

parts: dict[str, tuple[str, Callable[[], None]]] = {
    "channels": (_("Channels"), partial(channels, run, layer, checkpoint.step)),
    "why": (_("Why they differ"), partial(why, run, checkpoint, inspection, layer)),
    "momenta": (_("Other momenta"), partial(momentum, run, checkpoint, layer)),
    "around": (_("Before and after"), partial(around, run, checkpoint, layer)),
    "modes": (_("Training or inference"), partial(modes, run, checkpoint, inspection)),
    "paths": (_("Over training"), partial(paths, run, layer, checkpoint.step)),
    "folded": (_("Folded"), partial(folded, run, checkpoint, layer)),
}
tab, place = open_tab({name: title for name, (title, _show) in parts.items()})
with place:
    parts[tab][1]()
explain(layer)
