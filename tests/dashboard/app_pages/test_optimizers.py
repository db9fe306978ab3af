"""The Optimizers page: every surface opens, and a link shows what it says, or is told why not."""

from __future__ import annotations

from math import hypot

import pytest
from numpy import diff, float64, sign
from numpy.typing import NDArray

from dashboard.app_pages.optimizers.choices import PATHS, beginner, paths_on, start_on, steps_on
from dashboard.app_pages.optimizers.ground import textbook
from dashboard.app_pages.optimizers.rates import OPTIMIZERS
from engine.analyses.surfaces import SURFACES
from engine.optimizers import SGD, AdaGrad, Adam
from tests.dashboard.conftest import Demo, OpenPage, unreadable


@pytest.mark.parametrize("surface", SURFACES)
def test_every_surface_opens_with_rates_that_hold(
    surface: str, empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "optimizers", surface=surface)
    assert not at.exception
    assert not at.warning, "the suggested rates do not diverge"
    assert len(at.dataframe[0].value) == 4, "a row for each optimizer"


def test_a_link_shows_what_it_says(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "optimizers", start="3,-2", steps=12, paths="adam:0.25")
    assert (at.number_input(key="at_start_x").value, at.number_input(key="at_start_y").value) == (
        3,
        -2,
    )
    assert at.number_input(key="at_steps").value == 12
    assert at.number_input(key="at_paths_adam").value == 0.25
    at.number_input(key="at_paths_adam").set_value(0.5).run()
    assert at.query_params["paths"] in ("adam:0.5", ["adam:0.5"])


def test_a_bad_link_is_told_and_the_rest_of_it_holds(
    empty_database: str, open_page: OpenPage
) -> None:
    bad = {"surface": "moon", "start": "99,<b>", "steps": "1e9", "paths": "adam:0.2"}
    at = open_page(empty_database, "optimizers", **bad)
    assert not at.exception
    assert len(at.warning) == 3
    assert at.multiselect(key="at_paths").value == ["adam"]
    assert list(at.query_params) == ["paths"], "the address says what is shown"


@pytest.mark.parametrize(
    "text",
    [
        "sgd:nan",
        "x:1",
        "sgd",
        "sgd:0",
        "sgd:1e9",
        "adam:0.1,sgd:-1",
        "adam:0.1:beta1=2",
        "adam:0.1:x=1",
        "adam:0.1:beta1",
    ],
)
def test_paths_that_cannot_be_are_none(text: str) -> None:
    assert unreadable(PATHS, text)


def test_a_path_that_diverges_is_told(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "optimizers", surface="beale", paths="sgd:1,adam:0.1")
    assert not at.exception
    assert "diverges" in at.warning[0].value
    assert len(at.warning) == 1


def test_no_optimizer_asks_for_one(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "optimizers", paths=",")
    assert not at.exception
    assert at.info


def test_the_address_reads_back_what_was_written() -> None:
    ground = textbook(SURFACES["beale"])
    start, paths = start_on(ground), paths_on(ground)
    assert start.read(start.write((0.1, -2.0))) == (0.1, -2.0)
    chosen = {
        "sgd": SGD(lr=0.1),
        "adagrad": AdaGrad(lr=1e-6, epsilon_position="inside"),
        "adam": Adam(lr=2.0, beta1=0.5, bias_correction="step"),
    }
    for walkers in (chosen, {}):
        assert paths.read(paths.write(walkers)) == walkers


def test_every_hyperparameter_is_changed_on_the_page_and_stands_in_the_address(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "optimizers", paths="adam:0.25,sgd:0.1")
    at.text_input(key="at_paths_adam_beta1").set_value("0.5").run()
    assert "adam:0.25:beta1=0.5,sgd:0.1" in str(at.query_params["paths"])
    at.text_input(key="at_paths_adam_beta1").set_value("1.5").run()
    assert not at.exception
    assert any("less than 1" in m.value for m in at.markdown), "what it must be"
    assert "beta1=0.5" in str(at.query_params["paths"])
    at.text_input(key="at_paths_adam_beta1").set_value("0.75").run()
    assert "beta1=0.75" in str(at.query_params["paths"])
    at.button_group(key="at_surface").set_value("saddle").run()
    assert "adam:0.05:beta1=0.75" in str(at.query_params["paths"]), "only the rate is the surface's"


def walked(kind: str, surface: str, steps: int) -> NDArray[float64]:
    """The path that the page shows first."""
    ground = textbook(SURFACES[surface])
    return ground.path(beginner(kind, ground), start=ground.surface.start, steps=steps).points


def ends_near(kind: str, surface: str) -> float:
    """How far from a minimum it ends."""
    steps = steps_on(textbook(SURFACES[surface])).usual
    x, y = walked(kind, surface, steps)[-1]
    return min(hypot(x - a, y - b) for a, b in SURFACES[surface].minima)


def test_on_the_saddle_plain_gradient_descent_leaves_last() -> None:
    kinds = ("rmsprop", "adam", "nesterov", "momentum", "adagrad", "sgd")
    left = [int((abs(walked(kind, "saddle", 100)[:, 1]) > 1).argmax()) for kind in kinds]
    assert left == [8, 20, 24, 27, 57, 73]


def test_in_the_valley_plain_gradient_descent_zigzags() -> None:
    kinds = ("sgd", "momentum", "adagrad")
    turns = [int((diff(sign(walked(kind, "valley", 30)[:, 1])) != 0).sum()) for kind in kinds]
    assert turns == sorted(turns, reverse=True)
    assert turns[0] > 20 > turns[1]


def test_others_pass_plain_gradient_descent_where_it_is_slow() -> None:
    for surface in ("beale", "rosenbrock"):
        for kind in ("momentum", "nesterov", "adagrad", "rmsprop", "adam"):
            assert ends_near(kind, surface) < ends_near("sgd", surface), f"{kind} on {surface}"
    for kind in OPTIMIZERS:
        assert ends_near(kind, "himmelblau") < 0.2, f"{kind} finds a minimum"


def test_paths_lead_down_the_loss_of_a_run(demo_database: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_database.url, "optimizers", id=demo_database.done, steps=20)
    assert not at.exception
    assert not at.warning
    ends = at.dataframe[0].value
    assert len(ends) == 4
    assert (ends["To the run's weights"].astype(float) < 0.78).all(), "nearer than the start"


def test_a_run_without_checkpoint_or_no_run_leaves_a_way_on(
    demo_database: Demo, open_page: OpenPage
) -> None:
    at = open_page(demo_database.url, "optimizers", id=demo_database.queued)
    assert not at.exception
    assert "first checkpoint" in at.info[0].value
    at = open_page(demo_database.url, "optimizers", surface="run")
    at.selectbox[0].set_value(demo_database.plain).run()
    assert not at.exception
    assert at.dataframe
    at.button_group(key="at_surface").set_value("beale").run()
    assert "id" not in at.query_params
