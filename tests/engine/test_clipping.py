"""Gradient clipping: by value, and by the norm of the gradient of the layers that learn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.backend import to_host
from engine.clipping import Clipping
from engine.layers import BatchNorm, Dense, ReLU
from engine.segments import trained
from tests.engine.build import network_of
from tests.engine.strict_xp import STRICT

ALL = [slice(0, 1000)]
G = np.random.default_rng(0).standard_normal(1000).astype(np.float32)


def clipped(xp: Any, g: np.ndarray, trained: list[slice] = ALL, **bounds: float) -> np.ndarray:
    with np.errstate(all="ignore"):
        return to_host(Clipping(**bounds).clipped(xp, xp.asarray(g), trained))


@pytest.mark.parametrize("xp", [np, STRICT], ids=["numpy", "device"])
@pytest.mark.parametrize("size", [1e-30, 1.0, 1e25, 1e37])
def test_the_gradient_keeps_its_direction_and_no_larger_norm(xp: Any, size: float) -> None:
    """Also where its squares overflow: it became zero then."""
    g = (size * G).astype(np.float32)
    found = clipped(xp, g, norm=2.0).astype(np.float64)
    length = np.linalg.norm(g.astype(np.float64))
    assert_allclose(found, g * min(1.0, 2.0 / length), rtol=1e-5)
    assert clipped(xp, g, norm=2.0).dtype == np.float32


def test_a_gradient_within_the_norm_stays_to_the_last_bit() -> None:
    assert_array_equal(clipped(np, G, norm=1e6), G)


@pytest.mark.parametrize("xp", [np, STRICT], ids=["numpy", "device"])
def test_frozen_layers_have_no_part_in_the_norm(xp: Any) -> None:
    frozen = G.copy()
    frozen[300:400] = 1e6
    learn = [slice(0, 300), slice(400, 1000)]
    found = clipped(xp, frozen, learn, norm=2.0)
    learning = np.concatenate([found[each] for each in learn])
    assert np.linalg.norm(learning) == pytest.approx(2.0, rel=1e-5)


def test_the_places_that_learn_are_those_of_layers_that_are_not_frozen() -> None:
    layers = (Dense(units=4), BatchNorm(lr_factor=0), ReLU(), Dense(units=2, lr_factor=0.5))
    network = network_of(*layers, Dense(units=2, lr_factor=0), shape=(3,))
    first, second = trained(network)
    assert (first, second) == (slice(0, 16), slice(24, 34))
    assert trained(network_of(Dense(units=2, lr_factor=0), shape=(3,))) == []


def test_values_are_bounded_before_the_norm_is() -> None:
    found = clipped(np, 10 * G, value=0.5, norm=1e9)
    assert_array_equal(found, np.clip(10 * G, -0.5, 0.5))


def test_nothing_learns_nothing_is_bounded() -> None:
    assert_array_equal(clipped(np, G, [], norm=0.1), G)
