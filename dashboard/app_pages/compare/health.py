"""What is unhealthy inside the compared runs, side by side: a row an arm, a column an ill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard.app_pages.run.health import NAMES, by_kind, layers_text, not_found
from dashboard.app_pages.run.layers import findings_of
from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.views.compare.arms import Arm
from dashboard.words.i18n import _, integer
from dashboard.words.text import plain
from db.records import Run
from engine.analyses.health import Finding
from engine.architecture import layer_names

Found = Mapping[int, Sequence[Finding]]
"""What was found in each run that has recorded anything, by its number."""


def tell_health(arms: Sequence[Arm]) -> None:
    """The table, and what was looked for without being found in any run."""
    runs = [run for arm in arms for run in arm.runs]
    found = {run.id: findings for run in runs if (findings := _findings(run)) is not None}
    every = [finding for findings in found.values() for finding in findings]
    if every:
        st.table(health_table(arms, found), border="horizontal")
        st.caption(not_found(every))
    elif found:
        text = _("**Healthy**: nothing saturates, dies, vanishes or explodes in any layer.")
        st.success(text, icon=":material/check_circle:")


def health_table(arms: Sequence[Arm], found: Found) -> pd.DataFrame:
    """The layers of each arm that are unhealthy, and since which step; of a group, how many of its
    runs have such a layer. Its texts are Markdown."""
    ills = by_kind([finding for findings in found.values() for finding in findings])
    rows = {
        f"**{plain(arm.label)}**": [
            _cell(arm, {run_id: by_kind(found[run_id]).get(kind, ()) for run_id in found})
            for kind in ills
        ]
        for arm in arms
    }
    columns = [_(NAMES[kind]) for kind in ills]
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns)


def _cell(arm: Arm, found: Found) -> str:
    runs = [run for run in arm.runs if run.id in found]
    ill = [run for run in runs if found[run.id]]
    if not ill:
        return "–"
    if arm.grouped:
        return _("in {n} of {all} runs").format(n=integer(len(ill)), all=integer(len(runs)))
    return layers_text(found[ill[0].id], layer_names(ill[0].config.layers))


def _findings(run: Run) -> Sequence[Finding] | None:
    """What is unhealthy in a run so far; None where nothing has been recorded."""
    if run.status.ended:
        return _of_ended(run.id, run)
    return findings_of(live.layers(run), run)


@st.cache_resource(max_entries=300, show_spinner=False)
def _of_ended(run_id: int, _run: Run) -> Sequence[Finding] | None:
    return findings_of(data.ended_layers(run_id), _run)
