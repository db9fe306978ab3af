"""Sequential in a notebook: the same training as a run's, from arrays, with errors one can mend."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.config import RunConfig
from engine.datasets import Digits
from engine.errors import ConfigError, DataError, LayerlabError
from engine.exports.numpy_script import to_numpy_script
from engine.exports.onnx_model import to_onnx
from engine.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, MaxPool2D, ReLU, Tanh
from engine.losses import MeanSquaredError
from engine.optimizers import SGD, Adam
from engine.records import MemoryRecorder
from engine.scaling import MinMax
from engine.sequential import Sequential
from engine.training import train

DATA = Digits(train_samples=200).load()
VALIDATION = (DATA.x_validation, DATA.t_validation)
LAYERS = [Dense(16), BatchNorm(), ReLU(), Dropout(0.1), Dense(10)]
SETTINGS: dict[str, Any] = {"epochs": 4, "batch_size": 30, "optimizer": Adam(lr=0.01), "seed": 3}


def fitted(**settings: Any) -> Sequential:
    model = Sequential(LAYERS)
    model.fit(DATA.x_train, DATA.t_train, **SETTINGS | settings)
    return model


def test_it_trains_bit_by_bit_as_a_run_does() -> None:
    config = RunConfig(
        dataset=Digits(train_samples=200), scaling=MinMax(), layers=LAYERS, **SETTINGS
    )
    recorder = MemoryRecorder()
    train(config, recorder)
    model = Sequential(LAYERS)
    history = model.fit(
        DATA.x_train, DATA.t_train, validation_data=VALIDATION, scaling=MinMax(), **SETTINGS
    )
    assert_array_equal(model.model.network.w, recorder.checkpoints[-1].w)
    assert_array_equal(model.model.network.buffers, recorder.checkpoints[-1].buffers)
    assert history.loss.tolist() == [m.loss for m in recorder.metrics("train")]
    assert history.val_accuracy.tolist() == [m.accuracy for m in recorder.metrics("validation")]
    assert len(history.records) == len(recorder.records)


def test_it_learns_and_says_how_well() -> None:
    model = Sequential(LAYERS)
    history = model.fit(
        *(DATA.x_train, DATA.t_train),
        validation_data=VALIDATION,
        epochs=15,
        optimizer=Adam(lr=0.02),
    )
    assert history.status == "done"
    assert history.loss[-1] < 0.5 * history.loss[0]
    scores = model.evaluate(*VALIDATION)
    assert_allclose(
        (scores.loss, scores.accuracy), (history.val_loss[-1], history.val_accuracy[-1])
    )
    assert scores.accuracy == (model.predict(VALIDATION[0]) == VALIDATION[1]).mean() > 0.75
    assert history.epochs.tolist() == list(range(1, 16))
    assert {len(column) for column in history.columns().values()} == {15}
    assert "15 epochs" in repr(history)


def test_the_same_cell_gives_the_same_again() -> None:
    model = fitted()
    first = model.outputs(DATA.x_validation)
    model.fit(DATA.x_train, DATA.t_train, **SETTINGS)
    assert_array_equal(model.outputs(DATA.x_validation), first)


def test_validation_data_changes_nothing_that_is_learned() -> None:
    assert_array_equal(fitted().model.network.w, fitted(validation_data=VALIDATION).model.network.w)


def test_without_validation_data_its_curves_are_empty() -> None:
    history = Sequential(LAYERS).fit(DATA.x_train, DATA.t_train, **SETTINGS)
    assert np.isnan(history.val_loss).all()
    assert np.isnan(history.val_accuracy).all()
    assert "val" not in repr(history)


def test_probabilities_are_the_softmax_of_the_outputs() -> None:
    model = fitted()
    z = model.outputs(DATA.x_validation).astype(np.float64)
    expected = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    assert_allclose(model.predict_proba(DATA.x_validation), expected, rtol=1e-4, atol=1e-6)
    assert_array_equal(model.predict(DATA.x_validation), expected.argmax(axis=1))


def test_a_prediction_does_not_depend_on_its_company() -> None:
    model = fitted()
    whole = model.outputs(DATA.x_validation[:20])
    alone = [model.outputs(DATA.x_validation[i : i + 1])[0] for i in range(20)]
    assert_allclose(alone, whole, rtol=1e-4, atol=1e-5)
    assert model.predict(DATA.x_validation[:0]).shape == (0,)


@pytest.mark.parametrize("columns", [1, 2])
def test_numbers_are_predicted(columns: int) -> None:
    x = np.linspace(-1, 1, 150)[:, None]
    t = np.hstack([np.sin(3 * x), x**2])[:, :columns]
    model = Sequential([Dense(24), Tanh(), Dense(columns)])
    history = model.fit(
        *(x, t[:, 0] if columns == 1 else t),
        loss=MeanSquaredError(),
        epochs=60,
        batch_size=15,
        optimizer=Adam(lr=0.02),
    )
    assert model.predict(x).shape == (150, columns)
    assert np.square(model.predict(x) - t).mean() < 0.02
    assert np.isnan(history.accuracy).all()
    assert model.evaluate(x, t).accuracy is None
    with pytest.raises(LayerlabError, match=r"softmax_cross_entropy.*mean_squared_error"):
        model.predict_proba(x)


def test_images_go_through_convolutions() -> None:
    x = DATA.x_train.reshape(-1, 8, 8, 1)
    model = Sequential([Conv2D(4, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(10)])
    model.fit(x, DATA.t_train, epochs=1)
    assert model.predict(x).shape == (200,)
    assert "(6, 6, 4)" in str(model.summary())


def test_images_with_their_channels_first_are_the_same_images() -> None:
    layers = [Conv2D(4, 3), ReLU(), MaxPool2D(2), Flatten(), Dense(10)]
    first, last = Sequential(layers), Sequential(layers)
    last.fit(DATA.x_train.reshape(-1, 8, 8, 1), DATA.t_train, epochs=1)
    x = DATA.x_train.reshape(-1, 1, 8, 8)
    first.fit(x, DATA.t_train, epochs=1, channels="first")
    assert_array_equal(first.model.network.w, last.model.network.w)
    assert first.predict(x).shape == (200,)


NAMES = np.array(["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"])


@pytest.mark.parametrize(
    "form",
    [
        lambda t: np.eye(10)[t],
        lambda t: np.eye(10, dtype=int)[t],
        lambda t: t[:, None],
        lambda t: t.astype(float),
        lambda t: pd.Series(t),
        lambda t: pd.DataFrame({"label": t}),
        lambda t: t.tolist(),
    ],
    ids=["one-hot", "one-hot whole", "column", "whole floats", "series", "frame", "list"],
)
def test_labels_are_taken_in_any_form_that_books_use(form: Any) -> None:
    plain, other = Sequential(LAYERS), Sequential(LAYERS)
    plain.fit(DATA.x_train, DATA.t_train, validation_data=VALIDATION, **SETTINGS)
    held_out = (DATA.x_validation, form(DATA.t_validation))
    other.fit(DATA.x_train, form(DATA.t_train), validation_data=held_out, **SETTINGS)
    assert_array_equal(other.model.network.w, plain.model.network.w)
    assert other.evaluate(*held_out) == plain.evaluate(*VALIDATION)


def test_labels_in_words_are_predicted_in_words() -> None:
    model = Sequential(LAYERS)
    model.fit(DATA.x_train, NAMES[DATA.t_train], epochs=15, optimizer=Adam(lr=0.02))
    words = NAMES[DATA.t_validation]
    assert model.evaluate(DATA.x_validation, words).accuracy == (
        (model.predict(DATA.x_validation) == words).mean()
    )
    with pytest.raises(DataError, match=r"classes of the training targets.*got 'ten'"):
        model.evaluate(DATA.x_validation[:1], ["ten"])


def test_a_frame_is_scaled_by_its_columns_and_words_in_it_are_named() -> None:
    frame = pd.DataFrame({"year": [2000.0, 2010, 2020], "km": [1e5, 5e4, 1e3]})
    model = Sequential([Dense(1)])
    settings: dict[str, Any] = {"loss": MeanSquaredError(), "scaling": MinMax(), "epochs": 1}
    model.fit(frame, [0.5, 1.5, 2.5], **settings)
    assert_array_equal(model.model.scaling.scale, [20, 99_000])
    with pytest.raises(DataError, match="column 'colour' holds"):
        model.fit(frame.assign(colour="red"), [0.5, 1.5, 2.5], **settings)


def test_scaled_targets_are_predicted_and_scored_in_their_own_unit() -> None:
    x = np.linspace(-1, 1, 150)[:, None]
    t = 1000 + 300 * x[:, 0]
    model = Sequential([Dense(1)])
    history = model.fit(
        *(x, t),
        loss=MeanSquaredError(),
        target_scaling="z_score",
        epochs=100,
        optimizer=Adam(lr=0.02),
        validation_data=(x, t),
    )
    error = np.square(model.predict(x)[:, 0] - t).mean()
    assert error < 25
    assert_allclose(model.evaluate(x, t).loss, error, rtol=1e-3, atol=1e-3)
    assert_allclose(history.val_loss[-1], error, rtol=1e-3, atol=1e-3)
    assert_allclose(history.loss[0], np.var(t), rtol=2)


def test_a_model_is_exported() -> None:
    model = fitted()
    assert to_onnx(model.model)
    assert "def predict(x)" in to_numpy_script(model.model)


def test_a_diverging_training_is_said_to_be_so() -> None:
    history = Sequential([Dense(10)]).fit(
        *(DATA.x_train, DATA.t_train), optimizer=SGD(lr=1e38), epochs=5
    )
    assert history.status == "diverged"
    assert "diverged" in repr(history)


def test_an_interrupted_training_leaves_a_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in a notebook: what was learned so far can be used."""

    def interrupt(recorder: Any, record: Any) -> None:
        if record.step == 5:
            raise KeyboardInterrupt

    monkeypatch.setattr(MemoryRecorder, "record", interrupt)
    model = Sequential(LAYERS)
    with pytest.raises(KeyboardInterrupt):
        model.fit(DATA.x_train, DATA.t_train, **SETTINGS)
    assert model.predict(DATA.x_validation).shape == DATA.t_validation.shape


