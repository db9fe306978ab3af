"""What fills the form otherwise than by hand: experiments, conventions, JSON, and starting over."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.launch.all_as_json import whole_as_json
from dashboard.reads.draft import Draft
from dashboard.state.address import get
from dashboard.state.form_start import Start, fill, name_of, start_over
from dashboard.widgets.gallery import choose_experiment
from dashboard.words.experiments import TRADITION_NAMES
from dashboard.words.i18n import _
from engine.conventions import Tradition, config_in_tradition


def fill_actions(draft: Draft, start: Start) -> None:
    """The buttons at the head of the page, which act on what the form holds now."""
    name = get(name_of(start))
    if st.button(
        _("Experiments"),
        icon=":material/science:",
        help=_("Runs worth comparing, ready to launch."),
        key="experiments",
    ):
        choose_experiment()
    tradition: Tradition | None = st.menu_button(
        _("Conventions"),
        list(TRADITION_NAMES),
        format_func=lambda tradition: _(TRADITION_NAMES[tradition]),
        icon=":material/menu_book:",
        help=_(
            "Give layers and optimizer the defaults of the textbook, Keras or PyTorch: momentum and"
            " ε of Batch Normalization, its variances, the optimizer's ε and more."
        ),
        disabled=draft.config is None,
        key="conventions",
    )
    if tradition and draft.config:
        note = _("Layers and optimizer follow the conventions of {tradition}.")
        fill(
            config_in_tradition(draft.config, tradition),
            name=name,
            note=note.format(tradition=_(TRADITION_NAMES[tradition])),
        )
        st.rerun()
    if st.button(
        "JSON",
        icon=":material/data_object:",
        help=_("See, edit, download or upload the whole configuration."),
        key="whole",
    ):
        whole_as_json(draft.data, name)
    st.button(_("Start over"), icon=":material/restart_alt:", type="tertiary", on_click=start_over)
