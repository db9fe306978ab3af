"""Arms against one of them, pair by pair: the mean difference with its interval and N."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.compare.choose_score import choose_score
from dashboard.views.charts.estimates import difference_chart
from dashboard.views.compare.arms import Arm
from dashboard.views.compare.pairs import difference_table, difference_title, estimate_row, paired
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _


def differences_by_seed(arms: Sequence[Arm], base: Arm) -> None:
    """Choose a score; the differences from the baseline as a chart and a table."""
    with guarded():
        if all(arm.place == base.place for arm in arms):
            st.caption(_("Two runs or groups at least are needed for a difference."))
            return
        st.caption(
            _(
                "Runs of one seed start from the same weights and see the same batches. Paired by"
                " seed, what luck does to both falls out of their difference."
            )
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            score = choose_score([run for arm in arms for run in arm.runs])
        found = paired(arms, base)
        rows = [row for each in found if (row := estimate_row(each, score, dark=is_dark()))]
        if not rows:
            st.info(
                _(
                    "No two runs of these share a seed and a score: launch the arms of a comparison"
                    " with the same seeds."
                ),
                icon=":material/casino:",
            )
            return
        title = difference_title(score, base)
        draw(difference_chart(rows, title=title, share=score.share), key="paired_chart", alt=title)
        st.dataframe(difference_table(found, score), hide_index=True, alt=title)
        st.caption(
            _(
                "The interval is that of Student's t at 95 %: where it leaves out 0, chance alone"
                " would rarely make such a difference. One pair has no interval."
            )
        )
