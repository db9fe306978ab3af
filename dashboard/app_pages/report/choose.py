"""What the reader wants in a report, and writes of it; the address keeps both."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from dashboard.state.kept import keep, restore_many, restore_text
from dashboard.views.report.parts import OF_MANY, OF_RUN, USUAL, USUAL_OF_MANY, heading
from dashboard.words.i18n import _, integer
from db.records import Run

LONGEST = 20_000  # characters of remarks
LINKED = 6_000  # characters of the address that remarks may take


def choose_parts(*, many: bool) -> list[str]:
    """The parts of a report of one run, or of many."""
    options = OF_MANY if many else OF_RUN
    usual = USUAL_OF_MANY if many else USUAL
    restore_many("parts", "report_parts", options, usual)
    chosen: Sequence[str] = st.pills(
        _("Parts"),
        options,
        selection_mode="multi",
        format_func=heading,
        key="report_parts",
    )
    keep("parts", list(chosen), list(usual))
    return [part for part in options if part in chosen]


def words(runs: Sequence[Run]) -> tuple[str, str]:
    """The author's own: a title and remarks."""
    usual = runs[0].label if len(runs) == 1 else _("Comparison of {n} runs")
    usual = usual.format(n=integer(len(runs))) if len(runs) > 1 else usual
    restore_text("title", "report_title", longest=200)
    title = st.text_input(
        _("Title"), placeholder=usual, max_chars=200, key="report_title", width=520
    )
    keep("title", title, "")
    restore_text("remarks", "report_remarks", longest=LONGEST)
    remarks = st.text_area(
        _("Remarks"),
        placeholder=_("What you expected, what you found. Plain text; an empty line separates."),
        max_chars=LONGEST,
        key="report_remarks",
        height=90,
    )
    fits = len(quote(remarks)) <= LINKED
    keep("remarks", remarks if fits else "", "")
    if not fits:
        st.caption(_("Remarks of this length are in the files, but not in the link or a view."))
    return title.strip() or usual, remarks.strip()
