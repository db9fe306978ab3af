"""Which BN layer: by the address, or by a choice."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.batchnorm.choices import LAYER
from dashboard.state.address import choose
from dashboard.views.batchnorm.verdict import worst
from dashboard.words.i18n import _
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm


def choose_layer(inspection: BatchNormInspection) -> InspectedBatchNorm:
    """The layer that `?layer=` names, else the one that is furthest off."""
    by_index = {layer.layer: layer for layer in inspection.layers}
    furthest = worst(inspection)[0].layer
    chosen = choose(
        st.pills,
        _("Layer"),
        LAYER.among(tuple(by_index), furthest),
        {i: layer.name for i, layer in by_index.items()},
        required=True,
    )
    return by_index[chosen]
