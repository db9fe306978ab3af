"""Dropout: what it silences, when, and that a seed and a step decide it."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from engine.layers import BatchNorm, Dense, Dropout, ReLU
from engine.network import Network
from engine.randomness import Use, stream
from tests.engine.build import network_of, one_layer


def masks(seed: int, step: int) -> partial[np.random.Generator]:
    return partial(stream, seed, Use.DROPOUT, step)


def outputs(network: Network, seed: int = 0, step: int = 0) -> np.ndarray:
    x = np.ones((50, 20), network.dtype)
    return network.forward(x, "training", masks=masks(seed, step)).copy()


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.5, 0.9])
def test_what_is_left_keeps_the_mean(rate: float) -> None:
    layer = one_layer(Dropout(rate=rate), (1000,))
    layer.masks = np.random.default_rng
    y = layer.forward(np.ones((500, 1000)), "training")
    assert_allclose((y == 0).mean(), rate, atol=0.005)
    assert_allclose(y.max(), 1 / (1 - rate))
    assert_allclose(y.mean(), 1, atol=0.02)


def test_gradients_pass_where_values_passed() -> None:
    layer = one_layer(Dropout(rate=0.3), (20,))
    layer.masks = np.random.default_rng
    y = layer.forward(np.ones((50, 20)), "training").copy()
    assert_array_equal(layer.backward(np.ones((50, 20))), y)


def test_inference_drops_nothing() -> None:
    network = network_of(Dropout(), shape=(20,))
    outputs(network)
    x = np.ones((3, 20))
    assert_array_equal(network.forward(x, "inference"), x)


def test_statistics_of_the_batch_alone_drop_nothing() -> None:
    """Training mode without masks is how the inspector looks at Batch Normalization."""
    x = np.ones((3, 20))
    assert_array_equal(network_of(Dropout(), shape=(20,)).forward(x, "training"), x)


def test_a_seed_and_a_step_decide_the_mask() -> None:
    network = network_of(Dropout(), shape=(20,))
    first = outputs(network, seed=3, step=7)
    outputs(network, seed=3, step=8)
    assert_array_equal(outputs(network, seed=3, step=7), first)
    assert (outputs(network, seed=3, step=8) != first).any()
    assert (outputs(network, seed=4, step=7) != first).any()


def test_each_layer_has_a_mask_of_its_own() -> None:
    twice = outputs(network_of(Dropout(), Dropout(), shape=(20,)))
    assert set(np.unique(twice)) == {0, 4}
    assert 0.2 < (twice == 4).mean() < 0.3  # one mask twice would keep half


def test_arms_of_a_comparison_share_masks_whatever_else_differs() -> None:
    def mask(*before: object, dtype: str) -> np.ndarray:
        network = network_of(*before, Dropout(), shape=(20,), dtype=dtype)  # type: ignore[arg-type]
        outputs(network)
        return network.passed.layers[-1].mask > 0  # type: ignore[attr-defined]

    plain = mask(dtype="float64")
    assert_array_equal(mask(dtype="float32"), plain)
    assert_array_equal(mask(Dense(units=20), BatchNorm(), ReLU(), dtype="float64"), plain)
