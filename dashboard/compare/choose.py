"""Which runs are compared: those in the address, as far as they exist and fit on the page."""

from __future__ import annotations

import streamlit as st

from dashboard import data
from dashboard.i18n import _
from dashboard.links import asked_ids
from dashboard.picker import choose_runs, missing_text
from dashboard.runs.actions import FEWEST, MOST
from db.records import Run


def asked_runs() -> list[Run]:
    """The runs that `?ids=` names, with a list to change them and a word on each that is not
    there."""
    asked = asked_ids("ids")
    within = asked[:MOST]
    found = data.get_runs(tuple(within))
    runs = [found[run_id] for run_id in within if run_id in found]
    if len(asked) > MOST:
        text = _("At most {most} runs fit side by side; the first {most} of {n} are shown.")
        st.warning(text.format(most=MOST, n=len(asked)), icon=":material/filter_list:")
    missing = [run_id for run_id in within if run_id not in found]
    if missing:
        st.warning(missing_text(missing), icon=":material/search_off:")
    elif st.query_params.get("ids") and not asked:
        st.warning(
            _("This address names no runs; it should end like `?ids=3,4`."),
            icon=":material/search_off:",
        )
    choose_runs(runs, limit=MOST)
    if len(runs) < FEWEST:
        st.caption(_("Choose at least two runs: their differences and curves then stand together."))
    return runs
