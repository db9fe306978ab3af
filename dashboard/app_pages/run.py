"""One run: how it goes, what happened inside its layers, what it is made of and what befell it."""

from collections.abc import Callable

import streamlit as st

from dashboard import live
from dashboard.i18n import _
from dashboard.picker import asked_run, offer_runs
from dashboard.run.checkpoints import checkpoints
from dashboard.run.configuration import configuration
from dashboard.run.curves import curves
from dashboard.run.distributions import distributions
from dashboard.run.files import files
from dashboard.run.header import header
from dashboard.run.layers import layers
from dashboard.run.log import log
from dashboard.run.overview import overview
from db.records import Run

run = asked_run()
if run is None:
    st.title(_("Run"))
    offer_runs()
    st.stop()

every = None if run.status.ended else live.EVERY
header(run)
st.fragment(run_every=every)(overview)(run)

parts: dict[str, tuple[Callable[[Run], None], float | None]] = {
    _("Curves"): (curves, every),
    _("Inside the layers"): (layers, every),
    _("Distributions"): (distributions, None),
    _("Checkpoints"): (checkpoints, None),
    _("Configuration"): (configuration, None),
    _("Files"): (files, None),
    _("Log"): (log, every),
}
tabs = st.tabs(list(parts), key="run_tab", on_change="rerun")
for tab, (show, again) in zip(tabs, parts.values(), strict=True):
    if tab.open:
        with tab:
            st.fragment(run_every=again)(show)(run)
