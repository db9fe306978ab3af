"""Runs side by side: the layers aligned, the axes common, the page sturdy."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.compare.align import aligned
from dashboard.compare.lines import LONGEST, run_divergences, run_name, sound
from db.records import Run, Status
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage, small

TABS = ("Curves", "Inside the layers", "Distributions", "BatchNorm")


def run(run_id: int, name: str = "", status: Status = Status.DONE) -> Run:
    """A run as the Store returns it."""
    now = datetime.now(UTC)
    return Run(
        id=run_id,
        uid=str(run_id),
        name=name,
        owner="aiko",
        status=status,
        config=small(),
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
        last=None,
        best=None,
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
    assert sound(runs, {1, 2}) == [1]
    assert sound(runs, {2}) == [2], "alone, it is drawn on its own"
    assert [d.step for d in run_divergences(runs, dark=False)] == [3]


def test_a_run_is_named_by_its_number_however_long_its_name() -> None:
    assert run_name(run(3)) == "#3"
    assert len(run_name(run(3, "x" * 200))) <= LONGEST + 3


def compared(open_page: OpenPage, demo: Demo, *ids: int, lang: str = "en") -> AppTest:
    return open_page(demo.url, "compare", ids=",".join(map(str, ids)), lang=lang)


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
    at = compared(open_page, demo_database, *demo_database.by_status.values())
    at.session_state["compare_tab"] = tab
    at.run()
    assert not at.exception
    assert at.get("vega_lite_chart")


def test_runs_that_predict_numbers_are_compared_by_their_losses(
    regression_database: str, open_page: OpenPage
) -> None:
    at = open_page(regression_database, "compare", ids="1,2")
    assert not at.exception
    assert len(at.get("vega_lite_chart")) == 2, "validation and training loss"
    assert at.dataframe[0].value["best"][0].startswith("loss ")
    at.session_state["compare_tab"] = "BatchNorm"
    at.run()
    assert not at.exception
    assert any("Validation loss, by what normalizes" in m.value for m in at.markdown)


def test_a_chart_a_layer_overlays_the_runs(demo_database: Demo, open_page: OpenPage) -> None:
    at = compared(open_page, demo_database, demo_database.done, demo_database.plain)
    at.session_state["compare_tab"] = "Inside the layers"
    at.run()
    at.button_group(key="compared_panels").set_value("layers").run()
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
        (",".join(map(str, range(1, 1001))), "At most 20"),
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
    at = compared(open_page, demo_database, demo_database.hostile, demo_database.done)
    at.session_state["compare_tab"] = "Inside the layers"
    at.run()
    assert not at.exception
    assert not [m.value for m in at.markdown if HOSTILE_NAME in m.value]
