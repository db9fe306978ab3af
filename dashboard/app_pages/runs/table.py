"""How each column of the list of runs is drawn."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import streamlit as st

from dashboard.reads.differences import Difference
from dashboard.views.palette import status_tints
from dashboard.views.runs.columns import USUAL, is_number
from dashboard.views.runs.table import asked_of, column_key, state_text
from dashboard.views.status import status_name
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _
from dashboard.words.parameters import title
from db.records import Run, Status

OPENED = "runs_opened"
"""The key under which the session holds a click on a name."""


def first_columns() -> dict[str, Any]:
    """How the columns are drawn with which every list begins, of runs or of sweeps."""
    column = st.column_config
    return {
        "id": column.NumberColumn("#", format="%d", width=50, pinned=True),
        "name": column.TextColumn(_("Name"), width=150),
        "status": _status((status_name(status), status) for status in Status),
        "progress": column.ProgressColumn(
            _("Progress"), format="percent", min_value=0, max_value=1, width=110
        ),
    }


def _status(said: Iterable[tuple[str, Status]]) -> Any:
    """A column of what is said of states, each in the colour of its state."""
    tints = dict(zip(Status, status_tints(dark=is_dark()), strict=True))
    words = dict(said)
    return st.column_config.MultiselectColumn(
        _("Status"),
        options=list(words),
        color=[tints[status] for status in words.values()],
        width=125,
    )


def column_config(
    runs: Sequence[Run], found: Sequence[Difference], columns: Sequence[str] = USUAL
) -> dict[str, Any]:
    """How each column is drawn; a click on a name opens its run."""
    column = st.column_config
    return {
        "id": column.NumberColumn("#", format="%d", width=50, pinned=True),
        "name": column.ButtonColumn(
            _("Name"), width=170, type="tertiary", alignment="left", key=OPENED
        ),
        "status": _status((state_text(run), run.status) for run in runs),
        "losses": column.LineChartColumn(
            _("Loss"), width=120, help=_("Training loss of each epoch")
        ),
        "val_accuracy": column.NumberColumn(
            _("Val. acc."), help=_("Validation accuracy, the last one"), format="%.1f%%", width=80
        ),
        "best_val_accuracy": column.NumberColumn(
            _("Best"), help=_("Validation accuracy, the best one"), format="%.1f%%", width=80
        ),
        "val_loss": column.NumberColumn(
            _("Val. loss"), help=_("Validation loss, the last one"), format="%.4g", width=85
        ),
        "best_val_loss": column.NumberColumn(
            _("Best loss"), help=_("Validation loss at the best"), format="%.4g", width=85
        ),
        "accuracy": column.NumberColumn(
            _("Train acc."), help=_("Training accuracy"), format="%.1f%%", width=80
        ),
        "loss": column.NumberColumn(
            _("Final loss"), help=_("Training loss of the last epoch"), format="%.4g", width=85
        ),
        "tags": column.ListColumn(_("Tags"), width=120),
        "owner": column.TextColumn(_("Owner"), width=90),
        "created": column.TextColumn(_("Created"), width=150),
        "duration": column.TextColumn(_("Duration"), width=90),
        "parameters": column.NumberColumn(_("Parameters"), format="localized", width=95),
        "step": column.NumberColumn(_("Step"), format="localized", width=80),
        "sweep": column.NumberColumn(_("Sweep"), format="%d", width=70),
        **{d.path: _differing(d, found) for d in found},
        **{column_key(name): _asked(name) for name in asked_of(columns)},
    }


def _asked(name: str) -> Any:
    """A hyperparameter's column, by its last word."""
    whole = title(name)
    label = whole.split(" · ")[-1]
    if is_number(name):
        return st.column_config.NumberColumn(label, help=f"{whole} ({name})", format="%g")
    return st.column_config.Column(label, help=f"{whole} ({name})")


def _differing(difference: Difference, found: Sequence[Difference]) -> Any:
    """A hyperparameter's column: by its last word alone where no other column has the same."""
    whole = title(difference.path)
    words = [title(other.path).split(" · ")[-1] for other in found]
    short = whole.split(" · ")[-1]
    label = short if words.count(short) == 1 else whole
    return st.column_config.TextColumn(label, help=whole)
