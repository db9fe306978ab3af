"""The sections of a report on one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dashboard.reads.columns import Columns, length
from dashboard.views.charts.batch_norm import Moment, gaps_by_layer
from dashboard.views.charts.curves import Score, has_accuracy, learning_curve
from dashboard.views.charts.histograms import quantity_names, ridges
from dashboard.views.charts.layers import INFO, layer_map, of_statistic
from dashboard.views.charts.lines import own_divergence
from dashboard.views.report.document import Block, Figure, Section
from dashboard.views.report.parts import heading
from dashboard.views.run.configuration import differing_from_default
from dashboard.words.i18n import _, integer
from db.records import Run, Status
from engine.analyses.inspection import BatchNormInspection
from engine.architecture import layer_names
from engine.records import Histogram, Quantity

STATISTICS = ("activation_std", "gradient_std", "update_ratio")


@dataclass(frozen=True)
class RunRecords:
    """A run and what it left, as far as a report on it needs it: its histograms by quantity and
    step, its Batch Normalization at the newest checkpoint."""

    run: Run
    metrics: Columns
    statistics: Columns
    histograms: Mapping[Quantity, Mapping[int, Sequence[Histogram]]]
    inspection: BatchNormInspection | None


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
                log=info.log,
                divergences=own_divergence(run.diverged_step, dark=dark),
                last_step=run.final_step,
                dark=dark,
            )
            figures.append(Figure(f"layers-{name}", _(info.label), chart, wide=True))
    text = _("One row per layer, the inputs at the top; the colour is the value at each step.")
    return Section(heading("layers"), text, figures=tuple(figures))


def _shapes(found: RunRecords, dark: bool) -> Section | None:
    names = layer_names(found.run.config.layers)
    figures = [
        Figure(
            f"distribution-{quantity}-{step}",
            _("{quantity}, step {step}").format(quantity=label, step=integer(step)),
            ridges(own, quantity, names=names, dark=dark),
        )
        for quantity, label in quantity_names().items()
        for step, own in found.histograms.get(quantity, {}).items()
        if own
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
    "layers": _layers,
    "shapes": _shapes,
    "batchnorm": _batch_norm,
    "setup": _setup,
}
