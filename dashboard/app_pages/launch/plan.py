"""What a configuration will build and how long it trains, beside the fields that decide it."""

from __future__ import annotations

import streamlit as st

from dashboard.reads.draft import Draft
from dashboard.views.charts.network import network_drawing
from dashboard.views.launch.plan import network_in_words
from dashboard.widgets.drawing import draw
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, integer
from engine.architecture import layer_names
from engine.datasets import DatasetInfo
from engine.layers import AnyLayer
from engine.spec import member


def drawn_network(draft: Draft, info: DatasetInfo | None) -> None:
    """The layers as far as they fit, each with the shape of its outputs and its parameters."""
    if info is None or not (draft.fitting or draft.architecture or _broken(draft)):
        st.caption(_("The layers stand here as soon as every field is right."))
        return
    draw(
        network_drawing(info.sample_shape, draft.fitting, broken=_broken(draft), dark=is_dark()),
        alt=network_in_words(info.sample_shape, draft.fitting),
        key="network",
    )
    if info.classes is None:
        text = _("Data: {train} training and {validation} validation samples, {n} target(s).")
    else:
        text = _("Data: {train} training and {validation} validation samples, {n} classes.")
    st.caption(
        text.format(
            train=integer(info.train_samples),
            validation=integer(info.validation_samples),
            n=info.outputs,
        )
    )


def _broken(draft: Draft) -> str:
    """The name of the layer that does not fit those before it."""
    if draft.architecture or len(draft.problems) != 1 or len(draft.problems[0].path) != 2:
        return ""
    first, place = draft.problems[0].path
    if first != "layers" or place != len(draft.fitting):
        return ""
    kinds = [member(AnyLayer, layer["kind"]) for layer in draft.data["layers"]]
    return layer_names([kind.model_construct() for kind in kinds])[int(place)]  # type: ignore[misc]
