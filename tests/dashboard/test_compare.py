"""Runs side by side: the layers aligned, the axes common, the page sturdy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

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
from dashboard.views.compare.health import health_table
from dashboard.views.compare.maps import cells_of, usual_axes, varied
from dashboard.views.compare.pairs import paired
from dashboard.views.compare.pooling import pooled
from dashboard.views.compare.scores import SCORES
from dashboard.views.compare.spread import across_runs
from dashboard.views.run.name import LONGEST, run_name
from db.records import Run, Scores, Status
from engine.analyses.health import Finding
from engine.config import RunConfig
from engine.optimizers import SGD, Adam
from engine.records import Histogram
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage, small

TABS = ("curves", "layers", "shapes", "batchnorm", "map")


def run(
    run_id: int,
    name: str = "",
    status: Status = Status.DONE,
    *,
    config: RunConfig | None = None,
    val_accuracy: float | None = None,
) -> Run:
    """A run as the Store returns it."""
    scores = val_accuracy and Scores(16, 4, 0.5, 0.9, 0.6, val_accuracy)
    now = datetime.now(UTC)
    return Run(
        id=run_id,
        uid=str(run_id),
        name=name,
        owner="aiko",
        status=status,
        config=config or small(),
        attempt=1,
        max_attempts=3,
        priority=0,
        step=16,
        steps=16,
        parameters=10,
        error=None,
        created_at=now,
        started_at=now,
        ended_at=now,
        lease_until=None,
        worker=None,
        last=scores or None,
        best=scores or None,
        diverged_step=3 if status is Status.DIVERGED else None,
    )


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


def compared(open_page: OpenPage, demo: Demo, *ids: int, **params: str) -> AppTest:
    return open_page(demo.url, "compare", ids=",".join(map(str, ids)), **params)


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_two_runs_stand_side_by_side(demo_database: Demo, open_page: OpenPage, lang: str) -> None:
    demo = demo_database
    at = compared(open_page, demo, demo.done, demo.plain, lang=lang)
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 4, "loss and accuracy, validation and training"
    scores, differing = at.dataframe[0].value, at.dataframe[1].value
    assert len(scores) == 2
    assert {"BN, He, Adam", "plain sigmoid"} <= {name.split(" ", 1)[1] for name in scores["run"]}
    assert len(differing.columns) == 3, "a column a run beside the parameter"


@pytest.mark.parametrize("tab", TABS[1:])
def test_every_tab_opens_for_runs_in_every_state(
    demo_database: Demo, open_page: OpenPage, tab: str
) -> None:
    at = compared(open_page, demo_database, *demo_database.by_status.values(), tab=tab)
    assert not at.exception
    assert at.get("vega_lite_chart")


def test_the_layers_that_are_unhealthy_are_named_for_each_run(
    demo_database: Demo, open_page: OpenPage
) -> None:
    demo = demo_database
    at = compared(open_page, demo, demo.done, demo.diverged, tab="layers")
    assert not at.exception
    told = at.table[0].value
    assert told["Not finite"].iloc[0] == "–"
    assert "dense1, relu1" in told["Not finite"].iloc[1]
    assert "(from step" in told["Not finite"].iloc[1]
    assert any("Looked for and not found" in caption.value for caption in at.caption)


def test_of_a_group_it_is_told_in_how_many_of_its_runs_a_layer_is_unhealthy() -> None:
    saturated = Finding("saturated", "saturated", 2, since=4, until=16, value=0.5, lasts=True)
    runs = [run(seed, config=small(seed=seed)) for seed in (1, 2, 3)]
    found = {1: [saturated], 2: [], 3: [saturated]}
    alone = health_table(arms_of(runs, ALONE), found)
    assert alone["Saturated"].tolist() == ["relu1 (from step 4 on)", "–", "relu1 (from step 4 on)"]
    assert health_table(arms_of(runs, SEED), found)["Saturated"].tolist() == ["in 2 of 3 runs"]


def test_runs_that_predict_numbers_are_compared_by_their_losses(
    regression_database: str, open_page: OpenPage
) -> None:
    at = open_page(regression_database, "compare", ids="1,2")
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 2, "validation and training loss"
    assert at.dataframe[0].value["best"][0].startswith("loss ")
    at.query_params["tab"] = "batchnorm"
    at.run()
    assert not at.exception
    assert any("Validation loss, by what normalizes" in m.value for m in at.markdown)


def test_a_chart_a_layer_overlays_the_runs(demo_database: Demo, open_page: OpenPage) -> None:
    demo = demo_database
    at = compared(open_page, demo, demo.done, demo.plain, tab="layers", panels="layers")
    assert not at.exception
    names = {"dense1", "batch_norm1", "relu1", "sigmoid1"}
    shown = {markdown.value.replace("\\", "").strip("*") for markdown in at.markdown}
    assert names <= shown


@pytest.mark.parametrize(
    ("ids", "word"),
    [
        ("abc", "names no runs"),
        ("<script>", "names no runs"),
        ("1,999999", "no run 999999"),
        ("99998,99999", "no runs 99998, 99999"),
        (",".join(map(str, range(1, 1102))), "At most 1,000 runs"),
    ],
)
def test_an_address_that_asks_too_much_says_so(
    demo_database: Demo, open_page: OpenPage, ids: str, word: str
) -> None:
    at = open_page(demo_database.url, "compare", ids=ids)
    assert not at.exception
    assert any(word in warning.value for warning in at.warning)


def test_without_runs_there_is_a_choice(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, "compare")
    assert not at.exception
    at.multiselect[0].set_value([demo_database.done, demo_database.plain]).run()
    assert at.query_params["ids"] in (
        f"{demo_database.done},{demo_database.plain}",
        [f"{demo_database.done},{demo_database.plain}"],
    )
    assert at.get("vega_lite_chart")


def test_a_name_that_is_markup_shows_as_typed(demo_database: Demo, open_page: OpenPage) -> None:
    at = compared(open_page, demo_database, demo_database.hostile, demo_database.done, tab="layers")
    assert not at.exception
    assert not [m.value for m in at.markdown if HOSTILE_NAME in m.value]


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
    assert (adam.label, adam.copies, sgd.copies) == ("A Adam (N = 3)", 4, 3)
    assert [run.id for run in adam.runs] == [1, 2, 3], "what has ended stands for what has begun"
    assert copies_text([adam, sgd]).startswith("7 runs are copies of others")
    assert not copies_text(arms_of(first, SEED))
    assert len(arms_of([*first, *again], ALONE)) == 12, "by itself, each run is a line"
    (found,) = paired([adam, sgd], adam)
    assert len(found.pairs) == 3
    branch = replace(first[0], id=40, parent_id=1, parent_step=5)
    assert len(arms_of([*first, branch], SEED)[0].runs) == 4, "it began elsewhere"


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
    def histogram(low: float, high: float) -> Histogram:
        return Histogram(5, 0, "weight", low, high, np.full(4, 25, dtype=np.uint32))

    (both,) = pooled([histogram(0, 2), histogram(2, 4)])
    assert (both.low, both.high) == (0, 4)
    assert both.counts.tolist() == [50, 50, 50, 50]
    (point,) = pooled([histogram(1, 1), histogram(0, 4)])
    assert point.counts.sum() == 200
    broken = histogram(float("-inf"), float("inf"))
    assert pooled([broken, histogram(0, 2)])[0].high == 2


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


def test_a_link_shows_exactly_what_its_sender_saw(demo_database: Demo, open_page: OpenPage) -> None:
    demo = demo_database
    at = compared(open_page, demo, demo.done, demo.plain)
    at.query_params["tab"] = "layers"
    at.run()
    at.button_group(key="compared_statistic").set_value("weight_norm").run()
    at.button_group(key="compared_panels").set_value("layers").run()
    sent = {k: v if isinstance(v, str) else v[0] for k, v in at.query_params.items()}
    assert sent["stat"] == "weight_norm"
    assert sent["panels"] == "layers"
    other = open_page(demo.url, "compare", **sent)
    assert not other.exception
    assert other.button_group(key="compared_statistic").value == "weight_norm"
    assert other.button_group(key="compared_panels").value == "layers"


@pytest.mark.parametrize("tab", ["<script>", *TABS])
def test_a_mistyped_link_shows_the_usual(
    demo_database: Demo, open_page: OpenPage, tab: str
) -> None:
    demo = demo_database
    names = "group stat step band x score panels layer quantity shapes bn along up by base log"
    wrong = dict.fromkeys(names.split(), "<script>alert(1)</script>")
    assert not compared(open_page, demo, demo.done, demo.plain, tab=tab, **wrong).exception


def test_a_group_by_a_hyperparameter_is_one_line(demo_database: Demo, open_page: OpenPage) -> None:
    demo = demo_database
    ids = (demo.done, demo.plain, demo.running, demo.queued)
    at = compared(open_page, demo, *ids, group="seed")
    assert not at.exception
    assert at.dataframe[0].value["n"].tolist() == ["2", "1", "1"]
    at = compared(open_page, demo, *ids, group="stack.activation.kind")
    assert at.dataframe[0].value["n"].tolist() == ["3", "1"]
    assert at.dataframe[0].value["run"].tolist() == ["A ReLU", "B Sigmoid"]
