"""The list of runs as a table: one row a run, its columns as the reader chose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from typing import Any

import pandas as pd
import streamlit as st

from dashboard.app_pages.runs.columns import DIFFERING, SCORES, USUAL, is_number, value_of
from dashboard.reads.differences import Difference, differences
from dashboard.views.palette import status_tints
from dashboard.views.status import status_name
from dashboard.widgets.theme import is_dark
from dashboard.words.i18n import _, duration, moment
from dashboard.words.parameters import title, value_text
from db.query.names import names
from db.records import Run, Status

MOST_DIFFERENCES = 12
"""More columns than this say nothing any more."""


def runs_frame(
    runs: Sequence[Run],
    losses: Mapping[int, Sequence[float]],
    found: Sequence[Difference] = (),
    columns: Sequence[str] = USUAL,
) -> pd.DataFrame:
    """One row a run."""
    asked = [name for name in columns if name in names() and name not in _OWN]
    return pd.DataFrame(
        [
            _row(run, losses.get(run.id, ()))
            | {d.path: _value(d, i) for d in found}
            | {_key(name): value_of(run, name) for name in asked}
            for i, run in enumerate(runs)
        ]
    )


def shown_differences(runs: Sequence[Run]) -> list[Difference]:
    """In what the runs of the list differ."""
    return differences([run.config for run in runs])[:MOST_DIFFERENCES]


def _key(name: str) -> str:
    """The column of a hyperparameter that was asked for, apart from one that happens to differ."""
    return f"asked {name}"


def _value(difference: Difference, i: int) -> str:
    return value_text(difference.path, difference.values[i])


def _row(run: Run, losses: Sequence[float]) -> dict[str, Any]:
    last, best = run.last, run.best
    return {
        "id": run.id,
        "name": run.name or None,
        "status": [status_name(run.status)],
        "progress": run.progress,
        "losses": _curve(losses),
        "val_accuracy": _percentage(last.val_accuracy if last else None),
        "best_val_accuracy": _percentage(best.val_accuracy if best else None),
        "val_loss": last.val_loss if last else None,
        "best_val_loss": best.val_loss if best else None,
        "accuracy": _percentage(last.accuracy if last else None),
        "loss": last.loss if last else None,
        "tags": list(run.tags),
        "owner": run.owner,
        "created": moment(run.created_at),
        "duration": elapsed(run),
        "parameters": run.parameters,
        "step": run.step,
        "sweep": run.sweep_id,
    }


_OWN = frozenset({"status", "owner", "created", "duration", "parameters", "step", "tags"})


def _curve(losses: Sequence[float]) -> list[float]:
    """What a sparkline can draw: finite values, and two at least."""
    finite = [loss for loss in losses if isfinite(loss)]
    return finite if len(finite) > 1 else []


def _percentage(share: float | None) -> float | None:
    return None if share is None else 100 * share


def elapsed(run: Run) -> str | None:
    """How long the attempt took, or has taken so far."""
    if run.started_at is None:
        return None
    end = run.ended_at or datetime.now(UTC)
    return duration((end - run.started_at).total_seconds())


def first_columns() -> dict[str, Any]:
    """How the columns are drawn with which every list begins, of runs or of sweeps."""
    column = st.column_config
    return {
        "id": column.NumberColumn("#", format="%d", width=50, pinned=True),
        "name": column.TextColumn(_("Name"), width=150),
        "status": column.MultiselectColumn(
            _("Status"),
            options=[status_name(status) for status in Status],
            color=status_tints(dark=is_dark()),
            width=105,
        ),
        "progress": column.ProgressColumn(
            _("Progress"), format="percent", min_value=0, max_value=1, width=110
        ),
    }


def column_config(found: Sequence[Difference], columns: Sequence[str] = USUAL) -> dict[str, Any]:
    """How each column is drawn."""
    column = st.column_config
    return {
        **first_columns(),
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
        **{_key(name): _asked(name) for name in columns if name in names() and name not in _OWN},
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


def column_order(
    runs: Sequence[Run], found: Sequence[Difference], columns: Sequence[str] = USUAL
) -> list[str]:
    """Number and name, then what was chosen. Of the scores, validation losses are shown where some
    run has no accuracy, accuracies where some run may have one."""
    without = [run.last is not None and run.last.val_accuracy is None for run in runs]
    accuracies = [] if runs and all(without) else ["val_accuracy", "best_val_accuracy"]
    stands_for = {
        SCORES: [*accuracies, *(["val_loss"] if any(without) else [])],
        DIFFERING: [difference.path for difference in found],
    }
    order = ["id", "name"]
    for name in columns:
        asked = _key(name) if name in names() and name not in _OWN else name
        order += stands_for.get(name, [asked])
    return order
