"""Which columns the list of runs has: the reader's choice, kept in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state.kept import keep, restore_many
from dashboard.views.runs.columns import BASE, USUAL, column_name, hyperparameters
from dashboard.words.i18n import _

KEY = "runs_columns"


def choose_columns() -> list[str]:
    """The columns beside number and name, in the order they were chosen."""
    options = [*BASE, *hyperparameters()]
    restore_many("cols", KEY, options, USUAL)
    chosen: Sequence[str] = st.session_state[KEY]
    with st.popover(
        _("Columns"), icon=":material/view_column:", key="runs_columns_open", on_change="rerun"
    ) as popover:
        if popover.open:  # else its many names would be sent with every run
            chosen = st.multiselect(
                _("Columns"),
                options,
                format_func=column_name,
                key=KEY,
                width=520,
                help=_("“Whatever differs” adds a column for each setting that is not the same."),
                persist_state="session",
            )
            st.button(_("The usual columns"), on_click=_usual, type="tertiary")
    keep("cols", list(chosen), list(USUAL))
    return list(chosen)


def _usual() -> None:
    st.session_state[KEY] = list(USUAL)
