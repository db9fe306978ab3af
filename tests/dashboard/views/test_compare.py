"""Runs side by side: what stands together, what is a pair, what a group comes to."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from dashboard.reads.columns import Columns
from dashboard.views.charts.bins import columns_of
from dashboard.views.charts.shown_layers import filled_range, layers_of, usual_layers
from dashboard.views.charts.written import specification
from dashboard.views.compare.align import aligned
from dashboard.views.compare.arms import (
    ALONE,
    SEED,
    arms_of,
    copies_text,
    divergences_of,
    first_of_each,
    sound,
    ways_to_group,
)
from dashboard.views.compare.distributions import distributions_of, ridges_of
from dashboard.views.compare.health import health_table
from dashboard.views.compare.maps import cells_of, usual_axes, varied
from dashboard.views.compare.pairs import paired
from dashboard.views.compare.pooling import pooled
from dashboard.views.compare.scores import SCORES
from dashboard.views.compare.spread import across_runs
from dashboard.views.report.of_many import Compared, Look, comparison_sections
from dashboard.views.run.name import LONGEST, run_name
from db.records import Run, Status
from engine.analyses.health import Finding
from engine.initializers import He
from engine.layers import BatchNorm, Dense, LayerSpec, ReLU, Sigmoid, Tanh
from engine.optimizers import SGD, Adam
from engine.records import Histogram
from engine.stack import multilayer
from tests.dashboard.conftest import small
from tests.dashboard.records import run


def test_layers_of_one_name_share_a_row_whatever_stands_between() -> None:
    plain = ["dense1", "relu1", "dense2"]
    normalized = ["dense1", "batch_norm1", "relu1", "dense2"]
    assert aligned([plain, normalized]) == normalized
    assert aligned([normalized, plain]) == normalized
    assert aligned([["dense1", "tanh1"], ["dense1", "relu1"]]) == ["dense1", "relu1", "tanh1"]


def test_a_diverged_run_does_not_set_the_common_axis() -> None:
    runs = [run(1), run(2, status=Status.DIVERGED), run(3)]
    assert [r.id for r in sound(arms_of(runs, ALONE))] == [1, 3]
    assert [r.id for r in sound(arms_of(runs[1:2], ALONE))] == [2], "alone, it is drawn on its own"
    assert [d.step for d in divergences_of(arms_of(runs, ALONE), dark=False)] == [3]


def test_a_run_is_named_by_its_number_however_long_its_name() -> None:
    assert run_name(run(3)) == "#3"
    assert len(run_name(run(3, "x" * 200))) <= LONGEST + 3


def test_of_a_group_it_is_told_in_how_many_of_its_runs_a_layer_is_unhealthy() -> None:
    saturated = Finding("saturated", "saturated", 2, since=4, until=16, value=0.5, lasts=True)
    runs = [run(seed, config=small(seed=seed)) for seed in (1, 2, 3)]
    found = {1: [saturated], 2: [], 3: [saturated]}
    alone = health_table(arms_of(runs, ALONE), found)
    assert alone["Saturated"].tolist() == ["relu1 (from step 4 on)", "–", "relu1 (from step 4 on)"]
    assert health_table(arms_of(runs, SEED), found)["Saturated"].tolist() == ["in 2 of 3 runs"]


def arms() -> list[Run]:
    """Adam and SGD, each with the seeds 0, 1 and 2; of SGD's, the last diverged."""
    configs = [
        small(optimizer=optimizer, seed=seed)
        for optimizer in (Adam(lr=0.01), SGD(lr=0.01))
        for seed in range(3)
    ]
    accuracies = [0.90, 0.94, 0.92, 0.80, 0.82, None]
    return [
        run(
            i + 1,
            status=Status.DONE if accuracy else Status.DIVERGED,
            config=config,
            val_accuracy=accuracy,
        )
        for i, (config, accuracy) in enumerate(zip(configs, accuracies, strict=True))
    ]


