"""Batch Normalization of several runs, each at its newest checkpoint."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.app_pages.compare.choices import CHANNELS
from dashboard.app_pages.compare.curves import partly_read
from dashboard.reads.compared import inspections_of
from dashboard.state.address import choose
from dashboard.views.compare.arms import Arm, first_of_each
from dashboard.views.compare.batch_norm import QUANTITIES, Channels, channels_chart, scores_by_mode
from dashboard.widgets.drawing import draw
from dashboard.widgets.shell import guarded
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from engine.analyses.inspection import InspectedBatchNorm

READ = 20
"""Runs that are inspected: each passes all its training samples through its network once."""


def batch_norm(arms: Sequence[Arm]) -> None:
    """Choose a quantity; the arms that normalize stand row by row, layers of one name together."""
    with guarded():
        drawn, some = first_of_each(arms, READ)
        runs = [run for arm in drawn for run in arm.runs]
        with st.spinner(_("Passing every training sample through the networks…"), show_time=True):
            inspections = inspections_of(runs)
        if not inspections:
            st.caption(_("None of these runs has Batch Normalization and a checkpoint yet."))
            return
        label, log, read = _choose_quantity()
        draw(
            channels_chart(drawn, inspections, label, log=log, read=read, dark=is_dark()),
            key="compared_bn",
            alt=_("{quantity} by layer and run").format(quantity=_(label)),
        )
        st.caption(
            _(
                "Over a layer's channels: the dot is the median, the bar the middle 80 %, the line"
                " all."
            )
        )
        title, table = scores_by_mode([run for run in runs if run.id in inspections], inspections)
        st.markdown(f"**{title}**")
        st.dataframe(table, hide_index=True, alt=title)
        if some:
            partly_read(arms, drawn)


def _choose_quantity() -> tuple[str, bool, Callable[[InspectedBatchNorm], Channels]]:
    name = choose(
        st.pills,
        _("Quantity"),
        CHANNELS,
        {name: _(label) for name, (label, *_rest) in QUANTITIES.items()},
        required=True,
        label_visibility="collapsed",
    )
    return QUANTITIES[name]
