"""The figure of a lesson that is being written: one of those that trained arms have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard.app_pages.lessons.write_texts import Pen
from dashboard.reads.lessons import fitting
from dashboard.views.lessons.drafts import fields_of, lines_of, on_lines
from dashboard.words.i18n import _, msg
from engine.lessons.arms import Trained
from engine.lessons.figures import CurveScore, CurveSplit, Grid, Outcomes, Over, OverEpochs
from engine.lessons.scores import SCORES

FIGURES: Mapping[str, str] = {
    "curves": msg("Curves over the epochs"),
    "outcomes": msg("What each arm comes to, a dot for each seed"),
    "over": msg("The judged score over a hyperparameter"),
    "grid": msg("A panel of curves for each value of a hyperparameter"),
}
DRAWN: Mapping[CurveScore, str] = {"loss": msg("Loss"), "accuracy": msg("Accuracy")}
SPLITS: Mapping[CurveSplit, str] = {
    "validation": msg("of validation samples"),
    "train": msg("of training samples"),
}
MOST_SCORES = 3


def choose_figure(arms: Sequence[Trained], pen: Pen) -> dict[str, Any]:
    """The figure, and the arms on the lines that it draws."""
    over = {"over": fields_of(arms, above_0=True), "grid": fields_of(arms, above_0=False)}
    kinds = {kind: _(text) for kind, text in FIGURES.items() if over.get(kind, True)}
    held = pen.start.figure if pen.start else None
    kind = pen.choose("figure", _("Figure"), kinds, held.kind if held else None)
    if kind == "curves":
        return {"figure": {"kind": kind} | _of_epochs(arms, pen), "arms": arms}
    if kind == "outcomes":
        return {"figure": {"kind": kind, "scores": _scores(arms, pen)}, "arms": arms}
    start = held.field if isinstance(held, Over | Grid) else None
    field = pen.choose("field", _("Hyperparameter"), over[kind], start)
    called = held.label if isinstance(held, Over | Grid) and held.field == field else ""
    usual = _(called) or over[kind][field].split(" · ")[-1]
    label = pen.line(f"label {field}", _("What it is called in the figure"), usual)
    figure: dict[str, Any] = {"kind": kind, "field": field, "label": label}
    if kind == "grid":
        figure |= _of_epochs(arms, pen)
    if isinstance(held, Grid) and kind == "grid":
        figure["columns"] = held.columns
    return {"figure": figure, "arms": _on_lines(arms, field, pen)}


def _of_epochs(arms: Sequence[Trained], pen: Pen) -> dict[str, Any]:
    """What curves are of."""
    held = pen.start.figure if pen.start else None
    held = held if isinstance(held, OverEpochs) else None
    scores = {name: _(text) for name, text in DRAWN.items() if _is_there(name, arms)}
    left, right = st.columns(2, gap="medium")
    with left:
        score = pen.choose("drawn", _("What is drawn"), scores, held.score if held else None)
    with right:
        splits = {split: _(text) for split, text in SPLITS.items()}
        split = pen.choose("split", _("Of which samples"), splits, held.split if held else None)
    return {"score": score, "split": split}


def _is_there(score: CurveScore, arms: Sequence[Trained]) -> bool:
    return score == "loss" or "val_accuracy" in fitting(arms)


def _scores(arms: Sequence[Trained], pen: Pen) -> list[str]:
    held = pen.start.figure if pen.start else None
    words = {name: _(SCORES[name].label) for name in fitting(arms)}
    usual = held.scores if isinstance(held, Outcomes) else tuple(words)[:1]
    label = _("Scores (one to three)")
    chosen = st.multiselect(
        label,
        list(words),
        default=[name for name in usual if name in words],
        format_func=words.__getitem__,
        max_selections=MOST_SCORES,
        key=pen.name("scores"),
        persist_state="session",
    )
    if not chosen:
        pen.missing.append(label)
    return list(chosen)


def _on_lines(arms: Sequence[Trained], field: str, pen: Pen) -> list[Trained]:
    """The arms on the lines of the figure, whose names the reader may change."""
    begun = pen.start.arms if pen.start else ()
    held = {arm.config: arm.line for arm in begun if isinstance(arm, Trained)}
    found = dict(zip(lines_of(arms, field), arms, strict=True))
    if len(found) == 1:
        return on_lines(arms, dict.fromkeys(found, ""), field)
    names = {}
    for n, (line, arm) in enumerate(found.items(), start=1):
        label = _("Name of line {n}").format(n=n)
        names[line] = pen.line(f"line {field} {n}", label, _(held.get(arm.config, "")) or line)
    return on_lines(arms, names, field)
