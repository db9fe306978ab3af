"""The choice of what runs are judged by, which the address keeps."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.compare.choices import SCORE
from dashboard.state.address import choose
from dashboard.views.compare.scores import Score, fitting_scores
from dashboard.words.i18n import _
from db.records import Run


def choose_score(runs: Sequence[Run], *, labelled: bool = False) -> Score:
    """A score, which the address keeps."""
    scores = fitting_scores(runs)
    name = choose(
        st.selectbox,
        _("Score"),
        SCORE.usually(next(iter(scores))),
        {name: _(score.label) for name, score in scores.items()},
        label_visibility="visible" if labelled else "collapsed",
        width=210,
    )
    return scores[name]
