"""Which columns a list of runs can have, and what they are called."""

from __future__ import annotations

from typing import Literal

from dashboard.words.i18n import _, msg
from dashboard.words.parameters import title
from db.models import ParamRow
from db.query.names import Kind, names
from db.records import Run

DIFFERING = "differing"
"""Stands for one column per hyperparameter in which the runs of the page differ."""


SCORES = "scores"
"""Stands for accuracies, or validation losses where there are none."""


BASE = {
    "status": msg("Status"),
    "losses": msg("Loss curve"),
    SCORES: msg("Validation scores"),
    "train_accuracy": msg("Training accuracy"),
    "train_loss": msg("Training loss"),
    "gap": msg("Generalization gap"),
    "loss_gap": msg("Generalization gap in loss"),
    "mean_loss": msg("Mean loss over training"),
    "accuracy": msg("Accuracy of the batches"),
    "loss": msg("Loss of the batches"),
    "best_val_loss": msg("Validation loss at the best"),
    "val_r2": msg("R² on validation"),
    "best_val_r2": msg("R² on validation at the best"),
    "train_r2": msg("R² on training samples"),
    "baseline_loss": msg("Validation loss of predicting the mean"),
    DIFFERING: msg("Whatever differs"),
    "tags": msg("Tags"),
    "owner": msg("Owner"),
    "created": msg("Created"),
    "duration": msg("Duration"),
    "parameters": msg("Number of parameters"),
    "step": msg("Step"),
    "sweep": msg("Sweep"),
}


_SORTED = BASE | {
    "id": msg("Number"),
    "name": msg("Name"),
    "val_accuracy": msg("Validation accuracy"),
    "best_val_accuracy": msg("Best validation accuracy"),
    "val_loss": msg("Validation loss"),
}


USUAL = (
    DIFFERING, "status", SCORES, "losses", "train_loss", "owner", "created", "duration",
)  # fmt: skip


def hyperparameters() -> list[str]:
    """Every hyperparameter that a run has once, by its name in queries."""
    table = ParamRow.__table__
    return [n.name for n in names().values() if n.table is table and not n.listed]


def column_title(name: str) -> str:
    """What the list is sorted by, in a word."""
    return _(_SORTED[name]) if name in _SORTED else title(name)


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


def kind_of(name: str) -> Literal["number", "text"]:
    """How a column of that hyperparameter is set."""
    known = names().get(name)
    return "number" if known and known.kind is Kind.NUMBER else "text"
