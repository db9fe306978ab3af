"""One run: how it goes, what happened inside its layers, what it is made of and what befell it."""

import streamlit as st

from dashboard import live
from dashboard.i18n import _
from dashboard.picker import asked_run, offer_runs
from dashboard.run.configuration import configuration
from dashboard.run.distributions import distributions
from dashboard.run.header import header
from dashboard.run.layers import layers
from dashboard.run.log import log
from dashboard.run.overview import overview

run = asked_run()
if run is None:
    st.title(_("Run"))
    offer_runs()
    st.stop()

every = None if run.status.ended else live.EVERY
header(run)
st.fragment(run_every=every)(overview)(run)

inside, shapes, made_of, events = st.tabs(
    [_("Inside the layers"), _("Distributions"), _("Configuration"), _("Log")],
    key="run_tab",
    on_change="rerun",
)
if inside.open:
    with inside:
        st.fragment(run_every=every)(layers)(run)
if shapes.open:
    with shapes:
        st.fragment(distributions)(run)
if made_of.open:
    with made_of:
        configuration(run)
if events.open:
    with events:
        st.fragment(run_every=every)(log)(run)
