"""Training mode beside inference mode: scores over the size of the batch, and sample by sample."""

from __future__ import annotations

import altair as alt
import numpy as np
import pandas as pd

from dashboard.views.charts.colors import MUTED, accent, alarm, second
from dashboard.views.charts.lines import NUMBER, PADDING, READABLE
from dashboard.words.i18n import _, number
from engine.analyses.mode_comparison import Answers, ModeComparison
from engine.layers import Mode


def mode_names() -> dict[Mode, str]:
    """The two modes, in the reader's language."""
    return {"inference": _("Inference mode"), "training": _("Training mode")}


def by_batch_size(
    scores: pd.DataFrame, *, chosen: int, share: bool, dark: bool = False
) -> alt.LayerChart:
    """A score of either mode over the batch size (columns `size`, `mode` and `score`), the chosen
    size marked."""
    names = mode_names()
    title = _("Validation accuracy") if share else _("Validation loss")
    labels = "format(datum.value, '~%')" if share else READABLE
    x = alt.X(
        "size:Q",
        title=_("Batch size m (samples)"),
        scale=alt.Scale(type="log", base=2, nice=False),
        axis=alt.Axis(values=sorted(scores["size"].unique().tolist()), grid=False, format="d"),
    )
    y = alt.Y("score:Q", title=title, scale=alt.Scale(zero=False), axis=alt.Axis(labelExpr=labels))
    color = alt.Color(
        "mode:N",
        sort=list(names.values()),
        scale=alt.Scale(domain=list(names.values()), range=[accent(dark=dark), second(dark=dark)]),
        legend=alt.Legend(title=None, orient="top"),
    )
    base = alt.Chart(scores.assign(mode=scores["mode"].map(names)))
    line = base.mark_line(strokeWidth=2).encode(x=x, y=y, color=color)
    dots = base.mark_point(filled=True, size=50, opacity=1).encode(
        x=x,
        y=y,
        color=color,
        tooltip=[
            alt.Tooltip("mode:N", title=_("Mode")),
            alt.Tooltip("size:Q", title=_("Batch size m (samples)"), format="d"),
            alt.Tooltip("score:Q", title=title, format=".1%" if share else NUMBER),
        ],
    )
    here = (
        alt.Chart(pd.DataFrame({"size": [chosen]}))
        .mark_rule(color=MUTED, strokeDash=[4, 3])
        .encode(x=x)
    )
    return alt.LayerChart(layer=[here, line, dots], height=260, padding=PADDING)


def sample_by_sample(comparison: ModeComparison, *, dark: bool = False) -> alt.LayerChart:
    """Each sample's loss in inference mode against that in training mode: on the line both agree;
    those that only one mode answers right stand out."""
    names = {"same": _("Answered alike"), "other": _("Answered differently")}
    frame = samples_frame(comparison).assign(kind=lambda f: f["kind"].map(names))
    low, high = (
        float(frame[["inference", "training"]].min().min()),
        float(frame[["inference", "training"]].max().max()),
    )
    scale = alt.Scale(type="log", domain=[low, high], nice=False, clamp=True)
    axis = alt.Axis(labelExpr=READABLE, tickCount=5, grid=False)
    x = alt.X("inference:Q", title=_("Loss in inference mode"), scale=scale, axis=axis)
    y = alt.Y("training:Q", title=_("Loss in training mode"), scale=scale, axis=axis)
    diagonal = (
        alt.Chart(pd.DataFrame({"inference": [low, high], "training": [low, high]}))
        .mark_line(color=MUTED, strokeDash=[4, 3], strokeWidth=1)
        .encode(x=x, y=y)
    )
    colors = [accent(dark=dark), alarm(dark=dark)]
    legend = alt.Legend(title=None, orient="top")
    domain = list(names.values())
    points = (
        alt.Chart(frame)
        .mark_point(filled=True, size=36, opacity=0.65)
        .encode(
            x=x,
            y=y,
            color=alt.Color("kind:N", scale=alt.Scale(domain=domain, range=colors), legend=legend),
            shape=alt.Shape(
                "kind:N", scale=alt.Scale(domain=domain, range=["circle", "diamond"]), legend=legend
            ),
            tooltip=[
                alt.Tooltip("sample:Q", title=_("Validation sample")),
                alt.Tooltip("target:N", title=_("Target")),
                alt.Tooltip("inferred:N", title=_("Answer in inference mode")),
                alt.Tooltip("trained:N", title=_("Answer in training mode")),
                alt.Tooltip("inference:Q", title=_("Loss in inference mode"), format=".3~g"),
                alt.Tooltip("training:Q", title=_("Loss in training mode"), format=".3~g"),
            ],
        )
    )
    return alt.LayerChart(layer=[diagonal, points], height=260, padding=PADDING)


SMALLEST = 1e-6
"""Losses below are drawn there: a logarithmic axis has no zero."""


def samples_frame(comparison: ModeComparison) -> pd.DataFrame:
    """One row per sample: its losses and its answers in either mode."""
    inference, training = comparison.modes["inference"], comparison.modes["training"]
    answers = {"inferred": _answers(inference), "trained": _answers(training)}
    alike = answers["inferred"] == answers["trained"]
    if inference.hits is None:
        alike = np.ones(len(comparison.t), dtype=bool)
    return pd.DataFrame(
        {
            "sample": np.arange(len(comparison.t)),
            "target": [str(t) for t in comparison.t.reshape(len(comparison.t), -1)[:, 0]],
            "inference": _drawable(inference.losses),
            "training": _drawable(training.losses),
            "kind": np.where(alike, "same", "other"),
            **answers,
        }
    )


def _answers(answers: Answers) -> np.ndarray:
    if answers.hits is None:
        return np.array([number(float(value)) for value in answers.outputs[:, 0]])
    return answers.predictions.astype(str)


def _drawable(losses: np.ndarray) -> np.ndarray:
    drawn: np.ndarray = np.clip(np.nan_to_num(losses, nan=1e6, posinf=1e6), SMALLEST, 1e6)
    return drawn
