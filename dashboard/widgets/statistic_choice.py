"""Which statistic of the layers is shown, and on which kind of axis."""

from __future__ import annotations

import streamlit as st

from dashboard.state.kept import keep, restore_flag
from dashboard.views.charts.layers import INFO
from dashboard.words.i18n import _
from dashboard.words.text import prose
from engine.records import StatisticInfo


def choose_statistic(key: str) -> StatisticInfo:
    """A statistic, with what it means underneath."""
    name = st.pills(
        _("Statistic"),
        list(INFO),
        format_func=lambda name: _(INFO[name].label),
        required=True,
        key=key,
        label_visibility="collapsed",
    )
    info = INFO[name or "activation_std"]
    st.caption(prose(_(info.description)))
    return info


def choose_log(info: StatisticInfo, usual: bool) -> bool:
    """Whether the axis is logarithmic, which shares never are."""
    if info.share:
        keep("statlog", None, None)
        return False
    restore_flag("statlog", f"log_{info.name}", usual)
    log = st.toggle(_("Logarithmic"), key=f"log_{info.name}")
    keep("statlog", log, usual)
    return log
