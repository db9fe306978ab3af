"""The sections of a report on a comparison, of runs or of groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from dashboard.reads.clock import Clock
from dashboard.reads.columns import Columns
from dashboard.views.charts.estimates import difference_chart
from dashboard.views.charts.histograms import quantity_names
from dashboard.views.charts.layers import INFO
from dashboard.views.charts.shown_layers import usual_layers
from dashboard.views.compare.arms import MOST, Arm, copies_text, first_of_each, without_copies
from dashboard.views.compare.batch_norm import QUANTITIES, channels_chart
from dashboard.views.compare.curves import (
    Layout,
    arm_rows,
    curve_chart,
    score_titles,
    scores_of,
    usual_training,
)
from dashboard.views.compare.distributions import distributions_of, ridges_of
from dashboard.views.compare.layers import arm_map, colors_of, gather, usual_log
from dashboard.views.compare.maps import axes_of, map_panels, parallel, varied
from dashboard.views.compare.pairs import difference_table, difference_title, estimate_row, paired
from dashboard.views.compare.scores import Score, fitting_scores
from dashboard.views.compare.spread import BANDS
from dashboard.views.compare.tables import differing, scores_table
from dashboard.views.report.document import Block, Figure, Section
from dashboard.views.report.parts import heading
from dashboard.views.run.learned import Pictured, checkpoint_text, learned_chart, learned_note
from dashboard.words.i18n import _, integer
from dashboard.words.sentences import error_text
from db.records import Run, Status
from engine.analyses.inspection import BatchNormInspection
from engine.errors import DataError
from engine.records import Split

READ = 40
"""Runs whose records a report draws."""

INSPECTED = 20
"""Runs whose Batch Normalization it draws."""


@dataclass(frozen=True)
class Look:
    """How the comparison was looked at: what its address says beside the runs."""

    layout: Layout = field(default_factory=Layout)
    training: Split | None = None  # where None, what stands beside validation
    log: bool | None = None
    score: str = ""
    statistic: str = "activation_std"
    layers_log: bool | None = None
    base: str = ""


@dataclass(frozen=True)
class Compared:
    """The runs, how they are taken together, and what they left, by run, as far as a report on them
    needs it: histograms of the activations at their last step, Batch Normalization at the newest
    checkpoint."""

    runs: Sequence[Run]
    arms: Sequence[Arm]
    metrics: Mapping[int, Columns]
    statistics: Mapping[int, Columns]
    histograms: Mapping[int, Columns]
    inspections: Mapping[int, BatchNormInspection]
    learned: Mapping[int, Pictured] = field(default_factory=dict)
    clocks: Mapping[int, Clock] = field(default_factory=dict)


def comparison_sections(
    found: Compared, parts: Sequence[str], look: Look, *, dark: bool = False
) -> list[Section]:
    """What the runs came to and differ in, then those parts that they have something for."""
    sections = (_BUILDERS[part](found, look, dark) for part in parts)
    return [
        _outcome(found.arms, found.runs),
        *(section for section in sections if section is not None),
    ]


def _outcome(arms: Sequence[Arm], runs: Sequence[Run]) -> Section:
    scores, columns = scores_table(arms)
    shown = scores.drop(columns="line").rename(columns=columns)
    blocks = [Block(_("Scores"), shown)]
    found = differing(arms)
    if not found.empty:
        blocks.append(Block(_("What differs"), found))
    grouped = any(arm.grouped for arm in arms)
    text = _("Mean ± standard deviation over the runs that have the score.") if grouped else ""
    said = " ".join(filter(None, (text, copies_text(runs))))
    return Section(_("Outcome"), said, tables=tuple(blocks))


def _curves(found: Compared, look: Look, dark: bool) -> Section | None:
    if not found.metrics:
        return None
    arms, _some = first_of_each(found.arms, READ)
    scores, figures = scores_of(found.metrics), []
    diverged = all(run.status is Status.DIVERGED for run in found.runs)
    layout = replace(look.layout, log=diverged if look.log is None else look.log)
    training = look.training or usual_training(found.metrics)
    for (score, split), title in score_titles(training).items():
        if score in scores:
            rows = arm_rows(arms, found.metrics, score, split, layout, found.clocks)
            chart = curve_chart(arms, rows, score, layout, legend=True, dark=dark)
            figures.append(Figure(f"{split}-{score}", title, chart))
    banded = any(len(arm.runs) > 1 for arm in arms)
    text = _("Lines are means, bands: {band}.").format(band=_(BANDS[layout.band])) if banded else ""
    return Section(heading("curves"), text, figures=tuple(figures))


def _learned(found: Compared, look: Look, dark: bool) -> Section | None:
    figures: list[Figure] = []
    said: dict[str, None] = {}
    for arm in found.arms:
        learned = next((found.learned[r.id] for r in arm.runs if r.id in found.learned), None)
        if isinstance(learned, DataError):
            text = _("{arm}: {problem}.")
            said[text.format(arm=arm.label, problem=error_text(learned))] = None
        elif learned:
            info, picture = learned.pictures[-1]
            title = f"{arm.label}, {checkpoint_text(info)}"
            chart = learned_chart(picture, learned.samples, dark=dark)
            figures.append(Figure(f"learned-{arm.key}", title, chart))
            said[learned_note(picture)] = None
    if not said:
        return None
    return Section(heading("learned"), " ".join(said), figures=tuple(figures))


def _pairs(found: Compared, look: Look, dark: bool) -> Section | None:
    arms = found.arms[:MOST]
    if len(arms) < 2:
        return None
    score = _score(found, look)
    base = next((a for a in arms if str(a.key) == look.base), arms[0])
    against = paired(arms, base)
    rows = [row for each in against if (row := estimate_row(each, score, dark=dark))]
    if not rows:
        return None
    title = difference_title(score, base)
    chart = difference_chart(rows, title=title, share=score.share)
    return Section(
        heading("pairs"),
        _("Runs of one seed are a pair; the interval is Student's t at 95 %."),
        tables=(Block(title, difference_table(against, score)),),
        figures=(Figure("paired-differences", title, chart, wide=True),),
    )


def _layers(found: Compared, look: Look, dark: bool) -> Section | None:
    arms, _some = first_of_each(found.arms[:MOST], READ)
    info = INFO[look.statistic]
    log = usual_log(arms, found.statistics, info) if look.layers_log is None else look.layers_log
    rows, shared = gather(arms, found.statistics, info, log=log and not info.share)
    if shared is None:
        return None
    label = _(info.label)
    figures = [
        Figure(f"layers-{arm.key}", arm.label, arm_map(arm, rows[arm.place], shared, dark=dark))
        for arm in arms
        if arm.place in rows
    ]
    colors = Figure("layers-colors", label, colors_of(shared, dark=dark), wide=True)
    text = _("One row per layer, the inputs at the top; each colour means the same in every map.")
    return Section(heading("layers"), f"{label}. {text}", figures=(colors, *figures))


def _shapes(found: Compared, look: Look, dark: bool) -> Section | None:
    if not found.histograms:
        return None
    arms, _some = first_of_each(found.arms[:MOST], READ)
    shown = usual_layers([run.config.layers for run in found.runs])
    own = distributions_of(arms, "activation", found.histograms, shown)
    charts = ridges_of(arms, own, dark=dark)
    figures = [
        Figure(f"distribution-{arm.key}", arm.label, charts[arm.place])
        for arm in arms
        if arm.place in charts
    ]
    text = _("{quantity}, at the last step recorded.")
    said = text.format(quantity=quantity_names()["activation"])
    return Section(heading("shapes"), said, figures=tuple(figures))


def _batch_norm(found: Compared, look: Look, dark: bool) -> Section | None:
    if not found.inspections:
        return None
    arms, _some = first_of_each(found.arms[:MOST], INSPECTED)
    figures = [
        Figure(
            f"bn-{name}",
            _(label),
            channels_chart(arms, found.inspections, label, log=log, read=read, dark=dark),
        )
        for name, (label, log, read) in QUANTITIES.items()
        if name in ("mean_gap", "var_ratio")
    ]
    text = _(
        "Over a layer's channels: the dot is the median, the bar the middle 80 %, the line all."
    )
    return Section(heading("batchnorm"), text, figures=tuple(figures))


def _map(found: Compared, look: Look, dark: bool) -> Section | None:
    runs = without_copies(found.runs)
    several = varied(runs)
    if not several:
        return None
    score = _score(found, look)
    figures = []
    if len(several) > 1:
        panels = map_panels(runs, score, axes_of(several), dark=dark)
        figures = [
            Figure(f"map-{i}", panel.title or _("Map"), panel.chart)
            for i, panel in enumerate(panels)
        ]
    chart = parallel(runs, several, score, dark=dark)
    figures.append(Figure("parallel", _("Every run across what varies"), chart, wide=True))
    text = _("{score}. ✕ marks runs that diverged.").format(score=_(score.label))
    return Section(heading("map"), text, figures=tuple(figures))


def _setup(found: Compared, look: Look, dark: bool) -> Section:
    columns = [_("Run"), _("Name"), _("Seed"), _("Step"), "UID"]
    rows = [(run.id, run.name, run.config.seed, integer(run.step), run.uid) for run in found.runs]
    block = Block(_("Runs"), pd.DataFrame(rows, columns=columns))
    code = found.runs[0].config.to_json(indent=2)
    text = _("The configuration of the first run; the others differ from it as told above.")
    return Section(heading("setup"), text, tables=(block,), code=code)


def _score(found: Compared, look: Look) -> Score:
    """The score that was looked at, where the runs have it."""
    scores = fitting_scores(found.runs)
    return scores.get(look.score) or next(iter(scores.values()))


_BUILDERS: Mapping[str, Callable[[Compared, Look, bool], Section | None]] = {
    "curves": _curves,
    "learned": _learned,
    "pairs": _pairs,
    "layers": _layers,
    "shapes": _shapes,
    "batchnorm": _batch_norm,
    "map": _map,
    "setup": _setup,
}
