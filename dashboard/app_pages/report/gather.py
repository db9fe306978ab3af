"""The records that a report is made from: those that its parts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dashboard.reads import analyses, compared, live
from dashboard.reads import store as data
from dashboard.reads.columns import Columns
from dashboard.reads.health import findings
from dashboard.state.choices import NO, YES
from dashboard.views.charts.histograms import quantity_names
from dashboard.views.charts.layers import INFO
from dashboard.views.compare.arms import MOST, Arm, first_of_each
from dashboard.views.compare.curves import AXES, TIMES, Axis, Layout
from dashboard.views.compare.scores import SCORES
from dashboard.views.compare.spread import BANDS, Band
from dashboard.views.report.of_many import INSPECTED, READ, Compared, Look
from dashboard.views.report.of_run import RunRecords
from dashboard.views.run.health import first_told
from dashboard.views.run.learned import Learned, Pictured, learned_title
from db.records import Run
from engine.analyses.inspection import BatchNormInspection
from engine.analyses.learned import points
from engine.errors import DataError
from engine.records import Quantity, Split


def records_of(run: Run, parts: Sequence[str]) -> RunRecords:
    """What one run left."""
    return RunRecords(
        run,
        metrics=live.metrics(run) if "curves" in parts else {},
        statistics=live.layers(run) if "layers" in parts else {},
        histograms=_at_both_ends(run) if "shapes" in parts else {},
        inspection=_inspection(run) if "batchnorm" in parts else None,
        learned=_learned(run, most=LEARNED) if "learned" in parts else None,
    )


def compared_records(
    runs: Sequence[Run], arms: Sequence[Arm], parts: Sequence[str], look: Look
) -> Compared:
    """What the first runs of each arm left: curves of all arms, the rest of those that fit side by
    side."""
    beside = arms[:MOST]
    drawn = _runs(first_of_each(arms, READ)[0]) if "curves" in parts else []
    axis = look.layout.axis
    read = _runs(first_of_each(beside, READ)[0])
    inspected = _runs(first_of_each(beside, INSPECTED)[0])
    return Compared(
        runs,
        arms,
        metrics=compared.metrics_of(drawn),
        clocks=compared.clocks_of(drawn, wall=axis == "clock") if axis in TIMES else {},
        statistics=compared.statistics_of(read) if "layers" in parts else {},
        histograms=_at_the_end(read) if "shapes" in parts else {},
        inspections=compared.inspections_of(inspected) if "batchnorm" in parts else {},
        learned={run.id: found for run in inspected if (found := _learned(run, most=1))}
        if "learned" in parts
        else {},
    )


LEARNED = 3
"""Checkpoints of one run at which it is shown what it had learned."""

TRAINING_SPLITS: tuple[Split, ...] = ("train_sample", "train", "batch")


def look_of(address: Mapping[str, str], arms: Sequence[Arm]) -> Look:
    """How an address looks at a comparison, as far as it makes sense."""
    statistic = address.get("stat", "")
    return Look(
        layout=_layout(address),
        training=next(
            (known for known in TRAINING_SPLITS if known == address.get("training")), None
        ),
        log=_YES_OR_NO.get(address.get("log", "")),
        score=address.get("score", "") if address.get("score") in SCORES else "",
        statistic=statistic if statistic in INFO else _told_first(arms),
        layers_log=_YES_OR_NO.get(address.get("statlog", "")),
        base=address.get("base", ""),
    )


def _layout(address: Mapping[str, str]) -> Layout:
    """How its curves are laid out; a report shows them whole, whatever was zoomed in on."""
    axis: Axis = next((known for known in AXES if known == address.get("x")), "step")
    band: Band = next((known for known in BANDS if known == address.get("band")), "std")
    smooth = address.get("smooth", "")
    return Layout(axis, band=band, half_life=int(smooth) if smooth.isdecimal() else 0)


_YES_OR_NO = {YES: True, NO: False}


def _told_first(arms: Sequence[Arm]) -> str:
    """The statistic of the first finding."""
    drawn, _some = first_of_each(arms[:MOST], READ)
    found = [finding for run in _runs(drawn) for finding in findings(run) or ()]
    return first_told(found) or "activation_std"


def _runs(arms: Sequence[Arm]) -> list[Run]:
    return [run for arm in arms for run in arm.runs]


def _at_both_ends(run: Run) -> dict[Quantity, dict[int, Columns]]:
    """Its distributions at the first and the last step that were recorded."""
    steps = data.histogram_steps(run.id)
    ends = dict.fromkeys((steps[0], steps[-1])) if steps else {}
    return {
        quantity: {step: data.histograms(run.id, quantity, steps=(step,)) for step in ends}
        for quantity in quantity_names()
    }


def _at_the_end(runs: Sequence[Run]) -> dict[int, Columns]:
    """The activations of each at its step nearest to the last of all."""
    steps = compared.recorded_steps(runs)
    last = max((own[-1] for own in steps.values()), default=0)
    return compared.histograms_of(steps, "activation", last)


def _learned(run: Run, *, most: int) -> Pictured | None:
    """What a run of one or two inputs had learned at so many of its checkpoints, the newest among
    them; None of other runs."""
    kept = data.checkpoints(run.id)
    if not kept or learned_title(run) is None:
        return None
    places = np.linspace(len(kept) - 1, 0, min(most, len(kept))).round().astype(int)[::-1]
    try:
        pictures = [
            (kept[i], found) for i in places if (found := analyses.learned(kept[i], run.config))
        ]
        if not pictures:
            return None
        return Learned(points(analyses.data_of(run.id, run.config)), pictures)
    except DataError as error:
        return error


def _inspection(run: Run) -> BatchNormInspection | None:
    return compared.inspections_of([run]).get(run.id)
