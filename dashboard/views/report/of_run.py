"""The sections of a report on one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dashboard.reads.columns import Columns, length, rows
from dashboard.views.charts.batch_norm import Moment, gaps_by_layer
from dashboard.views.charts.curves import Score, has_accuracy, learning_curve
from dashboard.views.charts.histograms import quantity_names, ridges
from dashboard.views.charts.layer_maps import layer_map, spans_widely
from dashboard.views.charts.layers import INFO, of_statistic
from dashboard.views.charts.lines import own_divergence
from dashboard.views.charts.shown_layers import filled_range, layers_of, usual_layers
from dashboard.views.report.document import Block, Figure, Section
from dashboard.views.report.parts import heading
from dashboard.views.run.configuration import differing_from_default
from dashboard.views.run.learned import (
    Pictured,
    checkpoint_text,
    learned_chart,
    learned_note,
    learned_title,
)
from dashboard.words.i18n import _, integer
from dashboard.words.sentences import error_text
from db.records import Run, Status
from engine.analyses.inspection import BatchNormInspection
from engine.architecture import layer_names
from engine.errors import DataError
from engine.records import Quantity

STATISTICS = ("activation_std", "gradient_std", "update_ratio")


@dataclass(frozen=True)
class RunRecords:
    """A run and what it left, as far as a report on it needs it: its histograms by quantity and
    step, its Batch Normalization at the newest checkpoint, what it had learned at some
    checkpoints."""

    run: Run
    metrics: Columns
    statistics: Columns
    histograms: Mapping[Quantity, Mapping[int, Columns]]
    inspection: BatchNormInspection | None
    learned: Pictured | None = None


def run_sections(found: RunRecords, parts: Sequence[str], *, dark: bool = False) -> list[Section]:
    """Those parts that the run has something for."""
    sections = (_BUILDERS[part](found, dark) for part in parts)
    return [section for section in sections if section is not None]


def _curves(found: RunRecords, dark: bool) -> Section | None:
    run, metrics = found.run, found.metrics
    if not length(metrics):
        return None
    names: dict[Score, str] = {"loss": _("Loss"), "accuracy": _("Accuracy")}
    scores = [score for score in names if score == "loss" or has_accuracy(metrics)]
    figures = [
        Figure(
            f"curve-{score}",
            names[score],
            learning_curve(
                metrics,
                score,
                log=run.status is Status.DIVERGED and score == "loss",
                last_step=run.final_step,
                divergences=own_divergence(run.diverged_step, dark=dark),
                dark=dark,
            ),
        )
        for score in scores
    ]
    return Section(heading("curves"), figures=tuple(figures))


def _learned(found: RunRecords, dark: bool) -> Section | None:
    learned = found.learned
    if learned is None:
        return None
    title = learned_title(found.run) or heading("learned")
    if isinstance(learned, DataError):
        return Section(title, _("{problem}.").format(problem=error_text(learned)))
    figures = tuple(
        Figure(
            f"learned-{info.step}",
            checkpoint_text(info),
            learned_chart(picture, learned.samples, dark=dark),
        )
        for info, picture in learned.pictures
    )
    return Section(title, learned_note(learned.pictures[-1][1]), figures=figures)


def _layers(found: RunRecords, dark: bool) -> Section | None:
    run, statistics = found.run, found.statistics
    if not length(statistics):
        return None
    names = layer_names(run.config.layers)
    figures = []
    for name in STATISTICS:
        info = INFO[name]
        rows = of_statistic(statistics, info, names=names, steps_per_epoch=run.steps_per_epoch)
        if not rows.empty:
            chart = layer_map(
                rows,
                info,
                names=names,
                log=info.log or (spans_widely(rows["value"]) and not info.share),
                divergences=own_divergence(run.diverged_step, dark=dark),
                last_step=run.final_step,
                dark=dark,
            )
            figures.append(Figure(f"layers-{name}", _(info.label), chart, wide=True))
    text = _("One row per layer, the inputs at the top; the colour is the value at each step.")
    return Section(heading("layers"), text, figures=tuple(figures))


def _shapes(found: RunRecords, dark: bool) -> Section | None:
    layers = found.run.config.layers
    names, shown = layer_names(layers), layers_of(layers, usual_layers([layers]))
    filled = filled_range([layers[i] for i in shown])
    figures = [
        Figure(
            f"distribution-{quantity}-{step}",
            _("{quantity}, step {step}").format(quantity=label, step=integer(step)),
            ridges(
                own if quantity == "weight" else rows(own, np.isin(own["layer"], shown)),
                quantity,
                names=names,
                domain=filled if quantity == "activation" else None,
                dark=dark,
            ),
        )
        for quantity, label in quantity_names().items()
        for step, own in found.histograms.get(quantity, {}).items()
        if length(own)
    ]
    return Section(heading("shapes"), figures=tuple(figures)) if figures else None


def _batch_norm(found: RunRecords, dark: bool) -> Section | None:
    inspection = found.inspection
    if inspection is None:
        return None
    text = _("What inference normalizes with, beside the exact statistics of the training data.")
    charts: dict[Moment, str] = {
        "mean": _("Gap of the means, one dot per channel"),
        "var": _("Gap of the variances, one dot per channel"),
    }
    figures = [
        Figure(f"bn-{moment}", title, gaps_by_layer(inspection, moment, dark=dark))
        for moment, title in charts.items()
    ]
    return Section(heading("batchnorm"), text, figures=tuple(figures))


def _setup(found: RunRecords, dark: bool) -> Section:
    config = found.run.config
    frame = differing_from_default(config)
    block = Block(_("Differs from the default run"), frame)
    return Section(
        heading("setup"), tables=() if frame.empty else (block,), code=config.to_json(indent=2)
    )


_BUILDERS: Mapping[str, Callable[[RunRecords, bool], Section | None]] = {
    "curves": _curves,
    "learned": _learned,
    "layers": _layers,
    "shapes": _shapes,
    "batchnorm": _batch_norm,
    "setup": _setup,
}
