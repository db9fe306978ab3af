"""How far a run is, how it stands and what it came to, in words and numbers."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.views.numbers import Number
from dashboard.words.i18n import _, duration, integer, number, percent
from dashboard.words.sentences import sentence
from dashboard.words.text import prose
from db.records import Run, Status
from engine.messages import Message


def progress_text(run: Run, seconds_left: float | None) -> str:
    """How far a running run is, and how long it will still take where that is known."""
    epochs = run.config.epochs
    epoch = min(epochs, run.step * epochs // max(1, run.steps) + 1)
    parts = [
        _("Step {step} of {steps}").format(step=integer(run.step), steps=integer(run.steps)),
        _("epoch {epoch} of {epochs}").format(epoch=integer(epoch), epochs=integer(epochs)),
    ]
    if run.request is not None:
        parts.append(_("stopping"))
    elif seconds_left is not None:
        may_end_early = run.config.early_stopping.patience is not None
        text = _("at most {time} left") if may_end_early else _("about {time} left")
        parts.append(text.format(time=duration(seconds_left)))
    return " · ".join(parts)


def state_text(run: Run, why: Message | None) -> str:
    """Where a run stands that does not train and does not wait, and `why` it failed or was stopped;
    nothing where its state says all. Markdown."""
    if run.status in (Status.FAILED, Status.STOPPED):
        return prose(run.error or "" if why is None else sentence(why))
    if run.status is Status.DIVERGED:
        text = _(
            "Diverged at step {step}: the loss or a weight was no longer finite. All that was"
            " recorded up to there is below. A lower learning rate, another initialization or Batch"
            " Normalization may hold it."
        )
        step = run.diverged_step if run.diverged_step is not None else run.step
        return text.format(step=integer(step))
    if run.status is Status.PAUSED:
        text = _("Paused at step {step} of {steps}; it goes on from there when it is resumed.")
    elif run.status is Status.CANCELLED:
        text = _("Cancelled at step {step} of {steps}.")
    elif run.ended_early:
        text = _("Ended early at step {step} of {steps}: validation no longer improved.")
    else:
        return ""
    return text.format(step=integer(run.step), steps=integer(run.steps))


def scores(run: Run) -> list[Number]:
    """The scores people ask for first: validation before training, each with what it rests on. None
    before the first evaluation."""
    last = run.last
    if last is None:
        return []
    epoch = _("epoch {epoch}").format(epoch=integer(last.epoch))
    moving = _("Mean over the epoch's batches, while the weights were still moving.")
    training_loss = Number(_("Training loss"), number(last.loss), epoch, moving)
    if last.accuracy is None:
        validation_loss = Number(_("Validation loss"), number(last.val_loss), *_best(run))
        return [validation_loss, training_loss, _time_taken(run)]
    return [
        Number(_("Validation accuracy"), percent(last.val_accuracy), *_best(run)),
        Number(_("Validation loss"), number(last.val_loss), epoch),
        Number(_("Training accuracy"), percent(last.accuracy), epoch, moving),
        training_loss,
        _time_taken(run),
    ]


def _best(run: Run) -> tuple[str, str | None]:
    """The best validation score, and when it was reached."""
    best = run.best
    if best is None:
        return "", None
    score = number(best.val_loss) if best.val_accuracy is None else percent(best.val_accuracy)
    when = _("The best was reached in epoch {epoch}.").format(epoch=integer(best.epoch))
    return _("best {score}").format(score=score), when


def _time_taken(run: Run) -> Number:
    """How long the run's current attempt has taken, and how many steps that were."""
    if run.started_at is None:
        return Number(_("Duration"), "–")
    seconds = ((run.ended_at or datetime.now(UTC)) - run.started_at).total_seconds()
    return Number(_("Duration"), duration(seconds), _("{n} steps").format(n=integer(run.step)))
