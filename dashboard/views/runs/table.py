"""A list of runs as a table: a row for each run, its columns as the reader chose them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite

from dashboard.reads.differences import Difference, differences
from dashboard.views.palette import STATUS_COLORS
from dashboard.views.rows import Cell, Column, Row, Table
from dashboard.views.runs.columns import DIFFERING, SCORES, USUAL, kind_of, value_of
from dashboard.views.status import status_name
from dashboard.words.i18n import _, duration, integer, moment, number, percent
from dashboard.words.parameters import title, value_text
from db.query.names import names
from db.records import Run, Scores, Status
from db.scores import LATER_SCORES

MOST_DIFFERENCES = 12
"""More columns than this say nothing any more."""

OWN = frozenset({"status", "owner", "created", "duration", "parameters", "step", "tags"})
"""Columns with a place of their own, which queries know too."""


def runs_table(
    runs: Sequence[Run],
    losses: Mapping[int, Sequence[float]],
    found: Sequence[Difference] = (),
    columns: Sequence[str] = USUAL,
) -> Table:
    """One row per run, `found` in what they differ."""
    asked = asked_of(columns)
    rows = [
        Row(
            run.id,
            run.label,
            _cells(run, losses.get(run.id, ()))
            | {d.path: value_text(d.path, d.values[i]) for d in found}
            | {column_key(name): _value_text(name, value_of(run, name)) for name in asked},
        )
        for i, run in enumerate(runs)
    ]
    return Table(_("Name"), runs_columns(runs, found, columns), rows, sorts="name")


def runs_columns(
    runs: Sequence[Run], found: Sequence[Difference], columns: Sequence[str] = USUAL
) -> dict[str, Column]:
    """The columns beside number and name, in the order chosen. Of what differs, the values that
    only some runs have stand behind all others. Of the scores, validation losses and R² are shown
    where some run has no accuracy, accuracies where some run may have one."""
    without = [run.last is not None and run.last.val_accuracy is None for run in runs]
    accuracies = [] if runs and all(without) else ["val_accuracy", "best_val_accuracy"]
    asked, own = asked_of(columns), _own_columns()
    first = [d for d in found if None not in d.values]
    shown: dict[str, Column] = {}
    for name in columns:
        if name == DIFFERING:
            shown |= {d.path: _differing(d, found) for d in first}
        elif name == SCORES:
            scores = [*accuracies, *(["val_loss", "val_r2"] if any(without) else [])]
            shown |= {score: own[score] for score in scores}
        else:
            shown |= {column_key(name): _asked(name)} if name in asked else {name: own[name]}
    if DIFFERING in columns:
        shown |= {d.path: _differing(d, found) for d in found if d not in first}
    return shown


def shown_differences(runs: Sequence[Run]) -> list[Difference]:
    """In what the runs of the list differ."""
    return differences([run.config for run in runs])[:MOST_DIFFERENCES]


def asked_of(columns: Sequence[str]) -> list[str]:
    """The hyperparameters among the columns that were asked for by their names in queries."""
    return [name for name in columns if name in names() and name not in OWN]


def column_key(name: str) -> str:
    """The column of a hyperparameter that was asked for, apart from one that happens to differ."""
    return f"asked {name}"


def sorted_by(column: str) -> str | None:
    """By what the whole list is sorted where somebody asks for a column; None where it cannot."""
    if column in _SORTS:
        return _SORTS[column]
    if column == "tags":
        return None
    name = column.removeprefix(column_key(""))
    known = names().get(name)
    return name if column in OWN or (known and not known.listed) else None


_SORTS = {
    "losses": "loss",
    **{name: name for name in ("val_accuracy", "best_val_accuracy", "val_loss", "best_val_loss")},
    **{name: name for name in ("best_val_r2", "baseline_loss")},
    **{name: name for name in ("accuracy", "loss", *LATER_SCORES)},
}


def _own_columns() -> dict[str, Column]:
    """Every column but those of hyperparameters."""
    last_accuracy = _("Validation accuracy, the last one")
    best_accuracy = _("Validation accuracy, the best one")
    last_loss = _("Validation loss, the last one")
    best_loss = _("Validation loss at the best")
    columns = {
        "status": Column(_("Status"), "state"),
        "losses": Column(_("Loss"), "curve", _("Mean loss of the batches of each epoch")),
        "val_accuracy": Column(_("Val. acc."), "number", last_accuracy),
        "best_val_accuracy": Column(_("Best"), "number", best_accuracy),
        "val_loss": Column(_("Val. loss"), "number", last_loss),
        "best_val_loss": Column(_("Best loss"), "number", best_loss),
        **_columns_of_numbers(),
        **_training_columns(),
        "tags": Column(_("Tags"), "tags"),
        "owner": Column(_("Owner")),
        "created": Column(_("Created")),
        "duration": Column(_("Duration"), "number"),
        "parameters": Column(_("Parameters"), "number"),
        "step": Column(_("Step"), "number"),
        "sweep": Column(_("Sweep"), "number"),
    }
    return {name: _sorting(name, column) for name, column in columns.items()}


def _columns_of_numbers() -> dict[str, Column]:
    """How well runs predict numbers."""
    share = _("R² on validation: the share of the targets' variance that is explained")
    said = {
        "val_r2": (_("R²"), share),
        "best_val_r2": (_("Best R²"), _("R² on validation at the best")),
        "train_r2": (_("Train R²"), _("R² on a sample of the training set")),
        "baseline_loss": (_("Mean's loss"), _("Validation loss of predicting the mean")),
    }
    return {name: Column(short, "number", whole) for name, (short, whole) in said.items()}


def _training_columns() -> dict[str, Column]:
    """What runs came to on training samples, and what that says beside validation."""
    alike = _("On a sample of the training set, in inference mode")
    batches = _("Mean over the last epoch's batches, in training mode")
    gap = _("Generalization gap: training accuracy less validation accuracy")
    loss_gap = _("Generalization gap: validation loss less training loss")
    said = {
        "train_accuracy": (_("Train acc."), alike),
        "train_loss": (_("Train loss"), alike),
        "gap": (_("Gap"), gap),
        "loss_gap": (_("Loss gap"), loss_gap),
        "mean_loss": (_("Mean loss"), _("Mean loss over training, of all epochs")),
        "accuracy": (_("Batch acc."), batches),
        "loss": (_("Batch loss"), batches),
    }
    return {name: Column(short, "number", whole) for name, (short, whole) in said.items()}


def _sorting(name: str, column: Column) -> Column:
    return Column(column.title, column.kind, column.help, sorted_by(name))


def _asked(name: str) -> Column:
    """A hyperparameter's column, by its last word."""
    whole = title(name)
    return Column(whole.split(" · ")[-1], kind_of(name), f"{whole} ({name})", sorted_by(name))


