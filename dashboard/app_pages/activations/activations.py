"""What reaches each layer of a network before its first step; no run is needed."""

import streamlit as st

from dashboard.app_pages.activations.choose import choose, choose_shown
from dashboard.app_pages.activations.show import against_theory, distributions, tell
from dashboard.reads import analyses
from dashboard.words.i18n import _

st.title(_("Activations"))
st.caption(
    _(
        "A network before its first step, with up to 1,000 samples of inputs with mean 0 and"
        " standard deviation 1. Whether it can learn is largely decided here."
    )
)
chosen = choose()
with st.spinner(_("Passing the samples through the untrained network…"), show_time=True):
    signals = analyses.untrained(chosen.config)
tell(signals, chosen)
choose_shown()
distributions(signals, chosen)
against_theory(signals)
