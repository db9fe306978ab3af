"""Which columns the list of runs has: the reader's choice, kept in the address."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.state.kept import keep, restore_many
from dashboard.words.i18n import _, msg
from dashboard.words.parameters import title
from db.models import ParamRow
from db.query.names import Kind, names
from db.records import Run

DIFFERING = "differing"
"""Stands for a column a hyperparameter in which the runs of the page differ."""

SCORES = "scores"
"""Stands for accuracies, or validation losses where there are none."""

BASE = {
    "status": msg("Status"),
    "progress": msg("Progress"),
    "losses": msg("Loss curve"),
    SCORES: msg("Validation scores"),
    "accuracy": msg("Training accuracy"),
    "loss": msg("Training loss"),
    "best_val_loss": msg("Validation loss at the best"),
    DIFFERING: msg("Whatever differs"),
    "tags": msg("Tags"),
    "owner": msg("Owner"),
    "created": msg("Created"),
    "duration": msg("Duration"),
    "parameters": msg("Number of parameters"),
    "step": msg("Step"),
    "sweep": msg("Sweep"),
}
USUAL = (
    "status", "progress", "losses", SCORES, "loss", DIFFERING, "owner", "created", "duration",
)  # fmt: skip

KEY = "runs_columns"


def hyperparameters() -> list[str]:
    """Every hyperparameter that a run has once, by its name in queries."""
    table = ParamRow.__table__
    return [n.name for n in names().values() if n.table is table and not n.listed]


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


def column_name(name: str) -> str:
    """What a column is called: a hyperparameter by the name that queries use, too."""
    if name in BASE:
        return _(BASE[name])
    return f"{title(name)} ({name})"


def value_of(run: Run, name: str) -> str | float | bool | None:
    """A hyperparameter of a run, None where it has none of that name."""
    found: object = run.config
    for part in name.split("."):
        found = getattr(found, part, None)
    return found if isinstance(found, str | int | float | bool) else None


def is_number(name: str) -> bool:
    return names()[name].kind is Kind.NUMBER


def _usual() -> None:
    st.session_state[KEY] = list(USUAL)
