"""How far a run is, how it stands and what it came to, in words and numbers."""

from __future__ import annotations

from datetime import UTC, datetime

from dashboard.views.numbers import Number
from dashboard.words.i18n import _, duration, integer, number, percent
from dashboard.words.sentences import sentence
from dashboard.words.text import prose
from db.records import Run, Scores, Status
from engine.layers import Dense
from engine.losses import MeanSquaredError
from engine.messages import Message


def progress_text(run: Run, seconds_left: float | None, *, heard: bool = True) -> str:
    """How far a running run is, and how long it will still take where that is known. While nothing
    is `heard` of it, nobody knows."""
    epochs = run.config.epochs
    epoch = min(epochs, run.step * epochs // max(1, run.steps) + 1)
    parts = [
        _("Step {step} of {steps}").format(step=integer(run.step), steps=integer(run.steps)),
        _("epoch {epoch} of {epochs}").format(epoch=integer(epoch), epochs=integer(epochs)),
    ]
    return " · ".join(filter(None, [*parts, time_left_text(run, seconds_left, heard=heard)]))


def time_left_text(run: Run, seconds_left: float | None, *, heard: bool = True) -> str:
    """How long a running run will still take, as far as that is known."""
    if run.request is not None:
        return _("stopping")
    if not heard:
        return _("reconnecting")
    if seconds_left is None:
        return ""
    may_end_early = run.config.early_stopping.patience is not None
    text = _("at most {time} left") if may_end_early else _("about {time} left")
    return text.format(time=duration(seconds_left))


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
    training_accuracy, training_loss = _training(last, epoch)
    if last.accuracy is None:
        validation_loss = Number(_("Validation loss"), number(last.val_loss), *_best(run))
        of_numbers = _of_numbers(run, last)
        return [*of_numbers, validation_loss, training_loss, _time_taken(run)]
    return [
        Number(_("Validation accuracy"), percent(last.val_accuracy), *_best(run)),
        Number(_("Validation loss"), number(last.val_loss), epoch),
        training_accuracy,
        training_loss,
        _time_taken(run),
    ]


def _of_numbers(run: Run, last: Scores) -> list[Number]:
    """How far predicted numbers are from the targets, and how much of their variance is explained,
    each beside what predicting the mean comes to. Nothing of runs from before this was recorded."""
    if last.val_r2 is None or last.val_loss is None:
        return []
    explained = _(
        "The share of the validation targets' variance that is explained: 1 is all of it, 0 what"
        " predicting their mean comes to."
    )
    r2 = Number(_("R² on validation"), number(last.val_r2), _best_r2(run), explained)
    loss = run.config.loss
    if not isinstance(loss, MeanSquaredError) or run.baseline_loss is None:
        return [r2]
    outputs = next((each.units for each in run.config.layers[::-1] if isinstance(each, Dense)), 1)
    error, mean = (number(loss.error(each, outputs)) for each in (last.val_loss, run.baseline_loss))
    beside = _("predicting the mean: {error}").format(error=mean)
    unit = _(
        "The root mean square of the errors on validation, in the target's own unit; of several"
        " targets in their standard deviations. Below it, that of predicting the mean of the"
        " training targets for every sample."
    )
    return [Number(_("Validation error"), error, beside, unit), r2]


def _best_r2(run: Run) -> str:
    best = run.best.val_r2 if run.best else None
    return "" if best is None else _("best {score}").format(score=number(best))


def _training(last: Scores, epoch: str) -> tuple[Number, Number]:
    """Accuracy and loss on training: as validation has them, or of a run from before those were
    scored, what its batches came to."""
    if last.train_loss is None:
        moving = _(
            "Mean over the epoch's batches, in training mode, while the weights were still moving."
        )
        return (
            Number(_("Accuracy of the batches"), percent(last.accuracy), epoch, moving),
            Number(_("Loss of the batches"), number(last.loss), epoch, moving),
        )
    same = _(
        "On a sample of the training set, in inference mode and by the same weights as validation."
    )
    gap = epoch if last.gap is None else _("gap {points} points").format(points=_points(last.gap))
    return (
        Number(_("Training accuracy"), percent(last.train_accuracy), gap, same),
        Number(_("Training loss"), number(last.train_loss), epoch, same),
    )


def _points(share: float) -> str:
    """A difference of shares: `−0.3`, `2.1`."""
    return f"{100 * share:.1f}".replace("-", "−")


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
