"""Runs as a CSV file: what they are, what they came to, every hyperparameter."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

import streamlit as st

from dashboard.data import get_store
from dashboard.i18n import _
from db.records import Run, Scores

SCORES = ("step", "epoch", "loss", "accuracy", "val_loss", "val_accuracy")

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export_button(runs: Sequence[Run]) -> None:
    """A download of the runs selected, made when it is asked for."""
    ids = [run.id for run in runs]
    st.download_button(
        "CSV",
        data=lambda: runs_csv(list(get_store().runs.get_many(ids).values())),
        file_name="runs.csv",
        mime="text/csv",
        icon=":material/download:",
        help=_("The runs selected, with every hyperparameter and their scores"),
        disabled=not runs,
        on_click="ignore",
        key="runs_csv",
    )


def runs_csv(runs: Sequence[Run]) -> bytes:
    """A row a run, a column a fact; in UTF-8 with the mark by which spreadsheets know it."""
    rows = [_facts(run) | dict(run.config.flat()) for run in runs]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="")
    writer.writeheader()
    writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    return text.getvalue().encode("utf-8-sig")


def _facts(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "uid": run.uid,
        "name": run.name,
        "owner": run.owner,
        "status": run.status.value,
        "tags": " ".join(run.tags),
        "created": run.created_at.isoformat(),
        "seconds": run.seconds,
        "parameters": run.parameters,
        "step": run.step,
        "steps": run.steps,
        "diverged_step": run.diverged_step,
        **_scores("last", run.last),
        **_scores("best", run.best),
    }


def _scores(which: str, scores: Scores | None) -> dict[str, Any]:
    return {f"{which}.{name}": getattr(scores, name, None) for name in SCORES}


def _cell(value: Any) -> Any:
    """What people typed must not be run as a formula by a spreadsheet."""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
