"""The sweep on the launch form: what its rows mean, what it comes to, and that it is launched."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.launch.axes import Row, axes_of, choices_of, fields_to_vary
from db.store import Store
from engine.default import default_config
from engine.errors import ConfigError
from engine.stack import Multilayer
from engine.sweeps.config import SweepConfig
from tests.dashboard.conftest import OpenPage

CONFIG = default_config()
DESCRIBED = Multilayer.read(CONFIG.layers)
assert DESCRIBED is not None
STACK = DESCRIBED.model_dump(mode="json")


def sweep_of(*rows: Row) -> SweepConfig:
    return SweepConfig.parse({"base": CONFIG, "axes": axes_of(rows, STACK, 10)})


def test_to_vary_the_initialization_is_to_vary_that_of_every_layer() -> None:
    sweep = sweep_of(
        Row("stack.init", ("he", "xavier")),
        Row("stack.position", ("none", "before", "after")),
        Row("optimizer.lr", "0.1, 0.01"),
    )
    assert sweep.trials == 2 * 3 * 2
    configs = [sweep.run(point, 0) for point in sweep.points()]
    stacks = {(d.init, d.position) for c in configs if (d := Multilayer.read(c.layers))}
    assert len(stacks) == 6
    assert len({config.to_json() for config in configs}) == 12


def test_widths_vary_as_lists_and_empty_rows_do_not_count() -> None:
    sweep = sweep_of(Row("stack.hidden", "[50], [50, 20]"), Row("batch_size", "  "))
    assert sweep.trials == 2
    found = [Multilayer.read(sweep.run(p, 0).layers) for p in sweep.points()]
    assert [d.hidden for d in found if d] == [(50,), (50, 20)]
    assert axes_of([Row("stack.init", ())], STACK, 10) == []


@pytest.mark.parametrize(
    "rows",
    [
        (Row("optimizer.lr", "1..0"),),
        (Row("optimizer.lr", "0..1:log"),),
        (Row("stack.hidden", "[-1]"),),
        (Row("stack.init", ("he",)), Row("stack.init", ("xavier",))),
        (Row("optimizer.lr", "0.1"), Row("optimizer.lr", "0.2")),
        (Row("stack.init", ("<script>",)),),
    ],
)
def test_a_row_that_means_nothing_is_refused_in_one_sentence(rows: tuple[Row, ...]) -> None:
    with pytest.raises(ConfigError):
        sweep_of(*rows)


def test_what_holds_one_of_a_few_words_is_chosen_not_typed() -> None:
    assert "he" in choices_of("stack.init")
    assert "adam" in choices_of("optimizer.kind")
    assert choices_of("optimizer.lr") == ()
    assert "seed" not in fields_to_vary(CONFIG, described=True)
    assert "layers.0.units" in fields_to_vary(CONFIG, described=False)


def form(open_page: OpenPage, url: str) -> AppTest:
    return open_page(url, "launch", mode="sweep")


def test_a_sweep_is_planned_then_launched_and_watched(
    empty_database: str, open_page: OpenPage
) -> None:
    at = form(open_page, empty_database)
    assert at.button(key="launch").disabled, "nothing varies yet"
    at.text_input(key="launch1.axes.0.optimizer.lr.values").set_value("0.1, 0.01, 0.001").run()
    at.number_input(key="launch1.sweep.sweep.seeds").set_value(2).run()
    assert not at.exception
    assert any("6" in m.value and "3" in m.value for m in at.markdown), "6 runs of 3 points"
    at.button(key="launch").click().run()
    assert not at.exception
    with Store.open(empty_database) as store:
        (sweep,) = store.sweeps.list()
        assert (sweep.runs, sweep.config.seeds) == (6, 2)
    results = open_page(empty_database, "compare", sweep=sweep.id, tab="map", lang="ja")
    assert not results.exception


def test_wrong_values_are_told_and_nothing_is_launched(
    empty_database: str, open_page: OpenPage
) -> None:
    at = form(open_page, empty_database)
    at.text_input(key="launch1.axes.0.optimizer.lr.values").set_value("-1, <script>").run()
    assert not at.exception
    assert at.error
    assert "<script>" not in at.error[0].value
    assert at.button(key="launch").disabled
