"""What to try next: from the runs that are there, and from the experiments that are not."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.views.home.suggestions import suggestions, untried
from dashboard.widgets.gallery import experiment_cards
from dashboard.widgets.links import page_link
from dashboard.words.i18n import _
from db.records import Run

EXPERIMENTS_SHOWN = 3
SUGGESTIONS = 3


def try_next(runs: Sequence[Run]) -> None:
    """Draw what the newest runs suggest, and experiments that nobody has launched lately."""
    st.subheader(_("Try next"))
    for found in list(suggestions(runs))[:SUGGESTIONS]:
        page_link(found.page, found.label, icon=found.icon, **found.params)
    experiment_cards(untried(runs)[:EXPERIMENTS_SHOWN], columns=3)
