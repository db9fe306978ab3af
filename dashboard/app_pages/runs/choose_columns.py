"""Which columns the list of runs has: the reader's choice."""

from __future__ import annotations

import streamlit as st

from dashboard.app_pages.runs.choices import COLUMNS, every_column
from dashboard.state.address import choose, get, put
from dashboard.views.runs.columns import USUAL, column_name
from dashboard.words.i18n import _


def choose_columns() -> list[str]:
    """The columns beside number and name, in the order they were chosen."""
    choice = COLUMNS.among(every_column())
    with st.popover(
        _("Columns"), icon=":material/view_column:", key="runs_columns_open", on_change="rerun"
    ) as popover:
        if popover.open:  # else its many names would be sent with every run
            choose(
                st.multiselect,
                _("Columns"),
                choice,
                {name: column_name(name) for name in choice.allowed},
                width=520,
                help=_("“Whatever differs” adds a column for each setting that is not the same."),
            )
            st.button(_("The usual columns"), on_click=_usual, type="tertiary")
    chosen = get(choice)
    return list(chosen)


def _usual() -> None:
    put({COLUMNS: USUAL})
