"""The sections of a report on a comparison, of runs or of groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from dashboard.app_pages.compare.batch_norm import QUANTITIES, channels_chart
from dashboard.app_pages.compare.curves import Axis, arm_rows, curve_chart, score_titles
from dashboard.app_pages.compare.distributions import at_step, recorded_steps
from dashboard.app_pages.compare.layers import arm_panel, gather
from dashboard.app_pages.compare.paired import difference_table, difference_title, estimate_row
from dashboard.app_pages.compare.sweep import axes_of, map_panels, parallel, varied
from dashboard.app_pages.compare.tables import differing, scores_table
from dashboard.app_pages.report.document import Block, Figure, Section
from dashboard.app_pages.report.parts import heading
from dashboard.app_pages.run.header import has_batch_norm
from dashboard.app_pages.run.layers import INFO
from dashboard.reads import live
from dashboard.reads import store as data
from dashboard.reads.columns import length
from dashboard.state.kept import NO, YES
from dashboard.views.charts.curves import Score, has_accuracy
from dashboard.views.charts.estimates import difference_chart
from dashboard.views.charts.histograms import common_range, quantity_names, ridges
from dashboard.views.compare.arms import Arm, first_of_each
from dashboard.views.compare.pairs import paired
from dashboard.views.compare.scores import SCORES, fitting_scores
from dashboard.views.compare.spread import BANDS, Band
from dashboard.words.i18n import _, integer
from db.records import Run, Status
from engine.records import Split

READ = 40
"""Runs whose records are read for a report."""


@dataclass(frozen=True)
class Look:
    """How the comparison was looked at: what its address says beside the runs."""

    axis: Axis = "step"
    training: Split = "train"
    log: bool | None = None
    band: Band = "std"
    score: str = ""
    statistic: str = "activation_std"
    base: str = ""

    @classmethod
    def read(cls, address: Mapping[str, str]) -> Look:
        """What an address says, as far as it makes sense."""
        band = address.get("band", "")
        statistic = address.get("stat", "")
        return cls(
            axis="epoch" if address.get("x") == "epoch" else "step",
            training="batch" if address.get("training") == "batch" else "train",
            log={YES: True, NO: False}.get(address.get("log", "")),
            band=next((known for known in BANDS if known == band), "std"),
            score=address.get("score", "") if address.get("score") in SCORES else "",
            statistic=statistic if statistic in INFO else "activation_std",
            base=address.get("base", ""),
        )


@dataclass(frozen=True)
class _Asked:
    """What every section is built from."""

    runs: Sequence[Run]
    arms: Sequence[Arm]
    look: Look
    dark: bool


def comparison_sections(
    runs: Sequence[Run],
    arms: Sequence[Arm],
    parts: Sequence[str],
    look: Look,
    *,
    dark: bool = False,
) -> list[Section]:
    """What the runs came to and differ in, then those parts that they have something for."""
    asked = _Asked(runs, arms, look, dark)
    sections = (_BUILDERS[part](asked) for part in parts)
    return [_outcome(arms), *(section for section in sections if section is not None)]


def _outcome(arms: Sequence[Arm]) -> Section:
    scores, columns = scores_table(arms)
    shown = scores.drop(columns="line").rename(columns=columns)
    blocks = [Block(_("Scores"), shown)]
    found = differing(arms)
    if not found.empty:
        blocks.append(Block(_("What differs"), found))
    grouped = any(arm.grouped for arm in arms)
    text = _("Mean ± standard deviation over the runs that have the score.") if grouped else ""
    return Section(_("Outcome"), text, tables=tuple(blocks))


def _curves(asked: _Asked) -> Section | None:
    arms, _some = first_of_each(asked.arms, READ)
    metrics = {run.id: live.metrics(run) for arm in arms for run in arm.runs}
    recorded = {run_id: found for run_id, found in metrics.items() if length(found)}
    if not recorded:
        return None
    scores: list[Score] = ["loss"]
    scores += ["accuracy"] if any(map(has_accuracy, recorded.values())) else []
    look, figures = asked.look, []
    diverged = all(run.status is Status.DIVERGED for run in asked.runs)
    log = diverged if look.log is None else look.log
    for (score, split), title in score_titles(asked.look.training).items():
        if score in scores:
            rows = arm_rows(arms, recorded, score, split, axis=look.axis, band=look.band)
            chart = curve_chart(
                arms, rows, score, axis=look.axis, log=log, legend=True, dark=asked.dark
            )
            figures.append(Figure(f"{split}-{score}", title, chart))
    banded = any(len(arm.runs) > 1 for arm in arms)
    text = _("Lines are means, bands: {band}.").format(band=_(BANDS[look.band])) if banded else ""
    return Section(heading("curves"), text, figures=tuple(figures))


def _pairs(asked: _Asked) -> Section | None:
    if len(asked.arms) < 2:
        return None
    scores = fitting_scores(asked.runs)
    score = scores.get(asked.look.score) or next(iter(scores.values()))
    base = next((a for a in asked.arms if str(a.key) == asked.look.base), asked.arms[0])
    found = paired(asked.arms, base)
    rows = [row for each in found if (row := estimate_row(each, score, dark=asked.dark))]
    if not rows:
        return None
    title = difference_title(score, base)
    chart = difference_chart(rows, title=title, share=score.share)
    return Section(
        heading("pairs"),
        _("Runs of one seed are a pair; the interval is Student's t at 95 %."),
        tables=(Block(title, difference_table(found, score)),),
        figures=(Figure("paired-differences", title, chart, wide=True),),
    )


def _layers(asked: _Asked) -> Section | None:
    arms, _some = first_of_each(asked.arms, READ)
    info = INFO[asked.look.statistic]
    rows, shared = gather(arms, info, log=info.log and not info.share)
    if shared is None:
        return None
    figures = [
        Figure(
            f"layers-{arm.key}", arm.label, arm_panel(arm, rows[arm.place], shared, dark=asked.dark)
        )
        for arm in arms
        if arm.place in rows
    ]
    text = _("{statistic}: a line a layer, from cold at the inputs to warm at the outputs.")
    said = text.format(statistic=_(info.label))
    return Section(heading("layers"), said, figures=tuple(figures))


def _shapes(asked: _Asked) -> Section | None:
    arms, _some = first_of_each(asked.arms, READ)
    steps = recorded_steps(arms)
    if not steps:
        return None
    last = max(step for recorded in steps.values() for step in recorded)
    names, found = at_step(arms, "activation", steps, last)
    together = [histogram for own in found.values() for histogram in own]
    domain, rows = common_range(together), sorted({h.layer for h in together})
    figures = [
        Figure(
            f"distribution-{arm.key}",
            arm.label,
            ridges(
                found[arm.place],
                "activation",
                names=names,
                layers=rows,
                domain=domain,
                dark=asked.dark,
            ),
        )
        for arm in arms
        if found[arm.place]
    ]
    text = _("{quantity}, at the last step recorded.")
    said = text.format(quantity=quantity_names()["activation"])
    return Section(heading("shapes"), said, figures=tuple(figures))


def _batch_norm(asked: _Asked) -> Section | None:
    arms, _some = first_of_each(asked.arms, READ // 2)
    inspections = {
        run.id: data.inspection(kept[-1], run.config)
        for arm in arms
        for run in arm.runs
        if has_batch_norm(run) and (kept := data.checkpoints(run.id))
    }
    if not inspections:
        return None
    figures = [
        Figure(
            f"bn-{name}",
            _(label),
            channels_chart(arms, inspections, label, log=log, read=read, dark=asked.dark),
        )
        for name, (label, log, read) in QUANTITIES.items()
        if name in ("mean_gap", "var_ratio")
    ]
    text = _(
        "Over a layer's channels: the dot is the median, the bar the middle 80 %, the line all."
    )
    return Section(heading("batchnorm"), text, figures=tuple(figures))


def _map(asked: _Asked) -> Section | None:
    found = varied(asked.runs)
    if not found:
        return None
    scores = fitting_scores(asked.runs)
    score = scores.get(asked.look.score) or next(iter(scores.values()))
    figures = []
    if len(found) > 1:
        panels = map_panels(asked.runs, score, axes_of(found), dark=asked.dark)
        figures = [
            Figure(f"map-{i}", panel.title or _("Map"), panel.chart)
            for i, panel in enumerate(panels)
        ]
    chart = parallel(asked.runs, found, score, dark=asked.dark)
    figures.append(Figure("parallel", _("Every run across what varies"), chart, wide=True))
    text = _("{score}. ✕ marks runs that diverged.").format(score=_(score.label))
    return Section(heading("map"), text, figures=tuple(figures))


def _setup(asked: _Asked) -> Section:
    columns = [_("Run"), _("Name"), _("Seed"), _("Step"), "UID"]
    rows = [(run.id, run.name, run.config.seed, integer(run.step), run.uid) for run in asked.runs]
    block = Block(_("Runs"), pd.DataFrame(rows, columns=columns))
    code = asked.runs[0].config.to_json(indent=2)
    text = _("The configuration of the first run; the others differ from it as told above.")
    return Section(heading("setup"), text, tables=(block,), code=code)


_BUILDERS: Mapping[str, Callable[[_Asked], Section | None]] = {
    "curves": _curves,
    "pairs": _pairs,
    "layers": _layers,
    "shapes": _shapes,
    "batchnorm": _batch_norm,
    "map": _map,
    "setup": _setup,
}