def test_the_summary_tells_shapes_and_sizes_once_they_are_known() -> None:
    unknown, known = Sequential(LAYERS), fitted()
    assert "?" in str(unknown.summary())
    assert str(unknown.summary((64,))) == str(known.summary())
    assert repr(known.summary()) == str(known.summary())
    rows = str(known.summary()).splitlines()
    assert rows[0].split() == ["Layer", "Specification", "Output", "Parameters"]
    assert rows[2].split() == ["dense1", "Dense(units=16)", "(16)", "1,040"]
    assert rows[-1] == "1,242 parameters"


def test_it_shows_itself_in_a_notebook_without_markup_of_its_own() -> None:
    model = Sequential([Dense(10)])
    html = model._repr_html_()
    assert html.count("<tr>") == 2
    assert "<script" not in html
    assert repr(model) == "Sequential([Dense(units=10)])"
    assert eval(repr(Sequential(LAYERS))).layers == tuple(LAYERS)


@pytest.mark.parametrize(
    ("error", "match", "changes"),
    [
        (DataError, r"labels must be in 0..9; got 0..11", {"t": np.arange(200) % 12}),
        (DataError, r"200 samples but 3 targets", {"t": [0, 1, 2]}),
        (DataError, r"must be finite; got NaN", {"x": np.full((200, 64), np.nan)}),
        (DataError, r"must be labels.*got object", {"t": [{}] * 200}),
        (DataError, r"labels must be in 0..9; got 1..10", {"t": 1 + np.arange(200) % 10}),
        (DataError, r"samples must be numbers", {"x": np.full((200, 64), "a")}),
        (DataError, r"channels='first'", {"x": np.zeros((200, 1, 8, 8))}),
        (DataError, r"`channels` must be one of", {"channels": "middle"}),
        (
            DataError,
            r"at least one feature each; got samples of shape \(0,\)",
            {"x": np.zeros((200, 0))},
        ),
        (DataError, r"one row per sample; got rows of different lengths", {"x": [[1, 2], [3]]}),
        (DataError, r"one row per sample; got complex128", {"x": DATA.x_train * 1j}),
        (DataError, r"one row per sample; got float64 of shape \(\)", {"x": 3.0}),
        (DataError, r"one row per sample; got datetime64", {"x": np.zeros((200, 64), "M8[s]")}),
        (
            DataError,
            r"must be finite.*float32.*sample 1",
            {"x": np.full((200, 64), 1e300)},
        ),
        (DataError, r"must be labels.*got float64 of shape \(\)", {"t": None}),
        (DataError, r"must be labels.*different lengths", {"t": [[1, 2], [3]]}),
        (DataError, r"must be labels.*got complex128", {"t": 1j * np.ones(200)}),
        (
            DataError,
            r"`validation_data` must be a pair.*got float64",
            {"validation_data": DATA.x_train},
        ),
        (DataError, r"`validation_data` must be a pair.*got tuple", {"validation_data": (1, 2, 3)}),
        (DataError, r"at least one sample", {"x": np.zeros((0, 64)), "t": np.zeros(0, int)}),
        (
            DataError,
            r"shape \(64,\).*\(3,\)",
            {"validation_data": (np.ones((9, 3)), np.ones(9, int))},
        ),
        (
            ConfigError,
            r"`optimiser` is not a known field; did you mean `optimizer`",
            {"optimiser": 1},
        ),
        (ConfigError, r"`epochs` must be at least 1; got 0", {"epochs": 0}),
        (ConfigError, r"`layers` is given by the model", {"layers": LAYERS}),
        (ConfigError, r"`dataset` is given by the model", {"dataset": Digits()}),
        (ConfigError, r"must be mean_squared_error", {"t": np.zeros((200, 10))}),
        (ConfigError, r"needs flat samples", {"x": np.zeros((200, 8, 8, 1))}),
    ],
)
def test_what_cannot_be_trained_is_refused_in_one_sentence(
    error: type[LayerlabError], match: str, changes: dict[str, Any]
) -> None:
    arguments = {"x": DATA.x_train, "t": DATA.t_train} | changes
    with pytest.raises(error, match=match):
        Sequential(LAYERS).fit(**arguments)