def test_the_same_experiment_launched_twice_is_one_observation_of_each_seed() -> None:
    """Copies would say that chance does nothing: N = 2, ± 0.0."""
    first = arms()
    again = [replace(run, id=run.id + 10) for run in first]
    begun = replace(first[0], id=30, status=Status.RUNNING, step=0, last=None, best=None)
    adam, sgd = arms_of([begun, *first, *again], SEED)
    assert (adam.label, sgd.label) == ("A Adam (N = 3)", "B SGD (N = 3)")
    assert [run.id for run in adam.runs] == [1, 2, 3], "what has ended stands for what has begun"
    assert copies_text([begun, *first, *again]).startswith("7 runs are copies of others")
    assert not copies_text(first)
    assert len(arms_of([*first, *again], ALONE)) == 12, "by itself, each run is a line"
    (found,) = paired([adam, sgd], adam)
    assert len(found.pairs) == 3
    branch = replace(first[0], id=40, parent_id=1, parent_step=5)
    assert len(arms_of([*first, branch], SEED)[0].runs) == 4, "it began elsewhere"


def test_groups_whose_names_begin_alike_are_told_by_what_sets_them_apart() -> None:
    """Cut at their ends they would be the same but for their letters."""
    widths = ([100] * 12, [100] * 11 + [50])
    configs = [
        small(
            layers=multilayer(list(hidden), 10, activation=activation(), init=He()),
            optimizer=Adam(lr=rate),
        )
        for hidden in widths
        for activation in (ReLU, Tanh)
        for rate in (0.01, 0.02)
    ]
    found = arms_of([run(i, config=config) for i, config in enumerate(configs, 1)], SEED)
    names = [arm.name.partition(" ")[2] for arm in found]
    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= 40


def test_runs_that_differ_in_their_seeds_are_one_line_with_its_number_of_runs() -> None:
    adam, sgd = arms_of(arms(), SEED)
    assert [adam.label, sgd.label] == ["A Adam (N = 3)", "B SGD (N = 3)"]
    assert sgd.diverged == 1
    assert [arm.name for arm in arms_of(arms(), "optimizer.kind")] == ["A Adam", "B SGD"]
    assert ways_to_group(arms()) == [ALONE, SEED, "optimizer.kind"]
    lines = {arm.line(dark=False).color for arm in (adam, sgd)}
    assert len(lines) == 2
    shortened, some = first_of_each([adam, sgd], 4)
    assert [len(arm.runs) for arm in shortened] == [2, 2]
    assert some


def test_means_leave_out_what_is_not_finite_and_say_how_many_they_stand_for() -> None:
    frames = [
        pd.DataFrame({"step": [1, 2, 3], "epoch": 1, "value": values})
        for values in ([1.0, 2.0, np.nan], [3.0, np.inf, np.nan], [5.0, 4.0, np.nan])
    ]
    found = across_runs(frames, band="std").set_index("step")
    assert found["n"].tolist() == [3, 2, 0]
    assert found["value"].tolist()[:2] == [3.0, 3.0]
    assert np.isnan(found.loc[3, "value"]), "drawn as what it is"
    assert found.loc[1, ["low", "high"]].tolist() == [1.0, 5.0]
    interval = across_runs(frames, band="interval").set_index("step")
    assert interval.loc[1, "high"] == pytest.approx(3 + 4.30265 * 2 / 3**0.5, rel=1e-5)
    assert across_runs(frames, band="range").loc[1, "high"] == 4.0
    alone = across_runs(frames[:1]).set_index("step")
    assert alone["low"].isna().all(), "one run has no spread"


def test_a_pair_shares_its_seed_and_one_that_diverged_is_no_pair() -> None:
    adam, sgd = arms_of(arms(), SEED)
    (found,) = paired([adam, sgd], adam)
    score = SCORES["best.val_accuracy"]
    assert [pair.seed for pair, _value in found.differences(score)] == [0, 1]
    mean = found.estimate(score)
    assert mean is not None
    assert mean.mean == pytest.approx(-0.11)
    assert mean.n == 2
    assert mean.low is not None
    assert mean.low < -0.11 < (mean.high or 0)
    other_seed = run(9, config=small(seed=7), val_accuracy=0.9)
    alone = arms_of([arms()[0], other_seed], ALONE)
    (lonely,) = paired(alone, alone[0])
    assert lonely.pairs == (), "luck was not the same"


