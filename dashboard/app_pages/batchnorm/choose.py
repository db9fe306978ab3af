"""Which BN layer: by the address, or by a choice."""

from __future__ import annotations

import streamlit as st

from dashboard.state.links import asked_ids
from dashboard.views.batchnorm.verdict import worst
from dashboard.words.i18n import _
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm


def choose_layer(inspection: BatchNormInspection) -> InspectedBatchNorm:
    """The layer that `?layer=` names, else the one that is furthest off."""
    by_index = {layer.layer: layer for layer in inspection.layers}
    furthest = worst(inspection)[0].layer
    asked = next((i for i in asked_ids("layer") if i in by_index), furthest)
    st.session_state["layer"] = asked
    st.pills(
        _("Layer"),
        list(by_index),
        format_func=lambda i: by_index[i].name,
        required=True,
        key="layer",
        on_change=_to_address,
    )
    return by_index[asked]


def _to_address() -> None:
    st.query_params["layer"] = str(st.session_state["layer"])
