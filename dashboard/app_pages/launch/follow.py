"""What follows from the choice of data: a loss that fits its targets, enough outputs."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.launch.fields import Form
from dashboard.app_pages.launch.layers import end_in, layer_values
from dashboard.reads.draft import Inform, Values, info_of
from dashboard.words.i18n import _
from engine.losses import MeanSquaredError, SoftmaxCrossEntropy


def follow_data(form: Form, dataset: Values, inform: Inform) -> None:
    """Where other data was chosen than a moment ago, change what would no longer fit it.

    Only a change does so: a form that begins with labels and a squared error means it.
    """
    info = info_of(dataset, inform)
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
        st.toast(
            _("The loss is now {loss}, which fits this data.").format(loss=_(loss.title())),
            icon=":material/sync_alt:",
        )
    layers = layer_values(form)
    if layers and layers[-1]["kind"] == "dense":
        end_in(form, info.outputs)
