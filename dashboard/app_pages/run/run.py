"""One run: how it goes, what happened inside its layers, its configuration, and its events."""

from collections.abc import Callable

import streamlit as st

from dashboard.app_pages.run.answers import answers
from dashboard.app_pages.run.checkpoints import checkpoints
from dashboard.app_pages.run.configuration import configuration
from dashboard.app_pages.run.curves import curves
from dashboard.app_pages.run.distributions import distributions
from dashboard.app_pages.run.files import files
from dashboard.app_pages.run.header import header
from dashboard.app_pages.run.layers import layers
from dashboard.app_pages.run.learned import learned
from dashboard.app_pages.run.log import log
from dashboard.app_pages.run.note import note
from dashboard.app_pages.run.overview import overview
from dashboard.reads import live
from dashboard.views.run.learned import has_classes, learned_title
from dashboard.widgets.picker import asked_run, offer_runs
from dashboard.widgets.shell import enough, entitle, numbered
from dashboard.widgets.tabs import above_tabs, open_tab
from dashboard.words.i18n import _
from db.records import Run

run = asked_run()
if run is None:
    st.title(_("Run"))
    offer_runs("run")
    enough()
entitle(numbered(run))

every = live.pause(run)
with above_tabs():
    header(run)
    st.fragment(run_every=every)(overview)(run)

parts: dict[str, tuple[str, Callable[[Run], None], float | None]] = {
    "curves": (_("Curves"), curves, every),
    "layers": (_("Inside the layers"), layers, every),
    "distributions": (_("Distributions"), distributions, None),
    **({"learned": (pictured, learned, None)} if (pictured := learned_title(run)) else {}),
    **({"answers": (_("Answers"), answers, None)} if has_classes(run) else {}),
    "checkpoints": (_("Checkpoints"), checkpoints, None),
    "configuration": (_("Configuration"), configuration, None),
    "note": (_("Note"), note, None),
    "files": (_("Files"), files, None),
    "log": (_("Log"), log, every),
}
tab, place = open_tab({name: title for name, (title, *_rest) in parts.items()})
_title, show, again = parts[tab]
with place:
    st.fragment(run_every=again)(show)(run)