def _differing(difference: Difference, found: Sequence[Difference]) -> Column:
    """A hyperparameter's column: by its last word alone where no other column has the same."""
    whole = title(difference.path)
    words = [title(other.path).split(" · ")[-1] for other in found]
    short = whole.split(" · ")[-1]
    label = short if words.count(short) == 1 else whole
    return Column(label, kind_of(difference.path), whole, sorted_by(difference.path))


def _cells(run: Run, losses: Sequence[float]) -> dict[str, Cell]:
    last, best = run.last, run.best
    return {
        "status": state(run.status, state_text(run)),
        "losses": _curve(losses),
        "val_accuracy": _share(last.val_accuracy if last else None),
        "best_val_accuracy": _share(best.val_accuracy if best else None),
        "val_loss": _measured(last.val_loss if last else None),
        "best_val_loss": _measured(best.val_loss if best else None),
        "best_val_r2": _measured(best.val_r2 if best else None),
        "baseline_loss": _measured(run.baseline_loss),
        **_training(last),
        "tags": run.tags,
        "owner": run.owner,
        "created": moment(run.created_at),
        "duration": elapsed(run),
        "parameters": integer(run.parameters),
        "step": integer(run.step),
        "sweep": None if run.sweep_id is None else str(run.sweep_id),
    }


def _training(last: Scores | None) -> dict[str, Cell]:
    if last is None:
        return dict.fromkeys(("accuracy", "loss", *LATER_SCORES))
    return {
        "train_accuracy": _share(last.train_accuracy),
        "train_loss": _measured(last.train_loss),
        "gap": _share(last.gap),
        "loss_gap": _measured(last.loss_gap),
        "mean_loss": _measured(last.mean_loss),
        "accuracy": _share(last.accuracy),
        "loss": _measured(last.loss),
        "val_r2": _measured(last.val_r2),
        "train_r2": _measured(last.train_r2),
    }


def state(status: Status, text: str) -> Cell:
    """What is said of a state, in its colour."""
    return [text, STATUS_COLORS[status]]


def state_text(run: Run) -> str:
    """How a run stands, and how far it came where that is not all the way."""
    name = status_name(run.status)
    if run.status is Status.QUEUED or not 0 < run.progress < 1:
        return name
    return f"{name} {percent(run.progress, 0)}"


def _curve(losses: Sequence[float]) -> list[float]:
    """What a sparkline can draw: finite values, and two at least."""
    finite = [loss for loss in losses if isfinite(loss)]
    return finite if len(finite) > 1 else []


def _share(share: float | None) -> str | None:
    return None if share is None else percent(share)


def _measured(value: float | None) -> str | None:
    return None if value is None else number(value)


def _value_text(name: str, value: str | float | bool | None) -> str | None:
    return None if value is None else value_text(name, value)


def elapsed(run: Run) -> str | None:
    """How long the attempt took, or has taken so far."""
    if run.started_at is None:
        return None
    end = run.ended_at or datetime.now(UTC)
    return duration((end - run.started_at).total_seconds())