def test_histograms_of_several_runs_are_counted_together() -> None:
    def histogram(low: float, high: float, bins: int = 4) -> Columns:
        counts = np.full(bins, 100 // bins, dtype=np.uint32)
        return columns_of([Histogram(5, 0, "weight", low, high, counts)])

    both = pooled([histogram(0, 2), histogram(2, 4)])
    assert (both["layer"], both["low"], both["high"]) == ([0], [0], [4])
    assert both["counts"].tolist() == [[50, 50, 50, 50]]
    assert pooled([histogram(1, 1), histogram(0, 4)])["counts"].sum() == 200
    assert pooled([histogram(0, 4, bins=2), histogram(0, 4)])["counts"].tolist() == [[50] * 4]
    broken = histogram(float("-inf"), float("inf"))
    assert pooled([broken, histogram(0, 2)])["high"] == [2]
    assert np.isnan(pooled([broken])["high"]).all()


def test_a_map_gathers_runs_by_what_varies_and_leaves_out_what_follows_from_it() -> None:
    found = varied(arms())
    assert [v.path for v in found] == ["optimizer.kind"], "Adam's betas follow from Adam"
    assert usual_axes(["batch_size", "optimizer.kind", "optimizer.lr"]) == (
        "optimizer.lr",
        "batch_size",
        "optimizer.kind",
    )
    cells = cells_of(arms(), found[0], found[0], None)
    assert {place[0]: len(runs) for place, runs in cells.items()} == {"Adam": 3, "SGD": 3}


def test_a_map_counts_what_was_launched_twice_once() -> None:
    """The mean of a cell would lean towards its copies."""
    runs = [
        replace(each, config=each.config.model_copy(update={"batch_size": size}), id=each.id + size)
        for size in (20, 50)
        for each in arms()
    ]
    runs.append(replace(runs[1], id=99))
    found = Compared(runs, arms_of(runs, ALONE), {}, {}, {}, {})
    outcome, maps = comparison_sections(found, ["map"], Look(score="best.val_accuracy"))
    assert outcome.text.startswith("1 run is a copy of another")
    spec = specification(maps.figures[0].chart)
    cells = [row for rows in spec["datasets"].values() for row in rows if "runs" in row]
    assert {cell["runs"] for cell in cells} == {3}
    assert max(cell["score"] for cell in cells) == pytest.approx((0.90 + 0.94 + 0.92) / 3)


def test_each_run_is_drawn_on_the_axis_that_its_activations_fill() -> None:
    def outputs(low: float, high: float) -> Columns:
        counts = np.full(4, 25, dtype=np.uint32)
        return columns_of([Histogram(1, 2, "activation", low, high, counts)])

    sigmoid = multilayer([8], 10, activation=Sigmoid(), init=He(), batch_norm=BatchNorm())
    runs = [run(1, config=small(layers=sigmoid)), run(2), run(3)]
    values = {1: outputs(0.4, 0.6), 2: outputs(0, 3), 3: outputs(0, 5)}
    arms = arms_of(runs, ALONE)
    found = distributions_of(arms, "activation", values, "activations")
    charts = ridges_of(arms, found, dark=False)
    axes = [
        charts[place].to_dict()["layer"][0]["encoding"]["x"]["scale"]["domain"]
        for place in range(3)
    ]
    assert axes == [[0, 1], [0, 5], [0, 5]], "what has no end is on a common axis"


def test_distributions_show_what_activations_put_out_on_the_axis_that_they_fill() -> None:
    """Beside sums that reach to 10, a sigmoid's outputs are a spike."""
    first: list[LayerSpec] = [Dense(units=4), BatchNorm(), Sigmoid()]
    stack = [*first, Dense(units=4), Tanh(scale=2), Dense(units=2)]
    assert layers_of(stack, "activations") == [2, 4]
    assert layers_of(stack, "sums") == [0, 1, 3, 5]
    assert layers_of(stack, "all") == list(range(6))
    assert filled_range([stack[2]]) == (0, 1)
    assert filled_range([stack[2], stack[4]]) == (-2, 2)
    assert filled_range([stack[2], ReLU()]) is None, "ReLU has no end"
    assert filled_range([]) is None
    assert usual_layers([[Dense(units=2)]]) == "all", "a network without activations"
