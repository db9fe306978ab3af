"""What a network of one or two inputs has learned: its own decisions, in the inputs' own units."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.analyses.learned import decision_regions, fitted_curve, picture_of, points
from engine.config import RunConfig
from engine.datasets import NPZ, Circles, Diabetes, Digits, Moons, Spirals
from engine.errors import DataError
from engine.layers import Dense, ReLU
from engine.losses import MeanSquaredError
from engine.model import model_of
from engine.optimizers import Adam
from engine.scaling import ZScore
from tests.engine.build import tiny, trained

PLANAR = tiny(
    dataset=Moons(samples=200),
    scaling=ZScore(),
    layers=(Dense(units=16), ReLU(), Dense(units=2)),
    optimizer=Adam(lr=0.05),
    epochs=20,
    batch_size=20,
)


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunConfig:
    """A run that fits y = 3 x + 100, with x between 40 and 60."""
    x = np.linspace(40.0, 60.0, 100)[:, None]
    np.savez(tmp_path / "line.npz", x=x, y=3 * x + 100)
    monkeypatch.setenv("LAYERLAB_DATA_DIR", str(tmp_path))
    return tiny(
        dataset=NPZ(file="line.npz"),
        scaling=ZScore(),
        layers=(Dense(units=1),),
        loss=MeanSquaredError(),
        optimizer=Adam(lr=10.0),
        epochs=60,
    )


def test_only_one_and_two_inputs_have_a_picture(line: RunConfig) -> None:
    for planar in (Moons(), Circles(), Spirals()):
        assert picture_of(planar.info()) == "regions"
    assert picture_of(line.dataset.info()) == "curve"
    assert picture_of(Digits().info()) is None
    assert picture_of(Diabetes().info()) is None


def test_each_place_has_the_class_that_the_network_decides_for() -> None:
    data, checkpoint = PLANAR.dataset.load(), trained(PLANAR).checkpoints[-1]
    found = decision_regions(PLANAR, checkpoint, data, cells=50)
    model = model_of(PLANAR, checkpoint)
    at = model.predict([[found.x_edges[7:9].mean(), found.y_edges[30:32].mean()]])
    assert found.label[30, 7] == at[0]
    columns = np.searchsorted(found.x_edges, data.x_train[:, 0]) - 1
    rows = np.searchsorted(found.y_edges, data.x_train[:, 1]) - 1
    agree = found.label[rows, columns] == data.t_train
    assert agree.mean() > 0.95, "the moons are learned, and stand the right way up"
    assert found.probability is not None
    assert found.probability.min() >= 0.5
    assert found.probability.max() <= 1.0


def test_regions_change_over_training() -> None:
    data, (first, *_rest, last) = PLANAR.dataset.load(), trained(PLANAR).checkpoints
    before, after = (decision_regions(PLANAR, c, data) for c in (first, last))
    assert_array_equal(before.x_edges, after.x_edges)
    assert np.any(before.label != after.label)


def test_classes_have_the_names_that_the_run_remembers_and_their_numbers_else() -> None:
    data, checkpoint = PLANAR.dataset.load(), trained(PLANAR).checkpoints[-1]
    assert decision_regions(PLANAR, checkpoint, data, cells=2).names == ("0", "1")
    fresh = replace(checkpoint, data=None)
    named = replace(data, class_names=("up", "down"))
    assert decision_regions(PLANAR, fresh, named, cells=2).names == ("up", "down")
    with pytest.raises(DataError, match="tells 2 classes apart, the data set has 3"):
        decision_regions(PLANAR, fresh, replace(data, classes=3), cells=2)


def test_a_fitted_curve_is_in_the_inputs_own_units(line: RunConfig) -> None:
    data = line.dataset.load()
    curve = fitted_curve(line, trained(line).checkpoints[-1], data)
    inside = (curve.x >= 40) & (curve.x <= 60)
    assert curve.x[0] < 40 < 60 < curve.x[-1]
    assert_allclose(curve.y[inside], 3 * curve.x[inside] + 100, rtol=0.05)
    train, validation = points(data)
    assert len(train.t) + len(validation.t) == 100
    assert_allclose(train.t, 3 * train.x[:, 0] + 100)
