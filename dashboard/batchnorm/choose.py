"""Which checkpoint and which BN layer: by the address, by a slider, by a choice."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.batchnorm.verdict import worst
from dashboard.i18n import _, integer
from dashboard.links import asked_ids
from db.records import CheckpointInfo
from engine.analyses.inspection import BatchNormInspection, InspectedBatchNorm


def choose_checkpoint(kept: Sequence[CheckpointInfo]) -> CheckpointInfo:
    """The checkpoint that `?checkpoint=` names, else the newest; a slider goes through them."""
    by_id = {info.id: info for info in kept}
    asked = next((i for i in asked_ids("checkpoint") if i in by_id), kept[-1].id)
    if len(kept) == 1:
        st.caption(_("Checkpoint: {place}").format(place=_place(kept[0])))
        return kept[0]
    st.session_state["checkpoint"] = asked
    st.select_slider(
        _("Checkpoint"),
        list(by_id),
        format_func=lambda i: _place(by_id[i]),
        key="checkpoint",
        on_change=_to_address,
        args=("checkpoint",),
        help=_("A checkpoint is kept at the end of epochs; the longer the run, the sparser."),
    )
    return by_id[asked]


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
        args=("layer",),
    )
    return by_index[asked]


def _to_address(name: str) -> None:
    st.query_params[name] = str(st.session_state[name])


def _place(info: CheckpointInfo) -> str:
    text = _("epoch {epoch}, step {step}")
    return text.format(epoch=integer(info.epoch), step=integer(info.step))
