"""The page of comparisons: every tab opens, and a link shows what its sender saw."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.reads.health import findings
from dashboard.reads.store import get_run
from dashboard.views.run.health import first_told
from dashboard.widgets.picker import RUNS
from dashboard.widgets.statistic_choice import STATISTIC
from tests.dashboard.conftest import HOSTILE_NAME, Demo, OpenPage

TABS = ("curves", "layers", "shapes", "batchnorm", "map")


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
    assert len(differing.columns) == 3, "one column per run beside the parameter"


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


def test_the_layers_open_at_the_first_finding_as_maps_in_common_colours(
    demo_database: Demo, open_page: OpenPage
) -> None:
    """What is worst among the runs is seen without a choice."""
    demo = demo_database
    at = compared(open_page, demo, demo.done, demo.diverged, tab="layers")
    found = [f for i in (demo.done, demo.diverged) if (r := get_run(i)) for f in findings(r) or ()]
    assert at.button_group(key="at_stat").value == first_told(found) != STATISTIC.usual
    assert at.button_group(key="at_panels").value == "maps"
    assert len(at.get("vega_lite_chart")) == 3, "a map for each run, and what its colours mean"


def test_distributions_open_at_the_activations_and_the_first_step_is_a_click_away(
    demo_database: Demo, open_page: OpenPage
) -> None:
    """The first step is where the textbook's histograms are."""
    demo = demo_database
    at = compared(open_page, demo, demo.plain, demo.done, tab="shapes")
    layers = at.button_group(key="at_of")
    assert layers.value == "activations"
    assert "All layers" in layers.options
    at.button(key="step_1").click().run()
    assert not at.exception
    assert at.query_params["step"] in ("1", ["1"])
    assert at.select_slider(key="at_step").value == 1
    other = compared(open_page, demo, demo.plain, demo.done, tab="shapes", of="sums", step="1")
    assert not other.exception
    assert other.button_group(key="at_of").value == "sums"


def test_a_run_can_be_hidden_and_another_be_what_all_are_held_against(
    demo_database: Demo, open_page: OpenPage
) -> None:
    demo = demo_database
    at = compared(
        open_page, demo, demo.done, demo.plain, base=str(demo.done), hidden=str(demo.plain)
    )
    assert not at.exception
    table = at.dataframe[0].value
    assert len(table) == 2, "a hidden run stays in the table"
    assert table["run"].iloc[0].endswith("(baseline)")
    assert "(−" in table["val_accuracy"].iloc[1]
    assert "(+" in table["val_loss"].iloc[1]
    drawn = [json.loads(chart.proto.spec) for chart in at.get("vega_lite_chart")]
    names = {name for spec in drawn for name in color_domain(spec)}
    assert len(names) == 1
    at.multiselect(key="at_hidden").set_value([str(demo.done), str(demo.plain)]).run()
    assert any("All lines are hidden" in caption.value for caption in at.caption)


def color_domain(spec: dict[str, Any]) -> list[str]:
    """The lines of a chart."""
    colors = [layer.get("encoding", {}).get("color") for layer in spec["layer"]]
    return next(list(color["scale"]["domain"]) for color in colors if color)


@pytest.mark.parametrize("axis", ["step", "epoch", "time", "clock"])
def test_curves_stand_on_every_axis_and_between_the_ends_of_the_link(
    demo_database: Demo, open_page: OpenPage, axis: str
) -> None:
    demo = demo_database
    look = {"x": axis, "smooth": "2", "lossmax": "3", "accmin": "0.5"}
    at = compared(open_page, demo, *demo.by_status.values(), **look)
    assert not at.exception
    assert not at.warning or all("x" not in w.value.split("`") for w in at.warning)
    specs = [json.loads(chart.proto.spec) for chart in at.get("vega_lite_chart")]
    ends = [layer["encoding"]["y"]["scale"]["domain"] for s in specs for layer in s["layer"][1:2]]
    assert [3.0 in ends[0], 0.5 in ends[1]] == [True, True]
    assert at.select_slider(key="at_smooth").value == 2


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


def test_a_link_shows_exactly_what_its_sender_saw(demo_database: Demo, open_page: OpenPage) -> None:
    demo = demo_database
    at = compared(open_page, demo, demo.done, demo.plain)
    at.query_params["tab"] = "layers"
    at.run()
    at.button_group(key="at_stat").set_value("weight_norm").run()
    at.button_group(key="at_panels").set_value("layers").run()
    sent = {k: v if isinstance(v, str) else v[0] for k, v in at.query_params.items()}
    assert sent["stat"] == "weight_norm"
    assert sent["panels"] == "layers"
    other = open_page(demo.url, "compare", **sent)
    assert not other.exception
    assert other.button_group(key="at_stat").value == "weight_norm"
    assert other.button_group(key="at_panels").value == "layers"


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


def test_the_box_finds_any_run_by_its_number_or_its_name(
    demo_database: Demo, open_page: OpenPage
) -> None:
    demo = demo_database
    at = compared(open_page, demo, demo.done, demo.plain)
    box = at.multiselect(key=RUNS.key)
    box.set_value([demo.done, demo.plain, "#３", "half way"]).run()
    assert not at.exception
    ids = {demo.done, demo.plain, demo.diverged, demo.running}
    assert set(at.multiselect(key=RUNS.key).value) == ids
