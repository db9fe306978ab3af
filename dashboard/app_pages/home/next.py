"""What to try next: from the runs that are there, and from the lessons that nobody has run."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.views.home.suggestions import suggestions, untried
from dashboard.widgets.gallery import lesson_cards
from dashboard.widgets.links import page_link
from dashboard.words.i18n import _
from db.records import Run

LESSONS_SHOWN = 3
SUGGESTIONS = 3

WHOLE = """<style>
.st-key-try_next [data-testid="stPageLink"] :is(a, p, span, div) {
  white-space: normal; overflow: visible; text-overflow: clip; height: auto;
}
</style>"""
"""A sentence takes as many lines as it needs: Streamlit cuts that of a link off on a phone."""


def try_next(runs: Sequence[Run]) -> None:
    """Draw what the newest runs suggest, and lessons that nobody has run lately."""
    st.subheader(_("Try next"))
    with st.container(key="try_next", gap="xsmall"):
        st.html(WHOLE)
        for found in list(suggestions(runs))[:SUGGESTIONS]:
            page_link(found.page, found.label, icon=found.icon, **found.params)
    lesson_cards(untried(runs)[:LESSONS_SHOWN], columns=3)
