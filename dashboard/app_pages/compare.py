"""Several runs side by side: what differs between them, and what came of it."""

import streamlit as st

from dashboard import live
from dashboard.compare.batch_norm import batch_norm
from dashboard.compare.choose import asked_runs
from dashboard.compare.curves import curves
from dashboard.compare.distributions import distributions
from dashboard.compare.layers import layers
from dashboard.compare.tables import what_differs
from dashboard.i18n import _

st.title(_("Compare"))
runs = asked_runs()
if len(runs) < 2:
    st.stop()

every = None if all(run.status.ended for run in runs) else 2 * live.EVERY
what_differs(runs)

scores, inside, shapes, normalized = st.tabs(
    [_("Curves"), _("Inside the layers"), _("Distributions"), _("BatchNorm")],
    key="compare_tab",
    on_change="rerun",
)
if scores.open:
    with scores:
        st.fragment(run_every=every)(curves)(runs)
if inside.open:
    with inside:
        st.fragment(run_every=every)(layers)(runs)
if shapes.open:
    with shapes:
        st.fragment(distributions)(runs)
if normalized.open:
    with normalized:
        st.fragment(batch_norm)(runs)
