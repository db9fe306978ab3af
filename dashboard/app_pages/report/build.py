"""From the runs that an address names to a report on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

import streamlit as st

from dashboard.app_pages.report.document import Report
from dashboard.app_pages.report.of_many import Look, comparison_sections
from dashboard.app_pages.report.of_run import run_sections
from dashboard.state.kept import keep, restore_text
from dashboard.views.compare.arms import Arm
from dashboard.views.status import status_name
from dashboard.words.i18n import _, integer, moment, ngettext
from dashboard.words.reader import language
from db.records import Run

LONGEST = 20_000  # characters of remarks
LINKED = 6_000  # characters of the address that remarks may take


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


def built(
    runs: Sequence[Run],
    arms: Sequence[Arm],
    parts: Sequence[str],
    *,
    title: str,
    remarks: str,
    dark: bool,
) -> Report:
    """The report, in the reader's language."""
    if len(runs) == 1:
        sections = run_sections(runs[0], parts, dark=dark)
        facts = [
            _("Run {id}").format(id=runs[0].id),
            status_name(runs[0].status),
            _("launched by {owner}").format(owner=runs[0].owner),
        ]
    else:
        look = Look.read(st.query_params)
        sections = comparison_sections(runs, arms, parts, look, dark=dark)
        n = ngettext("{n} run", "{n} runs", len(runs))
        facts = [n.format(n=integer(len(runs)))]
    return Report(
        title=title,
        language=language(),
        facts=(*facts, moment(datetime.now(UTC)), "layerlab"),
        remarks=remarks,
        sections=tuple(sections),
    )
