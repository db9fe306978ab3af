"""The columns of a table: which is to be predicted, which are no features, what each holds."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from dashboard.app_pages.data.shown import column_names, left_out_of, targets_of
from dashboard.state.address import bound, get
from dashboard.views.data.tables import columns_table
from dashboard.widgets.rows import rows
from dashboard.words.fields import help_text
from dashboard.words.i18n import _, integer
from engine.datasets import CSV
from engine.datasets.tables.summary import TableSummary

MOST = 60
"""Columns that the list shows."""

_CELLS = 40  # columns of the first rows


def choose_columns(table: TableSummary) -> None:
    """What is to be predicted is asked for where it is not plain; what is left out is proposed."""
    names = column_names(table)
    fields = CSV.model_fields
    targets, left_out = targets_of(table), left_out_of(table)
    with st.container(horizontal=True, key="data_columns"):
        st.multiselect(
            _("To be predicted"),
            names,
            placeholder=_("Choose a column"),
            help=help_text(fields["target"]),
            width=290,
            **bound(targets),
        )
        st.multiselect(
            _("Left out"),
            names,
            placeholder=_("none"),
            help=help_text(fields["leave_out"]),
            width=290,
            **bound(left_out),
        )


def columns(table: TableSummary) -> None:
    """The first rows as they are read, and what each column holds."""
    st.subheader(_("Table"))
    names = column_names(table)
    frame = pd.DataFrame(
        [row[:_CELLS] for row in table.first_rows], columns=list(names[:_CELLS]), dtype=object
    )
    st.dataframe(frame, hide_index=True, key="data_first_rows", alt=_("The first rows"))
    text = _("{rows} rows of {columns} columns; the first ones are shown.")
    st.caption(text.format(rows=integer(table.rows), columns=integer(len(names))))
    rows(
        columns_table(table, get(targets_of(table)), get(left_out_of(table)), most=MOST),
        key="data_column_rows",
        alt=_("Columns with what they hold"),
        opens=lambda row: None,
        selection=None,
    )
    if len(names) > MOST:
        st.caption(_("and {n} more").format(n=integer(len(names) - MOST)))
