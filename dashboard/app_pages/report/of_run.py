"""The sections of a report on one run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from dashboard.app_pages.report.document import Block, Figure, Section
from dashboard.app_pages.report.parts import heading
from dashboard.app_pages.run.header import has_batch_norm
from dashboard.app_pages.run.layers import INFO, steps_per_epoch
from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.reads.columns import length
from dashboard.reads.differences import differences
from dashboard.views.charts.batch_norm import Moment, gaps_by_layer
from dashboard.views.charts.curves import Score, has_accuracy, learning_curve
from dashboard.views.charts.histograms import quantity_names, ridges
from dashboard.views.charts.layers import layer_map, of_statistic
from dashboard.views.charts.lines import own_divergence
from dashboard.words.i18n import _, integer
from dashboard.words.parameters import title, value_text
from db.records import Run, Status
from engine.architecture import layer_names
from engine.default import default_config

STATISTICS = ("activation_std", "gradient_std", "update_ratio")


def run_sections(run: Run, parts: Sequence[str], *, dark: bool = False) -> list[Section]:
    """Those parts that the run has something for."""
    sections = (_BUILDERS[part](run, dark) for part in parts)
    return [section for section in sections if section is not None]


def _curves(run: Run, dark: bool) -> Section | None:
    metrics = live.metrics(run)
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
                last_step=live.last_step(run),
                divergences=own_divergence(run.diverged_step, dark=dark),
                dark=dark,
            ),
        )
        for score in scores
    ]
    return Section(heading("curves"), figures=tuple(figures))


def _layers(run: Run, dark: bool) -> Section | None:
    statistics = live.layers(run)
    if not length(statistics):
        return None
    names = layer_names(run.config.layers)
    figures = []
    for name in STATISTICS:
        info = INFO[name]
        rows = of_statistic(statistics, info, names=names, steps_per_epoch=steps_per_epoch(run))
        if not rows.empty:
            chart = layer_map(
                rows,
                info,
                names=names,
                log=info.log,
                divergences=own_divergence(run.diverged_step, dark=dark),
                last_step=live.last_step(run),
                dark=dark,
            )
            figures.append(Figure(f"layers-{name}", _(info.label), chart, wide=True))
    text = _("A row a layer, the inputs at the top; the colour is the value at each step.")
    return Section(heading("layers"), text, figures=tuple(figures))


def _shapes(run: Run, dark: bool) -> Section | None:
    steps = data.histogram_steps(run.id)
    if not steps:
        return None
    names = layer_names(run.config.layers)
    figures = [
        Figure(
            f"distribution-{quantity}-{step}",
            _("{quantity}, step {step}").format(quantity=label, step=integer(step)),
            ridges(found, quantity, names=names, dark=dark),
        )
        for quantity, label in quantity_names().items()
        for step in dict.fromkeys((steps[0], steps[-1]))
        if (found := data.histograms(run.id, quantity, steps=(step,)))
    ]
    return Section(heading("shapes"), figures=tuple(figures)) if figures else None


def _batch_norm(run: Run, dark: bool) -> Section | None:
    kept = data.checkpoints(run.id) if has_batch_norm(run) else []
    if not kept:
        return None
    found = data.inspection(kept[-1], run.config)
    text = _("What inference normalizes with, beside the exact statistics of the training data.")
    charts: dict[Moment, str] = {
        "mean": _("Gap of the means, a dot a channel"),
        "var": _("Gap of the variances, a dot a channel"),
    }
    figures = [
        Figure(f"bn-{moment}", title, gaps_by_layer(found, moment, dark=dark))
        for moment, title in charts.items()
    ]
    return Section(heading("batchnorm"), text, figures=tuple(figures))


def _setup(run: Run, dark: bool) -> Section:
    found = differences([run.config, default_config()])
    frame = pd.DataFrame(
        [(title(d.path), *(value_text(d.path, v) for v in d.values)) for d in found],
        columns=[_("Parameter"), _("This run"), _("Default")],
    )
    block = Block(_("Differs from the default run"), frame)
    return Section(
        heading("setup"), tables=(block,) if found else (), code=run.config.to_json(indent=2)
    )


_BUILDERS: Mapping[str, Callable[[Run, bool], Section | None]] = {
    "curves": _curves,
    "layers": _layers,
    "shapes": _shapes,
    "batchnorm": _batch_norm,
    "setup": _setup,
}
