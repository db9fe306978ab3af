"""The first look at Batch Normalization: where running and population differ most, and what it
costs."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.batchnorm.choices import MOMENT
from dashboard.state.address import choose
from dashboard.views.batchnorm.verdict import headline, scores_table, verdict_text
from dashboard.views.charts.batch_norm import Moment, gaps_by_layer
from dashboard.widgets.drawing import draw
from dashboard.widgets.numbers import numbers
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from engine.analyses.inspection import (
    BatchNormInspection,
)


def verdict(inspection: BatchNormInspection) -> None:
    """Numbers, words, then every channel's gap as a dot."""
    numbers(headline(inspection), width=190)
    st.markdown(verdict_text(inspection))
    st.subheader(_("Running statistics against the exact population"))
    words: dict[Moment, str] = {"mean": _("Mean"), "var": _("Variance")}
    moment = choose(
        st.segmented_control,
        _("Statistic"),
        MOMENT,
        words,
        required=True,
        label_visibility="collapsed",
    )
    draw(
        gaps_by_layer(inspection, moment, dark=is_dark()),
        key="bn_gaps",
        alt=_("Gap between running and population statistic of every channel, one row per layer"),
    )
    text = _(
        "One dot per channel, over all {samples} training samples; the bar is the layer's median."
    )
    st.caption(text.format(samples=integer(inspection.samples)))


def scores(inspection: BatchNormInspection) -> None:
    """Loss and accuracy with each kind of statistics, on the same weights and samples."""
    st.subheader(_("What normalizes, and what it costs"))
    table = scores_table(inspection)
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            _("Training loss"): st.column_config.NumberColumn(format="%.4f"),
            _("Training accuracy"): st.column_config.NumberColumn(format="%.1f%%"),
            _("Validation loss"): st.column_config.NumberColumn(format="%.4f"),
            _("Validation accuracy"): st.column_config.NumberColumn(format="%.1f%%"),
        },
        alt=_("Loss and accuracy with each kind of statistics"),
    )
