"""What reaches each layer of networks before their first step; no run is needed."""

import streamlit as st

from dashboard.app_pages.activations.beside import beside
from dashboard.app_pages.activations.choose import choose, choose_shown
from dashboard.app_pages.activations.show import against_theory, distributions, tell, train_this
from dashboard.reads import analyses
from dashboard.words.i18n import _

st.title(_("Activations"))
st.caption(
    _(
        "Networks before their first step, with 1,000 samples of inputs with mean 0 and standard"
        " deviation 1. Whether they can learn is largely decided here."
    )
)
chosen = choose()
with st.spinner(_("Passing the samples through the untrained network…"), show_time=True):
    signals = [analyses.untrained(network.config) for network in chosen.networks]
if len(signals) > 1:
    choose_shown()
    beside(signals, chosen)
else:
    (network,) = chosen.networks
    tell(signals[0], network)
    train_this(network)
    choose_shown()
    distributions(signals[0], network, chosen.show)
    against_theory(signals[0], network)
