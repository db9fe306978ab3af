"""What the size of the batch and shifted inputs do to a network's answers in either mode."""

from __future__ import annotations

import pandas as pd

from dashboard.words.i18n import _, integer, number, percent
from engine.analyses.mode_comparison import ModeComparison, Shift


def verdict_text(comparison: ModeComparison, together: ModeComparison) -> str:
    """What the batch does to the scores; where one sample is a batch, why nothing is left."""
    training, inference = comparison.modes["training"], comparison.modes["inference"]
    if training.accuracy is None or inference.accuracy is None:
        text = _("In batches of **{m}**, training mode's loss is **{training}**, inference mode's"
                 " **{inference}**.")  # fmt: skip
        said = text.format(
            m=integer(comparison.batch_size),
            training=number(training.loss),
            inference=number(inference.loss),
        )
    else:
        text = _(
            "In batches of **{m}**, training mode answers **{training}** right, inference mode"
            " **{inference}**; they answer **{alike}** of the samples alike."
        )
        said = text.format(
            m=integer(comparison.batch_size),
            training=percent(training.accuracy),
            inference=percent(inference.accuracy),
            alike=percent(comparison.agreement),
        )
    return f"{said} {_why(comparison, together)}".strip()


def _why(comparison: ModeComparison, together: ModeComparison) -> str:
    if comparison.batch_size == 1:
        return _(
            "A batch of one is its own mean: every channel is normalized to zero, only β is left,"
            " and a dense network gives every sample the same answer."
        )
    worse = comparison.modes["inference"].loss > 1.2 * together.modes["training"].loss
    if comparison.shift != Shift() and worse:
        return _(
            "Training mode normalizes the shift away; the running statistics in inference mode are"
            " those of unshifted inputs."
        )
    return ""


def scores_frame(by_size: dict[int, ModeComparison], *, share: bool) -> pd.DataFrame:
    """One row per batch size and mode."""
    rows = [
        (size, mode, answers.accuracy if share else answers.loss)
        for size, comparison in by_size.items()
        for mode, answers in comparison.modes.items()
    ]
    return pd.DataFrame(rows, columns=["size", "mode", "score"])
