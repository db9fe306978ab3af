"""What is unhealthy inside the compared runs, side by side: one row per arm, a column an ill."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.reads.health import findings
from dashboard.views.compare.arms import Arm
from dashboard.views.compare.health import health_table
from dashboard.views.run.health import not_found
from dashboard.words.i18n import _
from engine.analyses.health import Finding


def tell_health(arms: Sequence[Arm]) -> list[Finding]:
    """The table, and what was looked for without being found in any run; all that was found."""
    runs = [run for arm in arms for run in arm.runs]
    found = {run.id: own for run in runs if (own := findings(run)) is not None}
    every = [finding for own in found.values() for finding in own]
    if every:
        st.table(health_table(arms, found), border="horizontal")
        st.caption(not_found(every))
    elif found:
        text = _("**Healthy**: nothing saturates, dies, vanishes or explodes in any layer.")
        st.success(text, icon=":material/check_circle:")
    return every
