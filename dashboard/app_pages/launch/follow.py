"""What follows from the choice of data: a loss that fits its targets, enough outputs."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.launch.form import Form
from dashboard.app_pages.launch.layers import end_in, layer_values
from dashboard.words.i18n import _
from engine.datasets import DatasetInfo
from engine.losses import MeanSquaredError, SoftmaxCrossEntropy


def follow_data(form: Form, info: DatasetInfo | None) -> None:
    """Where other data was chosen than a moment ago, change what would no longer fit it.

    Only a change does so: a form that begins with labels and a squared error means it.
    """
    if info is None:
        return
    key = form.name(("targets",))
    before = st.session_state.get(key)
    st.session_state[key] = (info.classes is None, info.outputs)
    if before is None or before == st.session_state[key]:
        return
    if before[0] != (info.classes is None):
        loss = MeanSquaredError if info.classes is None else SoftmaxCrossEntropy
        st.session_state[form.name(("loss", "kind"))] = loss.kind_name()
        st.session_state[_changed(form)] = loss
    layers = layer_values(form)
    if layers and layers[-1]["kind"] == "dense":
        end_in(form, info.outputs)


def follow_file(form: Form) -> None:
    """Where another file is named, it is one of the data directory: what the form began with may
    have come from data that is kept, which is found by its content alone."""
    for kind, name in (("csv", "file"), ("npz", "file"), ("idx", "folder")):
        part = form.part(kind)
        file, content = (part.name(("dataset", field)) for field in (name, "content"))
        seen = part.name(("dataset", "file_before"))
        now = st.session_state.get(file)
        before, st.session_state[seen] = st.session_state.get(seen), now
        if before is not None and now != before:
            st.session_state[content] = ""


def tell_what_followed(form: Form) -> None:
    """Say once which loss was chosen for the reader."""
    loss = st.session_state.pop(_changed(form), None)
    if loss is not None:
        st.toast(
            _("The loss is now {loss}, which fits this data.").format(loss=_(loss.title())),
            icon=":material/sync_alt:",
        )


def _changed(form: Form) -> str:
    return form.name(("loss_changed",))
