"""The list of sweeps: found again, with what they came to, and changed as one."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from db.records import Status, Sweep, SweepState
from db.schema import upgrade
from db.store import Store
from engine.sweeps.config import SweepConfig
from tests.dashboard.conftest import Demo, OpenPage, Rows, execute, small


@pytest.fixture
def swept(tmp_path: Path) -> str:
    """A sweep of two learning rates, of which one has been trained, and a random one."""
    url = f"sqlite:///{tmp_path / 'sweeps.db'}"
    upgrade(url)
    with Store.open(url) as store:
        rates = {"kind": "choices", "name": "optimizer.lr", "values": [0.01, 1e-9]}
        grid = SweepConfig.parse({"base": small(epochs=1), "axes": [rates]})
        first = store.sweeps.enqueue(grid, owner="aiko", name="<b>rates</b>")
        execute(store, store.sweeps.trials(first.id)[0].run_ids[0])
        drawn = {"kind": "random", "trials": 2}
        store.sweeps.enqueue(
            SweepConfig.parse({"base": small(), "axes": [rates], "sampler": drawn}), owner="ben"
        )
    return url


@pytest.mark.parametrize("lang", ["en", "ja"])
def test_every_sweep_is_found_with_its_state_and_its_best_point(
    swept: str, open_page: OpenPage, lang: str
) -> None:
    at = open_page(swept, "runs", list="sweeps", lang=lang)
    assert not at.exception
    rows = Rows.of(at)
    assert rows.ids == [2, 1]
    assert rows.cell(1, "name") == "<b>rates</b>"
    assert "50" in rows.cell(1, "status")[0]
    assert "0.01" in rows.cell(1, "at")
    assert rows.cell(2, "best") is None


def bar(sweep_id: int) -> AppTest:
    """The buttons alone, with this sweep selected: a test cannot click rows of a table."""

    def script(sweep_id: int) -> None:
        from dashboard.app_pages.runs.sweep_actions import sweep_bar
        from dashboard.reads.store import get_store

        sweep_bar(get_store().sweeps.get(sweep_id))

    return AppTest.from_function(script, args=(sweep_id,), default_timeout=30).run()


def test_a_sweep_is_held_let_go_on_made_larger_and_ended_as_one(
    swept: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERLAB_DATABASE_URL", swept)
    at = bar(2)
    with Store.open(swept) as store:

        def now() -> Sweep:
            found = store.sweeps.get(2)
            assert found is not None
            return found

        at.button(key="sweep_pause").click().run()
        assert now().state is SweepState.PAUSED
        at.button(key="sweep_pause").click().run()
        assert now().state is SweepState.ACTIVE
        at.number_input(key="trials 2").set_value(4).run()
        assert at.button(key="sweep_extend_yes").label == "Add 2 runs"
        at.button(key="sweep_extend_yes").click().run()
        assert now().runs == 4
        at.button(key="sweep_cancel_yes").click().run()
        assert now().state is SweepState.CANCELLED
        assert now().counts[Status.CANCELLED] == 4
        assert not at.exception


def test_without_sweeps_there_is_a_way_to_the_first(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "runs", list="sweeps")
    assert not at.exception
    assert "no sweeps yet" in at.info[0].value
