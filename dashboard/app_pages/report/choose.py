"""What the reader wants in a report, and writes of it; the address keeps both."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import streamlit as st

from dashboard.state.address import bound, choose, get, put
from dashboard.state.choices import Several, Text
from dashboard.views.report.parts import OF_MANY, OF_RUN, USUAL, USUAL_OF_MANY, heading
from dashboard.words.i18n import _, integer
from db.records import Run

LONGEST = 20_000  # characters of remarks
LINKED = 6_000  # characters of the address that remarks may take


PARTS: Several[str] = Several("parts", ())
TITLE = Text("title", "", longest=200)
REMARKS = Text("remarks", "", longest=LONGEST)
LONG = "report_long_remarks"
"""Where the session keeps remarks for which an address has no room."""


def choose_parts(*, many: bool) -> list[str]:
    """The parts of a report of one run, or of many."""
    options = OF_MANY if many else OF_RUN
    chosen = choose(
        st.pills,
        _("Parts"),
        PARTS.among(options, USUAL_OF_MANY if many else USUAL),
        {part: heading(part) for part in options},
        selection_mode="multi",
    )
    return [part for part in options if part in chosen]


def usual_title(runs: Sequence[Run]) -> str:
    """What a report on these runs is called where its author does not say."""
    if len(runs) == 1:
        return runs[0].label
    return _("Comparison of {n} runs").format(n=integer(len(runs)))


def words(usual: str) -> tuple[str, str]:
    """The author's own: a title, by default the `usual` one, and remarks."""
    st.text_input(_("Title"), placeholder=usual, max_chars=TITLE.longest, width=520, **bound(TITLE))
    remarks = get(REMARKS) or str(st.session_state.get(LONG, ""))
    if st.session_state.get(REMARKS.key) != remarks:
        st.session_state[REMARKS.key] = remarks
    st.text_area(
        _("Remarks"),
        placeholder=_("What you expected, what you found. Plain text; an empty line separates."),
        max_chars=LONGEST,
        height=90,
        key=REMARKS.key,
        on_change=_remarked,
    )
    if not _fits(remarks):
        st.caption(_("Remarks of this length are in the files, but not in the link or a view."))
    return get(TITLE).strip() or usual, remarks.strip()


def _remarked() -> None:
    remarks = st.session_state[REMARKS.key]
    st.session_state[LONG] = "" if _fits(remarks) else remarks
    put({REMARKS: remarks if _fits(remarks) else ""})


def _fits(remarks: str) -> bool:
    return len(quote(remarks)) <= LINKED
