"""The first look at a run: how far it is, and its scores. Live while it runs."""

from __future__ import annotations

from datetime import UTC, datetime

import streamlit as st

from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.widgets.shell import guarded
from dashboard.words.i18n import _, duration, integer, number, percent
from dashboard.words.sentences import sentence
from dashboard.words.text import prose
from db.records import Run, Status


def overview(run: Run) -> None:
    """State and scores; when the state changes, the whole page is drawn anew."""
    with guarded():
        now = data.get_run(run.id) or run
        if now.status != run.status or now.request is not run.request:
            st.rerun()
        _state(now)
        if now.last:
            _scores(now, accuracy=now.last.accuracy is not None)


def _state(run: Run) -> None:
    """One line or one bar that says where the run stands, if its badge does not say it all."""
    if run.status is Status.QUEUED:
        waiting = data.queue_depth()[Status.QUEUED]
        text = _("Waiting for a free worker; {n} in the queue.")
        st.info(text.format(n=integer(waiting)), icon=":material/schedule:")
    elif run.status is Status.RUNNING:
        st.progress(run.progress, text=_progress_text(run))
    elif run.status is Status.DIVERGED:
        text = _(
            "Diverged at step {step}: the loss or a weight was no longer finite. All that was"
            " recorded up to there is below. A lower learning rate, another initialization or Batch"
            " Normalization may hold it."
        )
        st.warning(text.format(step=integer(_diverged_step(run))), icon=":material/trending_up:")
    elif run.status is Status.FAILED:
        st.error(prose(sentence(run.error or "")), icon=":material/error:")
    elif run.status is Status.PAUSED:
        text = _("Paused at step {step} of {steps}; it goes on from there when it is resumed.")
        st.info(
            text.format(step=integer(run.step), steps=integer(run.steps)),
            icon=":material/pause_circle:",
        )
    elif run.status is Status.STOPPED:
        st.warning(prose(sentence(run.error or "")), icon=":material/stop_circle:")
    elif run.status is Status.CANCELLED:
        text = _("Cancelled at step {step} of {steps}.")
        st.caption(text.format(step=integer(run.step), steps=integer(run.steps)))
    elif run.ended_early:
        text = _("Ended early at step {step} of {steps}: validation no longer improved.")
        st.caption(text.format(step=integer(run.step), steps=integer(run.steps)))


def _progress_text(run: Run) -> str:
    epochs = run.config.epochs
    epoch = min(epochs, run.step * epochs // max(1, run.steps) + 1)
    parts = [
        _("Step {step} of {steps}").format(step=integer(run.step), steps=integer(run.steps)),
        _("epoch {epoch} of {epochs}").format(epoch=integer(epoch), epochs=integer(epochs)),
    ]
    left = live.seconds_left(run)
    if run.request is not None:
        parts.append(_("stopping"))
    elif left is not None:
        may_end_early = run.config.early_stopping.patience is not None
        text = _("at most {time} left") if may_end_early else _("about {time} left")
        parts.append(text.format(time=duration(left)))
    return " · ".join(parts)


def _scores(run: Run, *, accuracy: bool) -> None:
    """The scores people ask for first: validation before training, each with what it rests on."""
    last = run.last
    epoch = _("epoch {epoch}").format(epoch=integer(last.epoch)) if last else ""
    moving = _("Mean over the epoch's batches, while the weights were still moving.")
    val_loss, loss = (number(last.val_loss), number(last.loss)) if last else ("–", "–")
    val_accuracy = percent(last.val_accuracy if last else None)
    with st.grid(5 if accuracy else 3, min_column_width=150):
        if accuracy:
            _metric(_("Validation accuracy"), val_accuracy, *_best(run))
            _metric(_("Validation loss"), val_loss, epoch)
            share = percent(last.accuracy if last else None)
            _metric(_("Training accuracy"), share, epoch, moving)
        else:
            _metric(_("Validation loss"), val_loss, *_best(run))
        _metric(_("Training loss"), loss, epoch, moving)
        _metric(_("Duration"), *_time(run))


def _best(run: Run) -> tuple[str, str | None]:
    """The best validation score, and when it was reached."""
    best = run.best
    if best is None:
        return "", None
    score = number(best.val_loss) if best.val_accuracy is None else percent(best.val_accuracy)
    when = _("The best was reached in epoch {epoch}.").format(epoch=integer(best.epoch))
    return _("best {score}").format(score=score), when


def _time(run: Run) -> tuple[str, str]:
    """How long the run's current attempt has taken, and how many steps that were."""
    if run.started_at is None:
        return "–", ""
    seconds = ((run.ended_at or datetime.now(UTC)) - run.started_at).total_seconds()
    return duration(seconds), _("{n} steps").format(n=integer(run.step))


def _metric(label: str, value: str, note: str, help: str | None = None) -> None:
    st.metric(label, value, "", delta_description=note or "\u00a0", help=help, border=True)


def _diverged_step(run: Run) -> int:
    return run.diverged_step if run.diverged_step is not None else run.step
