"""The scores of a run in a word or two."""

from __future__ import annotations

from dashboard.words.i18n import _, number, percent
from db.records import Run


def best_text(run: Run) -> str:
    """The best validation accuracy, or loss where there is no accuracy."""
    if run.best is None:
        return "–"
    if run.best.val_accuracy is None:
        return _("loss {loss}").format(loss=number(run.best.val_loss))
    return percent(run.best.val_accuracy)


def so_far_text(run: Run) -> str:
    """How well it does so far; nothing before it has been evaluated."""
    if run.last is None:
        return ""
    if run.last.val_accuracy is None:
        return _("validation loss {loss}").format(loss=number(run.last.val_loss))
    share = percent(run.last.val_accuracy)
    return _("validation accuracy {accuracy}").format(accuracy=share)
