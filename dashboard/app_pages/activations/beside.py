"""Untrained networks side by side: what reaches their layers, and whether they can learn."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.app_pages.activations.choices import Choices, Network
from dashboard.app_pages.activations.show import explain_histograms, histograms, train_this
from dashboard.views.activations.verdict import bounds, verdict
from dashboard.widgets.panels import side_by_side
from dashboard.words.i18n import _
from dashboard.words.text import plain
from engine.analyses.signals import LayerSignals

HEIGHT = 170


def beside(signals: Sequence[Sequence[LayerSignals]], chosen: Choices) -> None:
    """A panel for each network, in the order of the activations, then of the initializations."""
    grid = side_by_side(len(signals))
    for i, (found, network) in enumerate(zip(signals, chosen.networks, strict=True)):
        with grid.cell():
            _panel(i, found, network, chosen.show)
    explain_histograms()
    st.caption(bounds())


def _panel(i: int, signals: Sequence[LayerSignals], network: Network, show: str) -> None:
    healthy, sentences = verdict(signals, network.config)
    icon = ":green[:material/check_circle:]" if healthy else ":orange[:material/warning:]"
    st.markdown(f"{icon} **{plain(network.label)}**")
    histograms(signals, network, show, key=f"signals_{i}", height=HEIGHT)
    if not healthy:
        with st.expander(_("What is wrong ({n})").format(n=len(sentences))):
            st.markdown("\n\n".join(sentences))
    train_this(network)
