"""What differs between runs, and what came of it, as two tables."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from dashboard.compare.lines import run_lines, run_name
from dashboard.differences import differences
from dashboard.i18n import _, number, percent
from dashboard.palette import is_dark
from dashboard.parameters import title, value_text
from dashboard.status import status_name
from db.records import Run, Scores

STROKES: dict[tuple[int, ...], str] = {(1, 0): "━━━", (6, 3): "━ ━", (2, 2): "╍╍╍"}
"""A dash as text, for tables."""


def what_differs(runs: Sequence[Run]) -> None:
    """The scores of each run in its own colour; beneath them only the parameters that differ."""
    _scores(runs)
    found = differences([run.config for run in runs])
    if not found:
        st.caption(_("These runs have the same configuration."))
        return
    names = [run_name(run) for run in runs]
    rows = [[title(d.path), *(value_text(d.path, value) for value in d.values)] for d in found]
    st.dataframe(
        pd.DataFrame(rows, columns=[_("What differs"), *names]),
        hide_index=True,
        column_config={_("What differs"): st.column_config.TextColumn(pinned=True)},
        alt=_("Hyperparameters in which these runs differ"),
    )


def _scores(runs: Sequence[Run]) -> None:
    lines = run_lines(runs, dark=is_dark())
    columns = {
        "line": "",
        "run": _("Run"),
        "status": _("Status"),
        "val_accuracy": _("Validation accuracy"),
        "best": _("Best validation"),
        "val_loss": _("Validation loss"),
        "accuracy": _("Training accuracy"),
        "loss": _("Training loss"),
    }
    table = pd.DataFrame([_row(run) for run in runs], columns=list(columns))
    colors = [f"color: {lines[run.id].color}; font-weight: 600" for run in runs]
    styled = table.style.apply(lambda _column: colors, subset=["line", "run"])
    st.dataframe(
        styled,
        hide_index=True,
        column_config={
            name: st.column_config.TextColumn(
                label,
                width=52 if name == "line" else None,
                alignment="left" if name in ("line", "run", "status") else "right",
            )
            for name, label in columns.items()
        },
        alt=_("Scores of the compared runs"),
    )


def _best(best: Scores | None) -> str:
    """The best validation accuracy, or loss where there is no accuracy."""
    if best is None or best.val_accuracy is not None:
        return percent(best.val_accuracy if best else None)
    return _("loss {loss}").format(loss=number(best.val_loss))


def _row(run: Run) -> tuple[str, ...]:
    last, best = run.last, run.best
    line = run_lines([run], dark=False)[run.id]
    return (
        STROKES[tuple(line.dash)],
        run_name(run),
        status_name(run.status),
        percent(last.val_accuracy if last else None),
        _best(best),
        number(last.val_loss if last else None),
        percent(last.accuracy if last else None),
        number(last.loss if last else None),
    )
