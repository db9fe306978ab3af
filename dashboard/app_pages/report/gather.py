"""The records that a report is made from: those that its parts show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dashboard.reads import compared, live
from dashboard.reads import store as data
from dashboard.state.choices import NO, YES
from dashboard.views.charts.histograms import quantity_names
from dashboard.views.charts.layers import INFO
from dashboard.views.compare.arms import Arm, first_of_each
from dashboard.views.compare.scores import SCORES
from dashboard.views.compare.spread import BANDS
from dashboard.views.report.of_many import INSPECTED, READ, Compared, Look
from dashboard.views.report.of_run import RunRecords
from db.records import Run
from engine.analyses.inspection import BatchNormInspection
from engine.records import Histogram, Quantity


def records_of(run: Run, parts: Sequence[str]) -> RunRecords:
    """What one run left."""
    return RunRecords(
        run,
        metrics=live.metrics(run) if "curves" in parts else {},
        statistics=live.layers(run) if "layers" in parts else {},
        histograms=_at_both_ends(run) if "shapes" in parts else {},
        inspection=_inspection(run) if "batchnorm" in parts else None,
    )


def compared_records(runs: Sequence[Run], arms: Sequence[Arm], parts: Sequence[str]) -> Compared:
    """What the first runs of each arm left."""
    read = _runs(first_of_each(arms, READ)[0])
    inspected = _runs(first_of_each(arms, INSPECTED)[0])
    return Compared(
        runs,
        arms,
        metrics=compared.metrics_of(read) if "curves" in parts else {},
        statistics=compared.statistics_of(read) if "layers" in parts else {},
        histograms=_at_the_end(read) if "shapes" in parts else {},
        inspections=compared.inspections_of(inspected) if "batchnorm" in parts else {},
    )


def look_of(address: Mapping[str, str]) -> Look:
    """How an address looks at a comparison, as far as it makes sense."""
    band = address.get("band", "")
    statistic = address.get("stat", "")
    return Look(
        axis="epoch" if address.get("x") == "epoch" else "step",
        training="batch" if address.get("training") == "batch" else "train",
        log={YES: True, NO: False}.get(address.get("log", "")),
        band=next((known for known in BANDS if known == band), "std"),
        score=address.get("score", "") if address.get("score") in SCORES else "",
        statistic=statistic if statistic in INFO else "activation_std",
        base=address.get("base", ""),
    )


def _runs(arms: Sequence[Arm]) -> list[Run]:
    return [run for arm in arms for run in arm.runs]


def _at_both_ends(run: Run) -> dict[Quantity, dict[int, list[Histogram]]]:
    """Its distributions at the first and the last step that were recorded."""
    steps = data.histogram_steps(run.id)
    ends = dict.fromkeys((steps[0], steps[-1])) if steps else {}
    return {
        quantity: {step: data.histograms(run.id, quantity, steps=(step,)) for step in ends}
        for quantity in quantity_names()
    }


def _at_the_end(runs: Sequence[Run]) -> dict[int, list[Histogram]]:
    """The activations of each at its step nearest to the last of all."""
    steps = compared.recorded_steps(runs)
    last = max((own[-1] for own in steps.values()), default=0)
    return compared.histograms_of(steps, "activation", last)


def _inspection(run: Run) -> BatchNormInspection | None:
    return compared.inspections_of([run]).get(run.id)
