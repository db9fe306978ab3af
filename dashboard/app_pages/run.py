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
from dashboard.tabs import open_tab
from db.records import Run

run = asked_run()
if run is None:
    st.title(_("Run"))
    offer_runs("run")
    st.stop()

every = None if run.status.ended else live.EVERY
header(run)
st.fragment(run_every=every)(overview)(run)

parts: dict[str, tuple[str, Callable[[Run], None], float | None]] = {
    "curves": (_("Curves"), curves, every),
    "layers": (_("Inside the layers"), layers, every),
    "distributions": (_("Distributions"), distributions, None),
    "checkpoints": (_("Checkpoints"), checkpoints, None),
    "configuration": (_("Configuration"), configuration, None),
    "files": (_("Files"), files, None),
    "log": (_("Log"), log, every),
}
tab, place = open_tab("run_tab", {name: title for name, (title, *_rest) in parts.items()})
_title, show, again = parts[tab]
with place:
    st.fragment(run_every=again)(show)(run)
