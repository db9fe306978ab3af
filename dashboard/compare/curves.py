"""Loss and accuracy of several runs, overlaid: validation above, training below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import streamlit as st

from dashboard import live
from dashboard.charts.curves import Score, compared_curve, has_accuracy
from dashboard.charts.lines import common_domain
from dashboard.compare.lines import run_divergences, run_lines, sound
from dashboard.i18n import _
from dashboard.palette import is_dark
from dashboard.shell import guarded
from db.records import Run, Status
from engine.records import Split


def curves(runs: Sequence[Run]) -> None:
    """Four charts on one axis of steps; two where no run has an accuracy."""
    with guarded():
        metrics = {run.id: live.metrics(run) for run in runs}
        recorded = {run_id: frame for run_id, frame in metrics.items() if not frame.empty}
        if not recorded:
            st.caption(_("Nothing has been recorded yet."))
            return
        with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
            training = _training_split()
            log = st.toggle(
                _("Logarithmic loss"),
                value=all(run.status is Status.DIVERGED for run in runs),
                key="compare_log",
            )
        last_step = max(int(frame["step"].max()) for frame in recorded.values())
        titles = {
            ("loss", "validation"): _("Validation loss"),
            ("accuracy", "validation"): _("Validation accuracy"),
            ("loss", training): _("Training loss"),
            ("accuracy", training): _("Training accuracy"),
        }
        labelled = {run_id: frame for run_id, frame in recorded.items() if has_accuracy(frame)}
        frames: dict[Score, Mapping[int, pd.DataFrame]] = {"loss": recorded}
        frames |= {"accuracy": labelled} if labelled else {}
        splits: tuple[Split, ...] = ("validation", training)
        for split in splits:
            for column, (score, shown) in zip(st.columns(len(frames)), frames.items(), strict=True):
                title = titles[score, split]
                chart = compared_curve(
                    shown,
                    score,
                    split,
                    lines=run_lines(runs, dark=is_dark()),
                    log=log,
                    domain=_domain(runs, shown, score, split, log=log),
                    legend=split == "validation",
                    divergences=run_divergences(runs, dark=is_dark()),
                    last_step=last_step,
                )
                column.markdown(f"**{title}**")
                column.altair_chart(
                    chart,
                    key=f"compared_{score}_{split}",
                    alt=_("{title} of each run over steps").format(title=title),
                )


def _domain(
    runs: Sequence[Run],
    recorded: Mapping[int, pd.DataFrame],
    score: Score,
    split: Split,
    *,
    log: bool,
) -> tuple[float, float] | None:
    """The range of a loss among the runs that did not diverge; accuracies need no help."""
    if score == "accuracy":
        return None
    frames = [recorded[run_id] for run_id in sound(runs, recorded)]
    losses = pd.concat([frame.loc[frame["split"] == split, "loss"] for frame in frames])
    return common_domain(losses, "log" if log else "linear")


def _training_split() -> Split:
    words: dict[Split, str] = {"train": _("Epoch means"), "batch": _("Each batch")}
    split: Split | None = st.segmented_control(
        _("Training"),
        list(words),
        format_func=words.__getitem__,
        default="train",
        required=True,
        key="compare_training",
        label_visibility="collapsed",
        help=_("What the training curves show."),
    )
    return split or "train"
