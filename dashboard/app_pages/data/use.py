"""From data to the launch form, filled with layers and a loss that fit it."""

from __future__ import annotations

import streamlit as st

from dashboard.state.config_link import LONGEST, encode
from dashboard.widgets.links import go
from dashboard.words.i18n import _
from engine.datasets import AnyDataset, DatasetInfo
from engine.fitting import config_for


def launch_button(dataset: AnyDataset, info: DatasetInfo) -> None:
    """One click to a run that can be launched at once."""
    word = encode(config_for(dataset, info))
    if len(word) > LONGEST:
        st.caption(_("Too many columns are named for a link: leave out fewer of them."))
        return
    wanted = st.button(
        _("Launch a run with it"),
        icon=":material/rocket_launch:",
        type="primary",
        key="data_launch",
    )
    if wanted:
        go("launch", config=word)
