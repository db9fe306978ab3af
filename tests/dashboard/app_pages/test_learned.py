"""What networks of one or two inputs have learned: on Run, on Compare and in reports."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st

from dashboard.app_pages.report.gather import compared_records, records_of
from dashboard.views.charts.learned import regions_chart
from dashboard.views.compare.arms import ALONE, arms_of
from dashboard.views.report.of_many import Look, comparison_sections
from dashboard.views.report.of_run import run_sections
from db.schema import upgrade
from db.store import Store
from engine.analyses.learned import decision_regions, points
from engine.datasets import NPZ, Circles, Moons
from engine.layers import Dense, Tanh
from engine.losses import MeanSquaredError
from engine.records import MemoryRecorder
from engine.training import train
from tests.dashboard.conftest import OpenPage, execute, small

PLANAR = (Dense(units=8), Tanh(), Dense(units=2))


@pytest.fixture
def url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs 1 and 2 tell points of the plane apart, 3 fits a curve, 4 takes digits."""
    x = np.linspace(0.0, 1.0, 60)[:, None]
    np.savez(tmp_path / "curve.npz", x=x, y=np.sin(6 * x))
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    upgrade(url)
    with Store.open(url) as store:
        for changes in (
            {"dataset": Moons(samples=100), "layers": PLANAR},
            {"dataset": Circles(samples=100), "layers": PLANAR},
            {
                "dataset": NPZ(file="curve.npz"),
                "layers": (Dense(units=8), Tanh(), Dense(units=1)),
                "loss": MeanSquaredError(),
            },
            {},
        ):
            execute(store, store.queue.enqueue(small(**changes), owner="mika").id)
    return url


@pytest.fixture
def store(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The same, as the dashboard's own reads find it."""
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", url)
    st.cache_resource.clear()
    st.cache_data.clear()
    from dashboard.reads.store import get_store

    yield get_store()
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.mark.parametrize(("run", "title"), [(1, "Decision regions"), (3, "Fitted curve")])
def test_a_run_shows_what_it_learned_at_each_of_its_checkpoints(
    url: str, open_page: OpenPage, run: int, title: str
) -> None:
    at = open_page(url, "run", id=run, tab="learned", lang="en")
    assert not at.exception
    assert title in [tab.label for tab in at.tabs]
    assert len(at.get("vega_lite_chart")) == 1
    with Store.open(url) as store:
        first, *_rest = store.checkpoints.list(run)
    at.query_params["checkpoint"] = str(first.id)
    at.run()
    assert not at.exception
    assert at.select_slider(key="at_checkpoint").value == first.id


def test_other_runs_have_no_such_tab(url: str, open_page: OpenPage) -> None:
    at = open_page(url, "run", id=4, lang="en")
    assert not {"Decision regions", "Fitted curve"} & {tab.label for tab in at.tabs}


def test_runs_stand_side_by_side_at_one_epoch(url: str, open_page: OpenPage) -> None:
    at = open_page(url, "compare", ids="1,2,3,4", tab="learned", epoch=2, lang="en")
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 3
    said = [caption.value for caption in at.caption]
    assert sum("epoch 2, step" in text for text in said) == 3
    assert "There is no such picture of this run." in said


def test_a_run_whose_data_changed_says_so_in_its_place_and_the_others_are_drawn(
    url: str, store: Store, open_page: OpenPage, tmp_path: Path
) -> None:
    x = np.linspace(0.0, 1.0, 60)[:, None]
    np.savez(tmp_path / "curve.npz", x=x, y=np.cos(6 * x))
    says = "the data set is no longer the one that the run trained on"
    runs = list(store.runs.get_many([1, 2, 3]).values())
    found = compared_records(runs, arms_of(runs, ALONE), ["learned"], Look())
    *_rest, section = comparison_sections(found, ["learned"], Look())
    assert len(section.figures) == 2
    assert says in section.text
    (section,) = run_sections(records_of(runs[2], ["learned"]), ["learned"])
    assert section.text.startswith(says)
    at = open_page(url, "compare", ids="1,2,3", tab="learned", lang="en")
    assert not at.exception
    assert not at.error
    assert len(at.get("vega_lite_chart")) == 2
    assert sum(caption.value.startswith(says) for caption in at.caption) == 1


def test_a_report_holds_it_over_training_and_side_by_side(store: Store) -> None:
    run = store.runs.get(1)
    assert run is not None
    (section,) = run_sections(records_of(run, ["learned"]), ["learned"])
    assert section.title == "Decision regions"
    steps = [info.step for info in store.checkpoints.list(1)]
    shown = [int(figure.name.removeprefix("learned-")) for figure in section.figures]
    assert shown == sorted(shown)
    assert (shown[0], shown[-1], len(shown)) == (steps[0], steps[-1], 3)
    runs = list(store.runs.get_many([1, 2, 3, 4]).values())
    found = compared_records(runs, arms_of(runs, ALONE), ["learned"], Look())
    *_rest, section = comparison_sections(found, ["learned"], Look())
    assert len(section.figures) == 3
    digits = store.runs.get(4)
    assert digits is not None
    assert run_sections(records_of(digits, ["learned"]), ["learned"]) == []


def test_the_picture_holds_every_sample_and_fills_the_plane() -> None:
    config, recorder = small(dataset=Moons(samples=100), layers=PLANAR), MemoryRecorder()
    train(config, recorder)
    data = config.dataset.load()
    regions = decision_regions(config, recorder.checkpoints[-1], data, cells=30)
    ground, *samples = regions_chart(replace(regions, names=("up", "down")), *points(data)).layer
    cells = ground.data
    assert {*cells["class"]} == {"up", "down"}, "as the run remembers them"
    assert all({*chart.data["class"]} == {"up", "down"} for chart in samples)
    area = ((cells["right"] - cells["left"]) * (cells["high"] - cells["low"])).sum()
    whole = np.ptp(regions.x_edges) * np.ptp(regions.y_edges)
    assert area == pytest.approx(whole)
    assert sum(len(chart.data) for chart in samples) == 100
