"""Which statistic of the layers is shown, and on which kind of axis."""

from __future__ import annotations

import streamlit as st

from dashboard.state.address import bound, choose, get
from dashboard.state.choices import Flag, OneOf
from dashboard.views.charts.layers import INFO
from dashboard.words.i18n import _
from dashboard.words.text import prose
from engine.layer_statistics import Statistic

STATISTIC = OneOf("stat", "activation_std", ("statlog",), tuple(INFO))
LOG = Flag("statlog", usual=False)


def choose_statistic(usual: str = STATISTIC.usual) -> Statistic:
    """A statistic, with what it means underneath."""
    name = choose(
        st.pills,
        _("Statistic"),
        STATISTIC.usually(usual),
        {name: _(info.label) for name, info in INFO.items()},
        required=True,
        label_visibility="collapsed",
    )
    st.caption(prose(_(INFO[name].description)))
    return INFO[name]


def choose_log(info: Statistic, usual: bool) -> bool:
    """Whether the axis is logarithmic, which shares never are."""
    if info.share:
        return False
    log = LOG.usually(usual)
    st.toggle(_("Logarithmic"), **bound(log))
    return get(log)
