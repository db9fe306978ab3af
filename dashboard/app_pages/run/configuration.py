"""What a run is made of: every hyperparameter, changed ones first, the stack, the whole as JSON."""

from __future__ import annotations

import streamlit as st

from dashboard.reads import store as data
from dashboard.views.run.configuration import data_text, stack_table, whole_configuration
from dashboard.words.i18n import _, integer, ngettext
from dashboard.words.sentences import error_text
from dashboard.words.text import prose
from db.records import Run
from engine.architecture import describe
from engine.config import RunConfig
from engine.errors import LayerlabError


def configuration(run: Run) -> None:
    """The hyperparameters and the stack as tables; the JSON whole, ready to copy."""
    tables, whole = st.columns([3, 2], gap="large")
    with tables:
        st.subheader(_("Hyperparameters"))
        _hyperparameters(run.config)
        st.subheader(_("Stack"))
        _stack(run)
    with whole:
        st.subheader(_("As JSON"))
        st.code(run.config.to_json(indent=2), language=None, height=620)
        if kept := data.trained_on(run.id):
            st.subheader(_("Data"))
            st.markdown(data_text(kept))


def _hyperparameters(config: RunConfig) -> None:
    table, changed = whole_configuration(config)
    if changed:
        text = ngettext(
            "{n} value is not that of the default run; it stands first.",
            "{n} values are not those of the default run; they stand first.",
            changed,
        )
        st.caption(text.format(n=integer(changed)))
    else:
        st.caption(_("Nothing is changed: this is the default run."))
    bold = ["font-weight: 600" if i < changed else "" for i in range(len(table))]
    st.dataframe(
        table.style.apply(lambda _column: bold),
        hide_index=True,
        height=420,
        alt=_("Every hyperparameter, those first that differ from the default run"),
    )


def _stack(run: Run) -> None:
    try:
        layers = describe(run.config, data.info_of_run(run)).layers
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
