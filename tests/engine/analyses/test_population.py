"""Population statistics: exact, whatever the chunks; and what inspection makes of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from engine.analyses.population import (
    BatchAverages,
    Moments,
    batch_averages,
    combine,
    population_statistics,
)
from engine.layers import BatchNorm, Dense, ReLU, Tanh
from engine.network import Network
from tests.engine.build import network_of

X = np.random.default_rng(1).standard_normal((101, 5)) * [1, 2, 3, 4, 0] + [0, 1, 2, 3, 7]


def network(dtype: str = "float64") -> Network:
    layers = (
        *(BatchNorm(epsilon=1e-3), Dense(units=6), BatchNorm(variance="unbiased"), ReLU()),
        *(Dense(units=4), Tanh(), BatchNorm(momentum=0.5)),
    )
    made = network_of(*layers, shape=(5,), dtype=dtype, seed=2)
    made.layers[0].parameters["gamma"][...] = np.linspace(0.5, 1.5, 5)
    made.layers[2].parameters["beta"][...] = np.linspace(-1, 1, 6)
    return made


def directly(made: Network, x: np.ndarray) -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """All samples at once, each BN layer normalizing with their own mean and variance."""
    found = {}
    for i, layer in enumerate(made.layers):
        p = layer.parameters
        if isinstance(layer.spec, BatchNorm):
            found[i] = mean, var = x.mean(axis=0), x.var(axis=0)
            x = p["gamma"] * (x - mean) / np.sqrt(var + layer.spec.epsilon) + p["beta"]
        elif isinstance(layer.spec, Dense):
            x = x @ p["W"] + p["b"]
        else:
            x = np.tanh(x) if isinstance(layer.spec, Tanh) else np.maximum(x, 0)
    return found


@settings(max_examples=25)
@given(chunk=st.integers(1, 120))
def test_population_statistics_are_those_of_all_samples_at_once(chunk: int) -> None:
    expected = directly(network(), X)
    found = population_statistics(network(), X, chunk=chunk)
    assert found.keys() == expected.keys() == {0, 2, 6}
    for i, (mean, var) in expected.items():
        assert found[i].count == len(X)
        assert_allclose(found[i].mean, mean, rtol=1e-11, atol=1e-13)
        assert_allclose(found[i].var, var, rtol=1e-10, atol=1e-13)
        assert_allclose(found[i].unbiased_var, var * 101 / 100, rtol=1e-10, atol=1e-13)


def test_they_are_left_in_the_running_buffers_and_nothing_else_moves() -> None:
    made = network()
    w = made.w.copy()
    found = population_statistics(made, X)
    for i, moments in found.items():
        assert_allclose(made.layers[i].buffers["running_mean"], moments.mean)
        assert_allclose(made.layers[i].buffers["running_var"], moments.var)
    np.testing.assert_array_equal(made.w, w)


@given(cuts=st.lists(st.integers(1, 99), max_size=8), data=st.data())
def test_moments_of_unequal_parts_in_any_order_combine_to_those_of_the_whole(
    cuts: list[int], data: st.DataObject
) -> None:
    parts = [part for part in np.split(X, sorted(set(cuts))) if len(part)]
    shuffled = data.draw(st.permutations(parts))
    whole = combine(map(Moments.of, shuffled))
    assert whole.count == len(X)
    assert_allclose(whole.mean, X.mean(axis=0), rtol=1e-12)
    assert_allclose(whole.var, X.var(axis=0), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("chunk", [7, 1000, 10_000])
def test_a_mean_of_a_million_costs_no_digits_of_a_variance_of_one(chunk: int) -> None:
    """A difference of mean squares would keep four digits here."""
    x = np.random.default_rng(4).standard_normal((10_000, 2))
    exact = x.var(axis=0)
    shifted = x + 1e6
    parts = (Moments.of(shifted[i : i + chunk]) for i in range(0, len(x), chunk))
    assert_allclose(combine(parts).var, exact, rtol=1e-9)


def test_one_sample_has_no_unbiased_variance_but_zero() -> None:
    one = Moments.of(X[:1])
    assert_allclose(one.var, 0)
    assert_allclose(one.unbiased_var, 0)


def test_feature_maps_count_every_position() -> None:
    x: Any = np.random.default_rng(5).standard_normal((4, 3, 2, 6))
    moments = Moments.of(x)
    assert moments.count == 24
    assert_allclose(moments.mean, x.mean(axis=(0, 1, 2)))


def test_single_precision_networks_are_summed_in_double() -> None:
    found = population_statistics(network("float32"), X.astype(np.float32))
    for i, (mean, var) in directly(network(), X).items():
        assert found[i].mean.dtype == np.float64
        assert_allclose(found[i].mean, mean, rtol=1e-4, atol=1e-5)
        assert_allclose(found[i].var, var, rtol=1e-4, atol=1e-5)


def test_one_batch_of_all_samples_averages_to_the_exact_statistics() -> None:
    """Training mode on everything at once is the limit that larger batches come closer to."""
    exact = population_statistics(network(), X)
    averages = batch_averages(network(), X, batch_size=len(X))
    for i, moments in exact.items():
        assert averages[i].batches == 1
        assert_allclose(averages[i].mean, moments.mean, rtol=1e-11, atol=1e-13)
        assert_allclose(averages[i].var, moments.var, rtol=1e-10, atol=1e-13)
        assert_allclose(averages[i].unbiased_var, moments.unbiased_var, rtol=1e-10, atol=1e-13)


@settings(max_examples=25)
@given(batch_size=st.integers(1, 120))
def test_batch_averages_are_the_papers_whatever_the_batches(batch_size: int) -> None:
    """Algorithm 2 at the first layer, where the inputs of BN are the samples themselves."""
    found = batch_averages(network(), X, batch_size=batch_size)[0]
    batches = [X[start : start + batch_size] for start in range(0, len(X), batch_size)]
    squares = sum(np.square(batch - batch.mean(axis=0)).sum(axis=0) for batch in batches)
    freedom = max(len(X) - len(batches), 1)
    assert (found.count, found.batches) == (len(X), len(batches))
    assert_allclose(found.mean, X.mean(axis=0), rtol=1e-11, atol=1e-13)
    assert_allclose(found.var, squares / len(X), rtol=1e-10, atol=1e-13)
    assert_allclose(found.unbiased_var, squares / freedom, rtol=1e-10, atol=1e-13)


def test_batches_of_one_size_give_m_over_m_minus_one_times_the_mean_variance() -> None:
    found = batch_averages(network(), X[:100], batch_size=20)[0]
    variances = X[:100].reshape(5, 20, 5).var(axis=1)
    assert_allclose(found.unbiased_var, 20 / 19 * variances.mean(axis=0), rtol=1e-11, atol=1e-13)


def test_the_unbiased_average_meets_the_population_and_the_biased_one_falls_short() -> None:
    """Over many random batches of 3 and the odd one of 2, as the factor m/(m - 1) promises."""
    generator = np.random.default_rng(3)
    parts = []
    for _ in range(600):
        x = generator.permutation(X)
        parts += [Moments.of(x[start : start + 3]) for start in range(0, len(X), 3)]
    averages, population = BatchAverages.of(parts), Moments.of(X)
    varying = population.var > 0
    unbiased = averages.unbiased_var[varying] / population.unbiased_var[varying]
    biased = averages.var[varying] / population.unbiased_var[varying]
    assert_allclose(unbiased, 1, atol=0.02)
    assert (biased < 0.7).all()
