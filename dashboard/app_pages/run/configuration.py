"""What a run is made of: what differs from the default run, the stack, the whole configuration."""

from __future__ import annotations

import streamlit as st

from dashboard.views.run.configuration import differing_from_default, stack_table
from dashboard.words.i18n import _, integer
from dashboard.words.sentences import error_text
from dashboard.words.text import prose
from db.records import Run
from engine.architecture import describe
from engine.config import RunConfig
from engine.errors import LayerlabError


def configuration(run: Run) -> None:
    """The differences and the stack as tables; the JSON whole, ready to copy."""
    tables, whole = st.columns([3, 2], gap="large")
    with tables:
        st.subheader(_("Differs from the default run"))
        _differences(run.config)
        st.subheader(_("Stack"))
        _stack(run.config)
    with whole:
        st.subheader(_("As JSON"))
        st.code(run.config.to_json(indent=2), language=None, height=620)


def _differences(config: RunConfig) -> None:
    table = differing_from_default(config)
    if table.empty:
        st.caption(_("Nothing: this is the default run."))
        return
    st.dataframe(table, hide_index=True, alt=_("Hyperparameters that differ from the default run"))


def _stack(config: RunConfig) -> None:
    try:
        layers = describe(config).layers
    except LayerlabError as error:
        st.caption(prose(error_text(error)))
        return
    st.dataframe(
        stack_table(layers),
        hide_index=True,
        column_config={_("Parameters"): st.column_config.NumberColumn(format="localized")},
        alt=_("The layers of the stack"),
    )
    total = sum(layer.parameters for layer in layers)
    st.caption(_("{n} parameters").format(n=integer(total)))
