"""The launch form: what it refuses, what it keeps, what it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.app_pages.launch.sections import MORE
from dashboard.state.config_link import decode, encode
from dashboard.views.launch.warnings import warnings
from dashboard.words.text import plain
from db.adding import add_files
from db.records import Status
from db.store import Store
from engine.architecture import describe
from engine.clipping import Clipping
from engine.config import RecordSpec, RunConfig
from engine.datasets import IDX, Digits, Noise, Spirals
from engine.decay import Decay
from engine.default import default_config
from engine.early_stopping import EarlyStopping
from engine.fitting import config_for
from engine.initializers import Normal
from engine.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, PReLU, ReLU, Tanh
from engine.learning_rates import StepDecay, WarmUp
from engine.lessons.weights import HE_XAVIER
from engine.losses import MeanSquaredError
from engine.optimizers import SGD, Adam, Momentum, Nadam
from engine.scaling import ZScore
from engine.stack import multilayer
from tests.dashboard.conftest import REGRESSION, Demo, OpenPage, followed, small

STACK = (Dense(units=9, bias=False), ReLU(), Dropout(rate=0.2), Dense(units=10))
"""Layers that no description can say."""


IMAGES = (Conv2D(filters=4), Flatten(), Dense(units=10))


def unfold(at: AppTest, section: str) -> AppTest:
    """The form with a section under "More" open."""
    at.session_state[f"launch1.open.{section}"] = True
    return at.run()


def unfolded(at: AppTest) -> list[str]:
    """What is open under "More"."""
    return [section.label for section in at.expander if section.proto.expanded]


def labelled(at: AppTest, label: str) -> object:
    """The widget whose label begins so."""
    widgets = (*at.text_input, *at.number_input, *at.selectbox, *at.text_area)
    return next(widget for widget in widgets if widget.label.startswith(label))


def launched(url: str) -> RunConfig:
    """The configuration of the newest run."""
    with Store.open(url) as store:
        run = store.runs.find(limit=1).runs[0]
        assert run.status is Status.QUEUED
        return run.config


def test_the_default_run_is_launched_as_it_is(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "launch")
    assert "38,210 parameters" in "".join(m.value for m in at.markdown)
    assert "300 steps" in "".join(m.value for m in at.markdown)
    at.text_input(key="launch_owner").set_value("mika")
    at.button(key="launch").click().run()
    assert not at.exception
    assert launched(empty_database) == default_config()
    assert any("#1" in title.value for title in followed(at).title), "the run's page opens"
    with Store.open(empty_database) as store:
        assert store.runs.owners() == ["mika"]


STRANGE = [
    pytest.param(small(optimizer=Momentum(lr=1e-05, momentum=0.0)), id="momentum"),
    pytest.param(small(scaling=ZScore(per="feature"), dtype="float64", seed=7), id="z-score"),
    pytest.param(small(record=RecordSpec(every=3, dense=0, histograms=False)), id="recording"),
    pytest.param(
        small(
            layers=multilayer(
                [30, 20],
                10,
                activation=Tanh(),
                init=Normal(std=0.3),
                batch_norm=BatchNorm(momentum=0.99, variance="unbiased"),
                position="after",
            )
        ),
        id="widths",
    ),
    pytest.param(
        small(layers=(Dense(units=9, bias=False), ReLU(), Dense(units=10))), id="explicit"
    ),
    pytest.param(small(layers=(Dense(units=10),)), id="no hidden layer"),
    pytest.param(
        small(
            optimizer=Nadam(momentum_decay=1.0),
            learning_rate=WarmUp(warm_steps=7, then=StepDecay(every=2)),
            decay=Decay(l2=0.01, on="all"),
            clipping=Clipping(norm=1.5),
            early_stopping=EarlyStopping(patience=3, monitor="accuracy"),
        ),
        id="schedule",
    ),
    pytest.param(
        small(dataset=Noise(shape=(4, 4, 1)), layers=(Flatten(), Dense(units=10))), id="noise"
    ),
    pytest.param(
        small(dataset=Spirals(), layers=(Dense(units=5), PReLU(), Dense(units=3))), id="spirals"
    ),
    pytest.param(REGRESSION, id="regression"),
]


@pytest.mark.parametrize("config", STRANGE)
def test_what_a_link_holds_is_what_is_launched(
    config: RunConfig, empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", config=encode(config))
    at.button(key="launch").click().run()
    assert launched(empty_database) == config


def test_what_most_runs_leave_alone_is_folded_away_until_it_is_used(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", config=encode(default_config()))
    labels = {w.label for w in (*at.text_input, *at.number_input, *at.selectbox)}
    assert labels == {
        *("Data set", "Hidden layers", "Units per layer", "Activation", "Initialization"),
        *("Optimizer", "Learning rate η", "Epochs", "Seed", "Name", "Owner"),
    }
    assert "Batch Normalization" in {group.label for group in at.segmented_control}
    assert unfolded(at) == []
    for config, section in (
        (small(clipping=Clipping(value=1.0)), "clipping"),
        (small(optimizer=Adam(beta1=0.8)), "Optimizer"),
        (small(dataset=Digits(layout="image"), layers=IMAGES), "Data"),
    ):
        at = open_page(empty_database, "launch", config=encode(config))
        assert any(section in label for label in unfolded(at))


def test_what_needs_attention_is_unfolded(empty_database: str, open_page: OpenPage) -> None:
    at = unfold(open_page(empty_database, "launch"), "more_training")
    at.number_input(key="launch1.batch_size").set_value(0).run()
    at.session_state["launch1.open.more_training"] = False
    at.run()
    assert any("at least 1" in m.value for m in at.markdown)


def test_other_data_brings_the_loss_and_the_outputs_that_fit_it(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", config=encode(small(layers=STACK)))
    labelled(at, "Data set").select("diabetes").run()  # type: ignore[attr-defined]
    assert at.toast[0].value.startswith("The loss is now")
    at.button(key="launch").click().run()
    assert isinstance(launched(empty_database).loss, MeanSquaredError)
    assert launched(empty_database).layers[-1] == Dense(units=1)
    labelled(at, "Data set").select("digits").run()  # type: ignore[attr-defined]
    at.button(key="launch").click().run()
    assert launched(empty_database) == small(layers=STACK), "as it was"


def test_labels_may_be_learned_with_a_squared_error(
    empty_database: str, open_page: OpenPage
) -> None:
    config = small(loss=MeanSquaredError())
    at = open_page(empty_database, "launch", config=encode(config))
    at.button(key="launch").click().run()
    assert launched(empty_database) == config


def chips(at: AppTest) -> list[str]:
    """The layers of the editor, as they are named."""
    (found,) = (p for p in at.pills if p.label.startswith("Layers"))
    return [option.replace("\\", "") for option in found.options]


def choose_layer(at: AppTest, place: int) -> None:
    entries = at.session_state["launch1.entries"]
    at.session_state["launch1.chosen"] = entries[place].number
    at.run()


def press(at: AppTest, label: str) -> None:
    next(button for button in at.button if button.label == label).click().run()


def test_layers_are_moved_doubled_removed_and_keep_what_was_typed(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", config=encode(small(layers=STACK)))
    assert chips(at) == ["dense1 · 9", "relu1", "dropout1 · 0.2", "dense2 · 10"]
    labelled(at, "Units").set_value(7).run()  # type: ignore[attr-defined]
    press(at, "Later")
    assert chips(at) == ["relu1", "dense1 · 7", "dropout1 · 0.2", "dense2 · 10"]
    press(at, "Duplicate")
    press(at, "Later")
    choose_layer(at, 0)
    press(at, "Remove")
    assert chips(at) == ["dense1 · 7", "dropout1 · 0.2", "dense2 · 7", "dense3 · 10"]
    at.switch_page("app_pages/runs/runs.py").run()
    at.switch_page("app_pages/launch/launch.py").run()
    at.button(key="launch").click().run()
    dense = Dense(units=7, bias=False)
    assert launched(empty_database).layers == (dense, Dropout(rate=0.2), dense, Dense(units=10))


def test_a_stack_for_images_is_built_with_the_remedies_that_are_offered(
    empty_database: str, open_page: OpenPage
) -> None:
    layers = (Conv2D(filters=4), Dense(units=3))
    at = open_page(empty_database, "launch", config=encode(small(layers=layers)))
    assert any("conv2d" in m.value and "needs images" in m.value for m in at.markdown)
    press(at, "Give the samples as images")
    press(at, "Insert a Flatten before it")
    press(at, "End in Dense(10)")
    assert not at.warning
    at.button(key="launch").click().run()
    config = launched(empty_database)
    assert config.dataset == Digits(train_samples=200, layout="image")
    assert config.layers == (Conv2D(filters=4), Flatten(), Dense(units=10))


def test_a_stack_without_layers_is_told_and_begun(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "launch", config=encode(small(layers=(Dense(units=10),))))
    at.session_state["launch1.mode"] = "layers"
    at.run()
    press(at, "Remove")
    assert at.button(key="launch").disabled
    assert any("at least 1 item" in m.value for m in at.markdown)


def test_looking_at_the_other_view_of_a_stack_loses_nothing(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", config=encode(small(layers=STACK)))
    for mode in ("equal", "widths", "layers"):
        at.session_state["launch1.mode"] = mode
        at.run()
    assert chips(at) == ["dense1 · 9", "relu1", "dropout1 · 0.2", "dense2 · 10"]


def test_layers_that_can_be_described_are_read_back(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch")
    at.session_state["launch1.mode"] = "layers"
    at.run()
    labelled(at, "Units").set_value(50).run()  # type: ignore[attr-defined]
    at.session_state["launch1.mode"] = "widths"
    at.run()
    assert labelled(at, "Hidden layers").value == "50, 100, 100, 100"  # type: ignore[attr-defined]


def test_the_whole_configuration_is_edited_as_json() -> None:
    def script(text: str) -> None:
        import json

        from dashboard.app_pages.launch.all_as_json import json_editor

        json_editor(json.loads(text), "mine")

    at = AppTest.from_function(script, args=(default_config().to_json(),)).run()
    (text,) = at.text_area
    assert RunConfig.parse_json(text.value) == default_config()
    text.set_value(text.value.replace('"epochs": 20', '"epochs": 0'))
    at.button(key="json_apply").click().run()
    assert "`epochs`" in at.error[0].value, "what is wrong is said, and nothing is lost"
    assert '"epochs": 0' in at.text_area[0].value
    at.text_area[0].set_value(small().to_json())
    at.button(key="json_apply").click().run()
    assert at.session_state["launch_start"].config == small()
    assert at.session_state["launch_start"].name == "mine"


def test_a_link_to_an_arm_of_a_lesson_fills_the_form(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", experiment="he-xavier:2", lang="ja")
    at.button(key="launch").click().run()
    assert launched(empty_database) == HE_XAVIER.configs[2]
    at = open_page(empty_database, "launch", experiment="<script>")
    assert at.warning
    assert not at.button(key="launch").disabled


def test_a_past_run_fills_the_form(demo_copy: Demo, open_page: OpenPage) -> None:
    at = open_page(demo_copy.url, "launch", **{"from": demo_copy.plain})
    at.button(key="launch").click().run()
    with Store.open(demo_copy.url) as store:
        past = store.runs.get(demo_copy.plain)
        assert past is not None
        assert launched(demo_copy.url) == past.config


def test_a_wrong_value_is_refused_beside_its_field(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", lang="ja")
    labelled(at, "学習率").set_value("速い").run()  # type: ignore[attr-defined]
    assert any("数値を入力してください（入力値：'速い'）" in m.value for m in at.markdown)
    assert at.button(key="launch").disabled
    labelled(at, "学習率").set_value("０．０１").run()  # type: ignore[attr-defined]
    assert not at.button(key="launch").disabled


def test_a_width_of_zero_is_said_once_however_many_layers_have_it(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch")
    labelled(at, "Units per layer").set_value(0).run()  # type: ignore[attr-defined]
    assert len([m for m in at.markdown if "must be at least 1" in m.value]) == 1
    assert any("1 field needs attention" in m.value for m in at.markdown)


def test_another_kind_brings_its_own_fields(empty_database: str, open_page: OpenPage) -> None:
    at = open_page(empty_database, "launch")
    labelled(at, "Optimizer").select("sgd").run()  # type: ignore[attr-defined]
    assert not [w for w in at.text_input if w.label.startswith("First moment")]
    labelled(at, "Learning rate").set_value("0.5").run()  # type: ignore[attr-defined]
    at.button(key="launch").click().run()
    assert launched(empty_database).optimizer == SGD(lr=0.5)


def test_a_description_is_written_out_layer_by_layer_and_stays_the_same_run(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch")
    labelled(at, "Units per layer").set_value(30).run()  # type: ignore[attr-defined]
    at.session_state["launch1.mode"] = "layers"
    at.run()
    assert chips(at)[0] == "dense1 · 30"
    at.button(key="launch").click().run()
    units = [layer.units for layer in launched(empty_database).layers if isinstance(layer, Dense)]
    assert units == [30] * 4 + [10]


def test_a_data_set_that_is_not_there_is_told_with_the_remedy(
    empty_database: str, open_page: OpenPage, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    config = default_config().model_copy(update={"dataset": IDX(folder="mnist")})
    at = open_page(empty_database, "launch", config=encode(config), lang="ja")
    assert not at.exception
    assert "`dataset.folder`" in at.error[0].value
    assert plain("LAYERLAB_DATA_DIR") in at.error[0].value
    assert at.button(key="launch").disabled


def test_starting_over_brings_the_default_back(empty_database: str, open_page: OpenPage) -> None:
    config = small(dataset=Digits(validation=0.5))
    at = open_page(empty_database, "launch", config=encode(config))
    assert labelled(at, "Validation share").value == "0.5"  # type: ignore[attr-defined]
    press(at, "Start over")
    at.button(key="launch").click().run()
    assert launched(empty_database) == default_config()


@pytest.mark.parametrize("word", ["abc", "eNrtlM9ugzAMxt", "%00", "A" * 9000])
def test_a_broken_link_says_so_and_shows_the_default(
    word: str, empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch", config=word)
    assert not at.exception
    assert at.warning
    assert not at.button(key="launch").disabled


def test_every_field_shows_its_meaning_and_its_bounds(
    empty_database: str, open_page: OpenPage
) -> None:
    at = open_page(empty_database, "launch")
    for section in MORE:
        unfold(at, section.name)
    helps = {widget.label: widget.help for widget in (*at.text_input, *at.number_input)}
    assert "greater than 0" in helps["Learning rate η"]
    assert "at least 1 and at most 100000" in helps["Batch size m"]
    assert "samples" in helps["Batch size m"]
    unexplained = [label for label, text in helps.items() if not text]
    assert unexplained == ["Name", "Owner"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"batch_size": 199}, "a single sample, whose variance is 0"),
        ({"batch_size": 180}, "only 20 of 180 samples"),
        ({"batch_size": 199, "drop_last": True}, ""),
        ({"batch_size": 120}, ""),
        ({"batch_size": 199, "layers": (Dense(units=10),)}, ""),
    ],
)
def test_a_short_last_batch_is_said_before_launching(changes: dict[str, Any], told: str) -> None:
    """Of 200 training samples; Batch Normalization's running statistics weigh it like others."""
    config = small(**changes)
    said = [text for text in warnings(config, describe(config)) if "last batch of an epoch" in text]
    assert len(said) == bool(told)
    assert all(told in text and "`drop_last`" in text for text in said)


def test_a_file_that_is_typed_is_one_of_the_data_directory(
    empty_database: str, open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kept data is found by its content: another name beside it would change nothing."""
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    (tmp_path / "own.csv").write_text("a,kind\n" + "1.5,x\n0.5,y\n" * 9)
    (tmp_path / "other.csv").write_text("a,b,kind\n" + "1.5,2,x\n0.5,3,y\n" * 9)
    with Store.open(empty_database) as store, (tmp_path / "own.csv").open("rb") as file:
        kept = add_files(store, {"own.csv": file}, owner="mika", most=10**6)
    at = open_page(empty_database, "launch", config=encode(config_for(kept.dataset)))
    (field,) = [field for field in at.text_input if field.value == "own.csv"]
    at = field.set_value("other.csv").run()
    said = at.query_params["config"]
    config = decode(said if isinstance(said, str) else said[0])
    assert (config.dataset.file, config.dataset.content) == ("other.csv", "")
