"""Paths: the optimizers' own equations, step by step, and an end where a path runs away."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.analyses.paths import FAR, optimizer_path
from engine.analyses.surfaces import SURFACES
from engine.learning_rates import StepDecay
from engine.optimizers import SGD, Adam, Momentum, OptimizerSpec
from engine.spec import family

VALLEY = SURFACES["valley"]


def test_sgd_on_the_valley_is_its_closed_form() -> None:
    """w_t = (1 - η λ)^t w_0 along each axis, with the curvatures 1/10 and 2."""
    path = optimizer_path(VALLEY, SGD(lr=0.9), start=(-7, 2), steps=30)
    t = np.arange(31)
    assert_allclose(path.points[:, 0], -7 * (1 - 0.9 / 10) ** t, rtol=1e-12)
    assert_allclose(path.points[:, 1], 2 * (1 - 0.9 * 2.0) ** t, rtol=1e-12)
    assert_allclose(path.values, path.points[:, 0] ** 2 / 20 + path.points[:, 1] ** 2)
    assert not path.diverged


def test_momentum_on_the_valley_is_its_recursion() -> None:
    path = optimizer_path(VALLEY, Momentum(lr=0.1, momentum=0.9), start=(-7, 2), steps=20)
    w, v = np.array([-7.0, 2.0]), np.zeros(2)
    for point in path.points[1:]:
        v = 0.9 * v - 0.1 * np.array([w[0] / 10, 2 * w[1]])
        w = w + v
        assert_allclose(point, w, rtol=1e-12)


@pytest.mark.parametrize("optimizer", family(OptimizerSpec))
def test_every_optimizer_walks_down_from_every_start(optimizer: Any) -> None:
    for surface in SURFACES.values():
        path = optimizer_path(surface, optimizer(lr=1e-3), start=surface.start, steps=40)
        assert path.points.shape == (41, 2)
        assert path.values[-1] < path.values[0]
        assert_array_equal(path.points[0], surface.start)


def test_a_path_that_runs_away_ends_within_reach() -> None:
    path = optimizer_path(VALLEY, SGD(lr=1.2), start=(-7, 2), steps=1_000)
    assert path.diverged
    assert len(path.points) == len(path.values) < 100
    assert np.isfinite(path.values).all()
    assert np.abs(path.points).max() < FAR


def test_a_path_that_overflows_at_once_keeps_its_start() -> None:
    path = optimizer_path(SURFACES["beale"], SGD(lr=1e300), start=(4, 4), steps=5)
    assert path.diverged
    assert_array_equal(path.points, [[4, 4]])


def test_a_schedule_is_followed() -> None:
    """After two steps the learning rate is a tenth."""
    schedule = StepDecay(every=2, gamma=0.1)
    path = optimizer_path(VALLEY, SGD(lr=0.5), start=(-7, 2), steps=4, learning_rate=schedule)
    factors = [0.95, 0.95, 0.995, 0.995]
    assert_allclose(path.points[1:, 0], -7 * np.cumprod(factors), rtol=1e-12)


def test_adam_reaches_a_minimum_of_himmelblau() -> None:
    surface = SURFACES["himmelblau"]
    path = optimizer_path(surface, Adam(lr=0.1), start=surface.start, steps=500)
    assert path.values[-1] < 1e-8
    assert min(np.hypot(*(path.points[-1] - m)) for m in np.array(surface.minima)) < 1e-4
