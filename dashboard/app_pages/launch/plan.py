"""What a configuration will build, beside the fields that decide it."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from dashboard.app_pages.launch.held import Held
from dashboard.reads.draft import Draft
from dashboard.views.charts.network import network_drawing
from dashboard.views.launch.plan import data_line, network_in_words
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from engine.architecture import LayerInfo, layer_names
from engine.datasets import DatasetInfo
from engine.layers import AnyLayer
from engine.spec import member


@dataclass(frozen=True)
class _Network:
    """Layers that fit one another, and the data that they fit."""

    info: DatasetInfo
    layers: tuple[LayerInfo, ...]
    broken: str = ""  # the name of the layer that does not fit behind them


def drawn_network(held: Held) -> None:
    """The layers as far as they fit, each with the shape of its outputs and its parameters; while a
    field is wrong, the last valid ones."""
    network, key = _network(held), held.form.name(("network",))
    if network is not None and not network.broken:
        st.session_state[key] = network
    shown: _Network | None = network or st.session_state.get(key)
    if shown is None:
        st.caption(_("The layers appear once every field is valid."))
        return
    draw(
        network_drawing(shown.info.sample_shape, shown.layers, broken=shown.broken, dark=is_dark()),
        alt=network_in_words(shown.info.sample_shape, shown.layers),
        key="network",
    )
    if network is None:
        st.caption(_("This is the last valid network: a field is wrong now."))
    st.caption(data_line(shown.info))


def _network(held: Held) -> _Network | None:
    draft, broken = held.draft, _broken(held.draft)
    if held.info is None or not (draft.architecture or broken):
        return None
    return _Network(held.info, draft.fitting, broken)


def _broken(draft: Draft) -> str:
    """The name of the layer that does not fit those before it."""
    if draft.architecture or len(draft.problems) != 1 or len(draft.problems[0].path) != 2:
        return ""
    first, place = draft.problems[0].path
    if first != "layers" or place != len(draft.fitting):
        return ""
    kinds = [member(AnyLayer, layer["kind"]) for layer in draft.data["layers"]]
    return layer_names([kind.model_construct() for kind in kinds])[int(place)]  # type: ignore[misc]
