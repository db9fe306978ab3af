"""How well a run tells each class, as a table and in words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from dashboard.words.i18n import _, integer, percent
from engine.analyses.answers import Answers, WrongAnswers


def classes_table(answers: Answers) -> pd.DataFrame:
    """A row for each class, the one told worst first: how many samples it has, how many are right,
    and what it is most often taken for."""
    order = np.argsort(np.nan_to_num(answers.accuracies, nan=2.0), kind="stable")
    return pd.DataFrame(
        {
            _("Class"): [answers.names[k] for k in order],
            _("Samples"): [int(answers.samples[k]) for k in order],
            _("Accuracy"): [100 * float(answers.accuracies[k]) for k in order],
            _("Most often taken for"): [_taken_for(answers, k) for k in order],
        }
    )


def _taken_for(answers: Answers, k: int) -> str:
    others = answers.confusion[k].copy()
    others[k] = 0
    if not others.any():
        return "–"
    most = int(others.argmax())
    return f"{answers.names[most]} ({integer(int(others[most]))})"


def summary(answers: Answers) -> str:
    """How many samples are right, over all and as the mean over classes."""
    right, total = int(answers.confusion.trace()), int(answers.samples.sum())
    text = _(
        "{right} of {total} samples are right, {share}; the mean of the classes' accuracies is"
        " {mean}."
    )
    mean = float(np.nanmean(answers.accuracies)) if total else float("nan")
    share = percent(right / total if total else None)
    return text.format(right=integer(right), total=integer(total), share=share, mean=percent(mean))


def captions(wrong: WrongAnswers, names: Sequence[str]) -> list[str]:
    """What each wrong sample is and what it was taken for: `3 → 8, 97.1%`."""
    told = []
    for i, (k, answer) in enumerate(zip(wrong.classes, wrong.answers, strict=True)):
        sureness = "" if wrong.sureness is None else f", {percent(float(wrong.sureness[i]))}"
        told.append(f"{names[k]} → {names[answer]}{sureness}")
    return told


def wrong_table(wrong: WrongAnswers, names: Sequence[str]) -> pd.DataFrame:
    """A row for each wrong sample: its place in the split, from 1, its class and the answer."""
    columns = {
        _("Sample"): [int(place) + 1 for place in wrong.places],
        _("Class"): [names[k] for k in wrong.classes],
        _("Answer"): [names[k] for k in wrong.answers],
    }
    if wrong.sureness is not None:
        columns[_("Probability")] = [percent(float(each)) for each in wrong.sureness]
    return pd.DataFrame(columns)