def test_before_training_there_is_nothing_to_ask() -> None:
    with pytest.raises(LayerlabError, match="call `fit` first"):
        Sequential(LAYERS).predict(DATA.x_train)


def test_samples_of_another_shape_are_refused() -> None:
    with pytest.raises(DataError, match=r"shape \(N, 64\); got \(5, 3\)"):
        fitted().predict(np.ones((5, 3)))


@pytest.mark.parametrize(
    ("samples", "match"),
    [
        (np.where(np.arange(64 * 5).reshape(5, 64) == 70, np.nan, 0), "finite.*sample 2 is not"),
        (np.full((2, 64), np.inf), "finite.*sample 1 is not"),
        (np.full((2, 64), 1e300), "within what float32 holds.*sample 1 is not"),
        ([["a"] * 64], "samples must be numbers.*got <U1"),
        (1j * np.ones((2, 64)), "samples must be numbers.*got complex128"),
        ([[1.0] * 64, [1.0]], "samples must be numbers.*got rows of different lengths"),
        ([[None] * 64], "samples must be numbers.*got object"),
    ],
)
def test_what_cannot_be_predicted_is_refused_in_one_sentence(samples: Any, match: str) -> None:
    model = fitted(epochs=1)
    for ask in (model.predict, model.predict_proba, model.outputs):
        with pytest.raises(DataError, match=match):
            ask(samples)


