"""A slice through a run's loss: its values, its gradient, its directions, and walks on it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from engine.analyses.loss_slice import LossSlice, loss_slice
from engine.analyses.paths import optimizer_path
from engine.datasets import Digits
from engine.errors import DataError
from engine.evaluation import evaluate
from engine.layers import BatchNorm, Conv2D, Dense, Dropout, Flatten, PReLU, Tanh
from engine.optimizers import SGD, Adam
from engine.samples import load_samples
from tests.engine.build import network_of, plain, tiny, trained

IMAGES = Digits(train_samples=47, validation=0.05, layout="image")
LAYERS: dict[str, Any] = {
    "dense": (Dense(units=9), BatchNorm(), Tanh(), Dropout(), Dense(units=10)),
    "images": (Conv2D(filters=4), Tanh(), BatchNorm(), Flatten(), Dense(units=10)),
}


def slice_of(name: str, **options: Any) -> LossSlice:
    data = {"dataset": IMAGES} if name == "images" else {}
    config = tiny(layers=LAYERS[name], dtype="float64", **data)
    return loss_slice(config, trained(config).checkpoints[-1], **options)


@pytest.mark.parametrize("name", LAYERS)
@pytest.mark.parametrize("point", [(0.0, 0.0), (0.4, -0.3), (-1.0, 0.8)])
def test_the_projected_gradient_is_the_slope_of_the_loss(
    name: str, point: tuple[float, float]
) -> None:
    surface, (a, b), h = slice_of(name), point, 1e-5
    expected = (
        (surface.value(a + h, b) - surface.value(a - h, b)) / (2 * h),
        (surface.value(a, b + h) - surface.value(a, b - h)) / (2 * h),
    )
    assert_allclose(surface.gradient(a, b), expected, rtol=1e-6, atol=1e-8)


def test_the_centre_is_the_checkpoints_loss_in_training_mode() -> None:
    config = tiny(dtype="float64")
    checkpoint = trained(config).checkpoints[-1]
    samples = load_samples(config)
    network = network_of(*config.layers, shape=(64,))
    network.load(checkpoint)
    whole = evaluate(
        network, config.loss, samples.x_train, samples.t_train, mode="training", batch_size=47
    )
    assert_allclose(loss_slice(config, checkpoint).value(0, 0), whole.loss, rtol=1e-12)


def test_random_directions_are_as_long_as_each_filter_and_leave_the_rest() -> None:
    layers = (Conv2D(filters=4), PReLU(), BatchNorm(), Flatten(), Dense(units=10))
    config = tiny(layers=layers, dataset=IMAGES, dtype="float64")
    surface = loss_slice(config, trained(config).checkpoints[-1])
    assert not np.allclose(*surface.directions)
    for direction in surface.directions:
        for layer, place in zip(surface.network.layers, surface.network.places, strict=True):
            start = place.start
            for values in layer.parameters.values():
                part = slice(start, start + values.size)
                w, d = (v[part].reshape(-1, values.shape[-1]) for v in (surface.origin, direction))
                if values.ndim > 1:
                    assert_allclose(np.linalg.norm(d, axis=0), np.linalg.norm(w, axis=0))
                else:
                    assert not d.any()
                start += values.size


def test_the_seed_decides_the_directions() -> None:
    one, same, other = (slice_of("dense", seed=seed).directions for seed in (1, 1, 2))
    assert plain(one) == plain(same)
    assert not np.allclose(one, other)


def test_a_direction_may_lead_to_another_checkpoint() -> None:
    config = tiny(dtype="float64")
    first, middle, last = trained(config).checkpoints
    surface = loss_slice(config, last, towards=(first, middle))
    assert_allclose(surface.value(1, 0), loss_slice(config, first).value(0, 0), rtol=1e-9)
    assert_allclose(surface.value(0, 1), loss_slice(config, middle).value(0, 0), rtol=1e-9)
    for w, expected in ((last.w, (0, 0)), (first.w, (1, 0)), (middle.w, (0, 1))):
        assert_allclose(surface.coordinates(w), expected, atol=1e-9)


def test_a_checkpoint_of_another_network_is_no_direction() -> None:
    config = tiny()
    other = trained(tiny(layers=(Dense(units=10),))).checkpoints[0]
    with pytest.raises(DataError, match=r"same network.*got one of 650"):
        loss_slice(config, trained(config).checkpoints[-1], towards=(other, None))


def test_a_grid_holds_the_losses_row_by_row() -> None:
    surface = slice_of("dense")
    grid = surface.grid(np.array([-0.5, 0.0, 0.5]), np.array([0.0, 1.0]))
    assert grid.shape == (2, 3)
    assert grid[0, 1] == surface.value(0, 0)
    assert grid[1, 2] == surface.value(0.5, 1.0)


@pytest.mark.parametrize("optimizer", [SGD(lr=0.05), Adam(lr=0.05)], ids=repr)
def test_optimizers_walk_down_the_slice(optimizer: Any) -> None:
    surface = slice_of("dense")
    path = optimizer_path(surface, optimizer, start=(0.8, -0.6), steps=40)
    assert path.values[-1] < path.values[0] - 0.05
    assert path.values[-1] == surface.value(*path.points[-1])


def test_a_slice_through_weights_of_zero_is_flat_there_not_nan() -> None:
    config = tiny(layers=(Dense(units=10, init={"kind": "zeros"}),), dtype="float64")
    checkpoint = trained(config.model_copy(update={"epochs": 1})).checkpoints[0]
    checkpoint.w[...] = 0
    surface = loss_slice(config, checkpoint)
    assert_allclose(surface.value(0.7, -2.0), np.log(10))
