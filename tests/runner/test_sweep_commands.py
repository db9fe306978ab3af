"""Sweeps from a terminal: said before they are launched, shown by their results, changed as one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from db.records import Status, SweepState
from db.store import Store
from engine.default import default_config
from engine.spec import family
from engine.sweeps.config import SweepConfig
from engine.sweeps.pruning import MedianPruning
from engine.sweeps.samplers import TPE, AnySampler
from tests.runner.processes import SHORT
from tests.runner.test_cli import Layerlab, assert_refused, config, layerlab, store, url
from tests.runner.test_sweeps import RATE, SIZE, finish_next

__all__ = ["config", "layerlab", "store", "url"]

LR = "optimizer.lr=0.1,0.01"


def the_sweep(store: Store) -> SweepConfig:
    (sweep,) = store.sweeps.list()
    return sweep.config


def test_a_grid_is_launched_after_saying_what_it_comes_to(
    layerlab: Layerlab, store: Store, config: str
) -> None:
    grid = ["--grid", LR, "--grid", "batch_size=50,100", "--seeds", "3"]
    said = layerlab("sweep", config, *grid, "--dry-run").out
    assert said.startswith("12 runs (4 points, 3 seeds each), 792 steps in all; no forecast")
    assert store.sweeps.list() == []
    assert "sweep 1 is launched" in layerlab("sweep", config, *grid, "--name", "rates").out
    (sweep,) = store.sweeps.list()
    assert (sweep.name, sweep.runs, sweep.config.seeds, sweep.config.base) == (
        "rates",
        12,
        3,
        SHORT,
    )
    store.queue.serve(2)
    for loss in (0.5, 0.4):
        run_id = finish_next(store, loss, status=None)
        store.queue.leave(run_id, 1, step=20, seconds=10)
        store.queue.cancel(run_id, by="test")
    assert (
        "about 3 min of training, 2 at a time" in layerlab("sweep", config, *grid, "--dry-run").out
    )


@pytest.mark.parametrize("kind", [sampler.kind_name() for sampler in family(AnySampler)])
def test_every_sampler_has_its_option(
    layerlab: Layerlab, config: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.sweeps.samplers.find_spec", lambda name: name)  # PyTorch is there
    option = f"--{kind.replace('_', '-')}"
    axes = [option, "optimizer.lr=0.01..1:log", option, "decay.l2=1e-5..1:log:4"]
    said = layerlab("sweep", config, *axes, "--dry-run")
    assert said.status == 0, said.err
    assert said.out.startswith("20 runs, "), "which a grid has of 5 x 4 points"


def test_a_file_may_hold_the_whole_sweep(layerlab: Layerlab, store: Store, tmp_path: Path) -> None:
    whole = SweepConfig(base=SHORT, axes=(RATE, SIZE), sampler=TPE(trials=7), seeds=2)
    file = tmp_path / "sweep.json"
    file.write_text(whole.to_json())
    layerlab("sweep", str(file), "--prune", "--trials", "9", "--set", "epochs=4")
    held = the_sweep(store)
    assert held.sampler == TPE(trials=9)
    assert held.pruning == MedianPruning()
    assert held.base.epochs == 4
    assert (held.axes, held.seeds) == (whole.axes, 2)


def test_a_sweep_needs_no_file(layerlab: Layerlab, store: Store) -> None:
    layerlab("sweep", "--quasi-random", "optimizer.lr=1e-4..1:log", "--trials", "5")
    assert the_sweep(store).base == default_config()
    assert the_sweep(store).trials == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--seeds", "3"], ["`axes` must be named by --grid"]),
        (["--grid", LR, "--tpe", LR], ["`sampler` must be one; got --grid, --tpe"]),
        (["--grid", LR, "--trials", "3"], ["`trials` goes with --random"]),
        (["--grid", "optimizer.lr=0.1,-1"], ["`optimizer.lr`", "optimizer.lr=-1"]),
        (["--grid", "optimizr.lr=0.1"], ["`optimizr`"]),
        (["--random", LR, "--trials", "0"], ["`sampler.trials` must be at least 1; got 0"]),
        (["--random", LR, "--objective", "loss"], ["`objective`", "val_accuracy"]),
        (["nowhere.json", "--grid", LR], ["nowhere.json cannot be read"]),
    ],
)
def test_a_wrong_sweep_is_one_sentence(
    layerlab: Layerlab, store: Store, arguments: list[str], words: list[str]
) -> None:
    assert_refused(layerlab("sweep", *arguments), *words)
    assert store.sweeps.list() == []


def test_results_are_shown_the_best_first(layerlab: Layerlab, store: Store, config: str) -> None:
    layerlab("sweep", config, "--grid", LR, "--seeds", "2")
    for losses in ((0.9,), (0.5,), (0.3,), (0.1,)):
        finish_next(store, *losses)
    results = json.loads(layerlab("sweep", "show", "1", "--json").out)["results"]
    assert [(r["values"], r["n"]) for r in results] == [
        ({"optimizer.lr": 0.01}, 2),
        ({"optimizer.lr": 0.1}, 2),
    ]
    assert results[0]["mean"] == pytest.approx(0.2)
    assert results[0]["spread"] == pytest.approx(0.1414, abs=1e-4)
    table = layerlab("sweep", "show", "1").out
    assert "is ended: 4 of 4 runs have ended" in table
    assert table.index("0.01") < table.index("0.7")
    assert "100%" in layerlab("sweep", "list").out


def test_a_sweep_is_changed_as_one(layerlab: Layerlab, store: Store, config: str) -> None:
    layerlab("sweep", config, "--random", "optimizer.lr=0.01..1", "--trials", "3")
    assert layerlab("sweep", "pause", "1").out == "sweep 1 is paused\n"
    assert_refused(layerlab("sweep", "pause", "1"), "sweep 1 is paused already")
    assert store.queue.depth()[Status.PAUSED] == 3
    layerlab("sweep", "resume", "1")
    assert layerlab("sweep", "extend", "1", "--trials", "5").out == "sweep 1 will have 5 runs\n"
    assert_refused(layerlab("sweep", "extend", "1"), "must be given more --trials or more --seeds")
    layerlab("sweep", "cancel", "1")
    assert [s.state for s in store.sweeps.list()] == [SweepState.CANCELLED]
    for command in ("show", "cancel"):
        assert_refused(layerlab("sweep", command, "77"), "there is no sweep 77")