@pytest.mark.parametrize("shape", [3, (3, "a"), (-3,), (0,), ()])
def test_a_summary_is_of_samples_of_some_shape(shape: Any) -> None:
    with pytest.raises(DataError, match="`input_shape` must be a sample's shape"):
        Sequential(LAYERS).summary(shape)


@pytest.mark.parametrize(
    ("write", "match"),
    [
        (lambda: Dense(-3), "`units` must be at least 1; got -3"),
        (lambda: Dense("many"), "`units` must be a whole number; got 'many'"),
        (lambda: Adam(lr=0), "`lr` must be greater than 0.0; got 0"),
        (lambda: Adam(rate=1), "`rate` is not a known field; known: .*lr"),
    ],
)
def test_a_part_that_is_written_wrongly_says_so_as_a_configuration_does(
    write: Any, match: str
) -> None:
    with pytest.raises(ConfigError, match=match):
        write()


def test_an_empty_stack_is_refused() -> None:
    with pytest.raises(ConfigError, match="at least 1 item"):
        Sequential([])


def test_values_by_position_are_the_fields_they_stand_for() -> None:
    assert Dense(7) == Dense(units=7)
    assert Conv2D(5, 2, stride=2) == Conv2D(filters=5, kernel=2, stride=2)
    assert Dropout(0.25) == Dropout(rate=0.25)
    with pytest.raises(TypeError, match=r"Dense takes 1 value\(s\) by position.*got 2"):
        Dense(7, 8)
    with pytest.raises(TypeError, match="units"):
        Dense(7, units=8)
