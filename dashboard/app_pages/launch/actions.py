"""What fills the form otherwise than by hand: arms of lessons, conventions, JSON, starting over."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.launch.all_as_json import whole_as_json
from dashboard.app_pages.launch.edits import ACTIONS
from dashboard.app_pages.launch.held import hold
from dashboard.reads.draft import Draft
from dashboard.state.address import get
from dashboard.state.form_start import Start, fill, name_of, start_over
from dashboard.widgets.gallery import choose_lesson
from dashboard.words.i18n import _
from dashboard.words.traditions import TRADITION_NAMES
from engine.conventions import Tradition, config_in_tradition


@st.fragment(key=ACTIONS)
def fill_actions(start: Start) -> None:
    """The buttons at the head of the page, which act on what the form holds now."""
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        _fill_actions(hold(start).draft, get(name_of(start)))


def _fill_actions(draft: Draft, name: str) -> None:
    if st.button(
        _("Lessons"),
        icon=":material/school:",
        help=_("Questions with the runs that answer them: open one, or fill the form from a run."),
        key="lessons",
    ):
        choose_lesson()
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
    st.button(_("Start over"), icon=":material/restart_alt:", type="tertiary", on_click=_start_over)


def _start_over() -> None:
    start_over()
    st.rerun()
